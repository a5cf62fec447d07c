-- purpose: count the customers, accounts and contacts of each status
-- reads: customer_outcome, account_outcome, account_link, contact; writes: accounting
CREATE TABLE accounting AS
SELECT 'customer' AS object, status, count(*) AS records
FROM customer_outcome
GROUP BY status
UNION ALL
SELECT 'account' AS object, status, count(*) AS records
FROM account_outcome
GROUP BY status
UNION ALL
SELECT
    'contact' AS object,
    CASE
        WHEN c.account_id IS NULL THEN 'no_account'
        WHEN l.account_id IS NULL THEN 'account_not_linked'
        ELSE 'published'
    END AS status,
    count(*) AS records
FROM contact c
LEFT JOIN account_link l ON l.account_id = c.account_id
GROUP BY 1, 2
