-- purpose: take the identifiers of the records that a near miss may be about
-- reads: near_party, customer_identifier, account_identifier; writes: near_identifier
CREATE TABLE near_identifier AS
WITH customer AS (
    SELECT record, CASE WHEN side = 'customers' THEN CAST(record AS BIGINT) END AS customer_row
    FROM near_party
    WHERE side = 'customers'
)
SELECT 'customers' AS side, c.record, i.rule, i.identifier, i.is_blank
FROM customer_identifier i
JOIN customer c ON c.customer_row = i.customer_row
UNION ALL
SELECT p.side, p.record, i.rule, i.identifier, i.is_blank
FROM account_identifier i
JOIN near_party p ON p.record = i.account_id
WHERE p.side = 'accounts'
