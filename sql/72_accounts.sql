-- purpose: publish one row for each account, with every extracted field
-- reads: account, account_outcome, account_link, salesforce_account; writes: accounts
CREATE VIEW accounts AS
SELECT
    a.account_id,
    a.account_name,
    o.identifier,
    o.link_key,
    o.status,
    o.reason,
    o.link_rule,
    l.customer_id,
    coalesce(l.customer_count, 0) AS customer_count,
    coalesce(l.contact_count, 0) AS contact_count,
    s.*
FROM salesforce_account s
JOIN account a ON a.account_id = s.Id
JOIN account_outcome o ON o.account_id = s.Id
LEFT JOIN account_link l ON l.account_id = s.Id
