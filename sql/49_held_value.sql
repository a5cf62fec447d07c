-- purpose: hold what stands in other fields of open records, and where their identifiers stand in fields of others
-- reads: place_value, near_key, open_record; writes: held_value
CREATE TABLE held_value AS
WITH open_account AS (
    SELECT record AS account_id
    FROM open_record
    WHERE side = 'accounts'
),
open_customer AS (
    SELECT CASE WHEN side = 'customers' THEN CAST(record AS BIGINT) END AS customer_row
    FROM open_record
    WHERE side = 'customers'
),
token AS (
    SELECT value FROM near_key
    UNION
    SELECT value FROM place_value WHERE side = 'ids'
),
held AS (
    SELECT side, account_id, customer_row, place, value, account_id IN (SELECT account_id FROM open_account) AS is_open
    FROM place_value
    WHERE side = 'accounts'
    UNION ALL
    SELECT side, account_id, customer_row, place, value, customer_row IN (SELECT customer_row FROM open_customer) AS is_open
    FROM place_value
    WHERE side = 'customers'
)
SELECT side, coalesce(account_id, CAST(customer_row AS STRING)) AS record, place, value, is_open
FROM held
WHERE is_open OR value IN (SELECT value FROM token)
