-- purpose: give the identifiers that begin or end with letters the loosest key of the rest, in each way to take them off
-- reads: cut_text; writes: rest_key
--
-- As loosened_key does.
CREATE VIEW rest_key AS
WITH classed AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple_text(rest) AS is_simple, is_plain_text(rest) AS is_plain
    FROM cut_text
),
compatible AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, key_nfkc(rest) AS plain
    FROM classed
    WHERE NOT is_plain
    UNION ALL
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, rest AS plain
    FROM classed
    WHERE is_plain
),
visible AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, CASE WHEN is_simple THEN plain ELSE key_strip_invisible(plain) END AS plain
    FROM compatible
),
unspaced AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, CASE WHEN is_simple THEN plain ELSE key_without_space(plain) END AS plain
    FROM visible
),
short AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, key_short_salesforce_id(plain) AS plain
    FROM unspaced
),
folded AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, CASE WHEN is_simple THEN lower(plain) ELSE key_casefold(plain) END AS plain
    FROM short
),
whole AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, CASE WHEN is_simple THEN plain ELSE key_without_decimal(plain) END AS plain
    FROM folded
),
dashless AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, plain, CASE WHEN is_simple THEN plain ELSE replace(plain, '-', '') END AS loose
    FROM whole
),
bare AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, plain, CASE WHEN is_simple THEN loose ELSE key_without_punctuation(loose) END AS loose
    FROM dashless
),
shortened AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, plain, CASE WHEN is_simple THEN loose ELSE key_short_salesforce_id(loose) END AS loose
    FROM bare
),
alike AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, plain, CASE WHEN is_simple THEN loose ELSE key_short_salesforce_id(key_look_alike(loose)) END AS loose
    FROM shortened
),
loosened AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, is_simple, plain, key_without_zeros(loose) AS loose
    FROM alike
),
zeroless AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, loose AS known, key_without_zeros(plain) AS plain
    FROM loosened
    WHERE NOT is_simple AND has_digit_like(plain)
),
other_alike AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, known, key_look_alike(plain) AS plain
    FROM zeroless
),
other_whole AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, known, replace(key_without_decimal(plain), '-', '') AS loose
    FROM other_alike
),
other AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, known, key_without_punctuation(loose) AS loose
    FROM other_whole
),
either AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, loose
    FROM loosened
    UNION ALL
    SELECT side, facing, rule, record, is_open, rest, is_bare, loose
    FROM other
    WHERE loose <> known
)
SELECT side, facing, rule, record, is_open, rest, is_bare, loose
FROM either
WHERE length(loose) >= 3
