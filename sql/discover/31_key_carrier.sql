-- purpose: count the records that carry each key, for each column and each key that is tried on it
-- reads: sampled_value, trial, tried_spelling; writes: key_carrier
CREATE OR REPLACE TABLE key_carrier AS
WITH tried_column AS (
    SELECT DISTINCT 'accounts' AS side, account_field AS field, key, argument
    FROM trial
    UNION
    SELECT DISTINCT 'customers' AS side, customer_field AS field, key, argument
    FROM trial
)
SELECT
    s.side,
    s.field,
    k.key,
    k.argument,
    k.link_key,
    CAST(sum(s.records) AS BIGINT) AS records,
    count(*) AS spellings,
    min(s.value) AS spelling
FROM sampled_value s
JOIN tried_column t ON t.side = s.side AND t.field = s.field
JOIN tried_spelling k ON k.value = s.value AND k.key = t.key AND k.argument IS NOT DISTINCT FROM t.argument
GROUP BY s.side, s.field, k.key, k.argument, k.link_key
