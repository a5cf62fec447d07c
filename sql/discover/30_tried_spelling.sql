-- purpose: bring each spelling to each key that is tried on it, through the steps of the rules
-- reads: sampled_value, trial, blank; writes: tried_spelling
--
-- All but exact and salesforce_id begin with the five steps of standard. A blank identifier has no key.
CREATE OR REPLACE TABLE tried_spelling AS
WITH tried_column AS (
    SELECT DISTINCT 'accounts' AS side, account_field AS field, key, argument
    FROM trial
    UNION
    SELECT DISTINCT 'customers' AS side, customer_field AS field, key, argument
    FROM trial
),
wanted AS (
    SELECT DISTINCT s.value, t.key, t.argument
    FROM sampled_value s
    JOIN tried_column t ON t.side = s.side AND t.field = s.field
),
spelling AS (
    SELECT DISTINCT value
    FROM wanted
),
visible AS (
    SELECT value, key_nfkc(value) AS compatible, key_strip_invisible(value) AS folded
    FROM spelling
),
shown AS (
    SELECT value, key_strip_invisible(compatible) AS compatible, key_trim(folded) AS folded
    FROM visible
),
trimmed AS (
    SELECT value, key_trim(compatible) AS compatible, key_casefold(folded) AS folded
    FROM shown
),
collapsed AS (
    SELECT value, key_collapse_space(compatible) AS compatible, folded
    FROM trimmed
),
standard AS (
    SELECT c.value, key_casefold(c.compatible) AS standard
    FROM collapsed c
    LEFT JOIN blank b ON b.folded = c.folded
    WHERE b.folded IS NULL
),
first_step AS (
    SELECT
        w.value,
        w.key,
        w.argument,
        CASE
            WHEN w.key = 1 THEN s.value
            WHEN w.key = 3 THEN key_salesforce_id(s.value)
            WHEN w.key = 4 THEN key_strip_decimal(s.standard)
            WHEN w.key = 5 THEN key_strip_leading_zeros(s.standard)
            WHEN w.key IN (6, 7) THEN key_strip_punctuation(s.standard)
            WHEN w.key IN (8, 9) THEN key_strip_prefix(s.standard, w.argument)
            ELSE s.standard
        END AS link_key
    FROM wanted w
    JOIN standard s ON s.value = w.value
)
SELECT
    value,
    key,
    argument,
    CASE WHEN key IN (7, 9) THEN key_strip_leading_zeros(link_key) ELSE link_key END AS link_key
FROM first_step
WHERE link_key <> ''
