-- purpose: count the records of each side
-- reads: salesforce_account, customer; writes: side_size
CREATE TABLE side_size AS
SELECT 'accounts' AS side, count(*) AS records
FROM salesforce_account
UNION ALL
SELECT 'customers' AS side, count(*) AS records
FROM customer
