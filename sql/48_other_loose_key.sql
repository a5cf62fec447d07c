-- purpose: give an identifier whose O or l may be a digit another loosest key
-- reads: near_key; writes: other_loose_key
--
-- Leading zeros go before letters are read as digits, or after: NL0281 is n1281 or n10281. Decimals go after as well.
CREATE TABLE other_loose_key AS
WITH other AS (
    SELECT side, facing, rule, record, is_open, base, loose AS known, value AS plain
    FROM near_key
    WHERE has_digit_like(plain)
),
alike AS (
    SELECT side, facing, rule, record, is_open, base, known, key_look_alike(plain) AS plain
    FROM other
),
whole AS (
    SELECT side, facing, rule, record, is_open, base, known, replace(key_without_decimal(plain), '-', '') AS loose
    FROM alike
),
bare AS (
    SELECT side, facing, rule, record, is_open, base, known, key_strip_punctuation(loose) AS loose
    FROM whole
)
SELECT side, facing, rule, record, is_open, base, loose
FROM bare
WHERE loose <> known
