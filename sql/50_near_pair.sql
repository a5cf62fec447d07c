-- purpose: pair each open record with those of the other side that have its loosest key, as it is or without letters
-- reads: near_key, stripped_key, party; writes: near_pair
--
-- own and other are the two texts whose difference is looked for. Of a key that more than twenty records carry the
-- first twenty are looked at, so that no key, however common, makes more than twenty pairs a record.
CREATE TABLE near_pair AS
WITH wanted AS (
    SELECT DISTINCT facing AS side, rule, loose
    FROM near_key
    WHERE is_open AND loose <> ''
),
wanted_rest AS (
    SELECT DISTINCT facing AS side, rule, loose
    FROM stripped_key
    WHERE is_open AND length(loose) >= 3
),
whole AS (
    SELECT
        k.side,
        k.rule,
        k.record,
        k.base,
        k.loose,
        row_number() OVER (PARTITION BY k.side, k.rule, k.loose ORDER BY k.base, p.id ASC NULLS LAST, p.name ASC NULLS LAST) AS position
    FROM near_key k
    JOIN (SELECT side, rule, loose FROM wanted UNION SELECT side, rule, loose FROM wanted_rest) w
        ON w.side = k.side AND w.rule = k.rule AND w.loose = k.loose
    JOIN party p ON p.side = k.side AND p.record = k.record
),
rest AS (
    SELECT
        k.side,
        k.rule,
        k.record,
        key_without_letters(k.way, b.base) AS base,
        k.loose,
        row_number() OVER (PARTITION BY k.side, k.rule, k.loose ORDER BY b.base, k.way, p.id ASC NULLS LAST, p.name ASC NULLS LAST) AS position
    FROM stripped_key k
    JOIN wanted w ON w.side = k.side AND w.rule = k.rule AND w.loose = k.loose
    JOIN near_key b ON b.side = k.side AND b.rule = k.rule AND b.record = k.record
    JOIN party p ON p.side = k.side AND p.record = k.record
)
SELECT o.side, o.rule, o.record, c.record AS candidate, o.base AS own, c.base AS other, length(o.loose) AS length, false AS is_stripped
FROM near_key o
JOIN whole c ON c.side = o.facing AND c.rule = o.rule AND c.loose = o.loose
WHERE o.is_open AND c.position <= 20 AND c.base <> o.base
UNION ALL
SELECT o.side, o.rule, o.record, c.record AS candidate, o.base AS own, c.base AS other, length(o.loose) AS length, true AS is_stripped
FROM near_key o
JOIN rest c ON c.side = o.facing AND c.rule = o.rule AND c.loose = o.loose
WHERE o.is_open AND c.position <= 20 AND length(o.loose) >= 3
UNION ALL
SELECT
    o.side,
    o.rule,
    o.record,
    c.record AS candidate,
    key_without_letters(o.way, b.base) AS own,
    c.base AS other,
    length(o.loose) AS length,
    true AS is_stripped
FROM stripped_key o
JOIN near_key b ON b.side = o.side AND b.rule = o.rule AND b.record = o.record
JOIN whole c ON c.side = o.facing AND c.rule = o.rule AND c.loose = o.loose
WHERE o.is_open AND c.position <= 20 AND length(o.loose) >= 3
