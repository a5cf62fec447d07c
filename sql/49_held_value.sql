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
    SELECT p.side, p.account_id, p.customer_row, p.place, p.value, a.account_id IS NOT NULL AS is_open
    FROM place_value p
    LEFT JOIN open_account a ON a.account_id = p.account_id
    WHERE p.side = 'accounts'
    UNION ALL
    SELECT p.side, p.account_id, p.customer_row, p.place, p.value, c.customer_row IS NOT NULL AS is_open
    FROM place_value p
    LEFT JOIN open_customer c ON c.customer_row = p.customer_row
    WHERE p.side = 'customers'
)
SELECT side, coalesce(account_id, CAST(customer_row AS STRING)) AS record, place, value, is_open
FROM held
WHERE is_open OR value IN (SELECT value FROM token)
