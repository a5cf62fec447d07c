-- purpose: publish one row for each account, with every extracted field
-- reads: account_result, salesforce_account; writes: accounts
CREATE VIEW accounts AS
SELECT
    r.account_id,
    r.account_name,
    r.identifier,
    r.link_key,
    r.status,
    r.reason,
    r.link_rule,
    r.customer_id,
    r.customer_count,
    r.contact_count,
    s.*
FROM salesforce_account s
JOIN account_result r ON r.account_id = s.Id
