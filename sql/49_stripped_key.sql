-- purpose: give the identifiers that begin or end with letters the loosest key of the rest, in each way to take them off
-- reads: near_key; writes: stripped_key
--
-- Of the records that are not open only those stay whose rest an open record of the other side carries.
CREATE TABLE stripped_key AS
WITH wanted AS (
    SELECT DISTINCT facing AS side, rule, loose
    FROM near_key
    WHERE is_open AND loose <> ''
),
rest AS (
    SELECT side, facing, rule, record, is_open, 1 AS way, key_without_letters(1, plain) AS rest
    FROM near_key
    WHERE is_lettered(1, plain)
    UNION ALL
    SELECT side, facing, rule, record, is_open, 2 AS way, key_without_letters(2, plain) AS rest
    FROM near_key
    WHERE is_lettered(2, plain)
    UNION ALL
    SELECT side, facing, rule, record, is_open, 3 AS way, key_without_letters(3, plain) AS rest
    FROM near_key
    WHERE is_lettered(3, plain)
    UNION ALL
    SELECT side, facing, rule, record, is_open, 4 AS way, key_without_letters(4, plain) AS rest
    FROM near_key
    WHERE is_lettered(4, plain)
    UNION ALL
    SELECT side, facing, rule, record, is_open, 5 AS way, key_without_letters(5, plain) AS rest
    FROM near_key
    WHERE is_lettered(5, plain)
),
bare AS (
    SELECT side, facing, rule, record, is_open, way, key_look_alike(key_strip_punctuation(replace(rest, '-', ''))) AS loose
    FROM rest
),
loosened AS (
    SELECT side, facing, rule, record, is_open, way, key_without_zeros(loose) AS loose
    FROM bare
)
SELECT l.side, l.facing, l.rule, l.record, l.is_open, l.way, l.loose
FROM loosened l
LEFT JOIN wanted w ON w.side = l.side AND w.rule = l.rule AND w.loose = l.loose
WHERE l.is_open OR w.loose IS NOT NULL
