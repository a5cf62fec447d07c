-- purpose: fold the values that could be identifiers in fields and columns that could hold them
-- reads: account_place, customer_place, customer, rule; writes: place_value
--
-- Space, case, leading zeros and decimals aside, for a number field keeps none of them. The side ids holds the customers'
-- own ids, where no rule compares them.
CREATE VIEW place_value AS
WITH placed AS (
    SELECT 'accounts' AS side, p.account_id AS record, p.place, key_without_space(p.value) AS value
    FROM account_place p
    WHERE is_identifier_like(p.value)
    UNION ALL
    SELECT 'customers' AS side, CAST(p.customer_row AS STRING) AS record, p.place, key_without_space(p.value) AS value
    FROM customer_place p
    JOIN customer c ON c.customer_row = p.customer_row
    WHERE is_identifier_like(p.value)
    UNION ALL
    SELECT 'ids' AS side, CAST(c.customer_row AS STRING) AS record, CAST(NULL AS STRING) AS place, key_without_space(c.customer_id) AS value
    FROM customer c
    CROSS JOIN (SELECT count(*) AS rules FROM rule WHERE is_customer_id) r
    WHERE r.rules = 0 AND is_identifier_like(c.customer_id)
),
folded AS (
    SELECT side, record, place, key_casefold(value) AS value
    FROM placed
),
whole AS (
    SELECT side, record, place, key_without_decimal(value) AS value
    FROM folded
)
SELECT side, record, place, key_without_zeros(value) AS value
FROM whole
