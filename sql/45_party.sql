-- purpose: name every record of either side alike: customers, accounts, and the accounts in the recycle bin
-- reads: customer, account, deleted_account; writes: party
CREATE VIEW party AS
SELECT 'customers' AS side, CAST(customer_row AS STRING) AS record, customer_id AS id, customer_name AS name
FROM customer
UNION ALL
SELECT 'accounts' AS side, account_id AS record, account_id AS id, account_name AS name
FROM account
UNION ALL
SELECT 'deleted' AS side, account_id AS record, account_id AS id, account_name AS name
FROM deleted_account
