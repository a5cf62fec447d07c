-- purpose: give the identifiers that begin or end with letters the loosest key of the rest, in each way to take them off
-- reads: cut_text; writes: rest_key
--
-- As loosened_key does.
CREATE VIEW rest_key AS
WITH compatible AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_nfkc(rest) AS plain
    FROM cut_text
    WHERE NOT is_plain_text(rest)
),
visible AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_strip_invisible(plain) AS plain
    FROM compatible
    UNION ALL
    SELECT side, facing, rule, record, is_open, rest, is_bare, rest AS plain
    FROM cut_text
    WHERE is_plain_text(rest)
),
unspaced AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_without_space(plain) AS plain
    FROM visible
),
short AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_short_salesforce_id(plain) AS plain
    FROM unspaced
),
folded AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_casefold(plain) AS plain
    FROM short
),
whole AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_without_decimal(plain) AS plain
    FROM folded
),
dashless AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, plain, replace(plain, '-', '') AS loose
    FROM whole
),
bare AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, plain, key_strip_punctuation(loose) AS loose
    FROM dashless
),
shortened AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, plain, key_short_salesforce_id(loose) AS loose
    FROM bare
),
alike AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, plain, key_look_alike(loose) AS loose
    FROM shortened
),
loosened AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, plain, key_without_zeros(loose) AS loose
    FROM alike
),
zeroless AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, loose AS known, key_without_zeros(plain) AS plain
    FROM loosened
    WHERE has_digit_like(plain)
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
    SELECT side, facing, rule, record, is_open, rest, is_bare, known, key_strip_punctuation(loose) AS loose
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
