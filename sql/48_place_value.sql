-- purpose: fold the values that could be identifiers in fields and columns that could hold them
-- reads: account_place, customer_place, customer, rule, key_step; writes: place_value
--
-- Space, case, leading zeros, decimals and punctuation aside, for a number field keeps none of them; with a prefix that a
-- rule strips, and without it. Exact duplicates among the rows of the ERP are still in it. The side ids holds the
-- customers' own ids, where no rule compares them.
CREATE VIEW place_value AS
WITH placed AS (
    SELECT 'accounts' AS side, account_id, CAST(NULL AS BIGINT) AS customer_row, place, key_without_space(value) AS value
    FROM account_place
    WHERE is_identifier_like(value)
    UNION ALL
    SELECT 'customers' AS side, CAST(NULL AS STRING) AS account_id, customer_row, place, key_without_space(value) AS value
    FROM customer_place
    WHERE is_identifier_like(value)
    UNION ALL
    SELECT 'ids' AS side, CAST(NULL AS STRING) AS account_id, c.customer_row, CAST(NULL AS STRING) AS place, key_without_space(c.customer_id) AS value
    FROM customer c
    CROSS JOIN (SELECT count(*) AS rules FROM rule WHERE is_customer_id) r
    WHERE r.rules = 0 AND is_identifier_like(c.customer_id)
),
prefix AS (
    SELECT CAST(NULL AS STRING) AS prefix
    UNION
    SELECT lower(argument) AS prefix
    FROM key_step
    WHERE step = 'strip_prefix'
),
unprefixed AS (
    SELECT p.side, p.account_id, p.customer_row, p.place, substring(p.value, coalesce(length(x.prefix), 0) + 1) AS value
    FROM placed p
    JOIN prefix x ON x.prefix IS NULL OR substring(lower(p.value), 1, length(x.prefix)) = x.prefix
),
folded AS (
    SELECT side, account_id, customer_row, place, key_casefold(value) AS value
    FROM unprefixed
),
whole AS (
    SELECT side, account_id, customer_row, place, key_without_decimal(value) AS value
    FROM folded
),
bare AS (
    SELECT side, account_id, customer_row, place, key_without_punctuation(value) AS value
    FROM whole
)
SELECT side, account_id, customer_row, place, key_without_zeros(value) AS value
FROM bare
