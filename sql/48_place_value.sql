-- purpose: fold the values that could be identifiers in fields and columns that could hold them
-- reads: account_place, customer_place, customer, rule, key_step; writes: place_value
--
-- Space, case, leading zeros, decimals, punctuation and an id's check characters aside, for a number field keeps none of
-- them; with a prefix that a rule strips, and without it. Most values are digits, letters and hyphens, from which nothing
-- else comes off. Exact duplicates among the rows of the ERP are still in it. The side ids holds the customers' own ids,
-- where no rule compares them.
CREATE VIEW place_value AS
WITH placed AS (
    SELECT 'accounts' AS side, account_id, CAST(NULL AS BIGINT) AS customer_row, place, value
    FROM account_place
    WHERE is_identifier_like(value)
    UNION ALL
    SELECT 'customers' AS side, CAST(NULL AS STRING) AS account_id, customer_row, place, value
    FROM customer_place
    WHERE is_identifier_like(value)
    UNION ALL
    SELECT 'ids' AS side, CAST(NULL AS STRING) AS account_id, c.customer_row, CAST(NULL AS STRING) AS place, c.customer_id AS value
    FROM customer c
    CROSS JOIN (SELECT count(*) AS rules FROM rule WHERE is_customer_id) r
    WHERE r.rules = 0 AND is_identifier_like(c.customer_id)
),
classed AS (
    SELECT side, account_id, customer_row, place, value, is_dashed_text(value) AS is_dashed
    FROM placed
),
unspaced AS (
    SELECT side, account_id, customer_row, place, is_dashed, CASE WHEN is_dashed THEN value ELSE key_without_space(value) END AS value
    FROM classed
),
prefix AS (
    SELECT CAST(NULL AS STRING) AS prefix
    UNION
    SELECT lower(argument) AS prefix
    FROM key_step
    WHERE step = 'strip_prefix'
),
unprefixed AS (
    SELECT p.side, p.account_id, p.customer_row, p.place, p.is_dashed, substring(p.value, coalesce(length(x.prefix), 0) + 1) AS value
    FROM unspaced p
    JOIN prefix x ON x.prefix IS NULL OR substring(lower(p.value), 1, length(x.prefix)) = x.prefix
),
short AS (
    SELECT side, account_id, customer_row, place, is_dashed, key_short_salesforce_id(value) AS value
    FROM unprefixed
),
folded AS (
    SELECT side, account_id, customer_row, place, is_dashed, CASE WHEN is_dashed THEN lower(value) ELSE key_casefold(value) END AS value
    FROM short
),
whole AS (
    SELECT side, account_id, customer_row, place, is_dashed, CASE WHEN is_dashed THEN value ELSE key_without_decimal(value) END AS value
    FROM folded
),
bare AS (
    SELECT side, account_id, customer_row, place, CASE WHEN is_dashed THEN replace(value, '-', '') ELSE key_without_punctuation(value) END AS value
    FROM whole
)
SELECT side, account_id, customer_row, place, key_without_zeros(value) AS value
FROM bare
