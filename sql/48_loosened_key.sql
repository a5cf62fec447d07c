-- purpose: give every identifier the loosest key there is: without any of the differences that a near miss may name
-- reads: identified, compatible_text; writes: loosened_key
--
-- Two identifiers that differ in nothing but those meet here, by equality, so no pair is ever looked at in vain. plain
-- keeps the punctuation and the zeros, value neither. Most identifiers are simple: nothing but case and zeros comes
-- off. An O or l may be a digit: leading zeros go before letters are read as digits, or after, NL0281 is n1281 or n10281.
-- Then other is another loosest key, else NULL. Decimals go after as well.
CREATE VIEW loosened_key AS
WITH classed AS (
    SELECT side, facing, rule, record, base, is_open, is_simple_text(base) AS is_simple
    FROM identified
),
compatible AS (
    SELECT c.side, c.facing, c.rule, c.record, c.base, c.is_open, c.is_simple, coalesce(t.compatible, c.base) AS plain
    FROM classed c
    LEFT JOIN compatible_text t ON t.text = c.base
),
visible AS (
    SELECT side, facing, rule, record, base, is_open, is_simple, CASE WHEN is_simple THEN plain ELSE key_strip_invisible(plain) END AS plain
    FROM compatible
),
unspaced AS (
    SELECT side, facing, rule, record, base, is_open, is_simple, CASE WHEN is_simple THEN plain ELSE key_without_space(plain) END AS plain
    FROM visible
),
short AS (
    SELECT side, facing, rule, record, base, is_open, is_simple, key_short_salesforce_id(plain) AS plain
    FROM unspaced
),
folded AS (
    SELECT side, facing, rule, record, base, is_open, is_simple, CASE WHEN is_simple THEN lower(plain) ELSE key_casefold(plain) END AS plain
    FROM short
),
whole AS (
    SELECT side, facing, rule, record, base, is_open, is_simple, CASE WHEN is_simple THEN plain ELSE key_without_decimal(plain) END AS plain
    FROM folded
),
dashless AS (
    SELECT
        side, facing, rule, record, base, is_open, is_simple, plain, key_without_zeros(plain) AS zeroless,
        CASE WHEN NOT is_simple THEN replace(plain, '-', '') END AS loose
    FROM whole
),
bare AS (
    SELECT
        side, facing, rule, record, base, is_open, plain, zeroless, key_without_punctuation(loose) AS loose,
        CASE WHEN NOT is_simple AND has_digit_like(plain) THEN key_look_alike(zeroless) END AS other
    FROM dashless
),
shortened AS (
    SELECT
        side, facing, rule, record, base, is_open, plain, coalesce(key_without_zeros(loose), zeroless) AS value,
        key_short_salesforce_id(loose) AS loose, replace(key_without_decimal(other), '-', '') AS other
    FROM bare
),
alike AS (
    SELECT side, facing, rule, record, base, is_open, plain, value, key_short_salesforce_id(key_look_alike(loose)) AS loose, key_without_punctuation(other) AS other
    FROM shortened
),
loosened AS (
    SELECT side, facing, rule, record, base, is_open, plain, value, coalesce(key_without_zeros(loose), value) AS loose, other
    FROM alike
)
SELECT side, facing, rule, record, base, is_open, plain, value, loose, nullif(other, loose) AS other
FROM loosened
