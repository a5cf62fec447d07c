-- purpose: put together what is published of each account
-- reads: account, account_outcome, account_link; writes: account_result
CREATE TABLE account_result AS
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
    coalesce(l.contact_count, 0) AS contact_count
FROM account a
JOIN account_outcome o ON o.account_id = a.account_id
LEFT JOIN account_link l ON l.account_id = a.account_id
