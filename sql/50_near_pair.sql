-- purpose: pair each open record with those of the other side that have its loosest key, as it is or without letters
-- reads: loose_key, stripped_key, wanted_key, party; writes: near_pair
--
-- own and other are the two texts whose difference is looked for; ends counts the sides whose letters were taken off, and
-- is_raw tells texts that no step was taken on yet.
-- Both may have letters of their own, as in CUST-4711 and DE-4711. Of a key that more than twenty records carry the
-- first twenty are looked at, so that no key, however common, makes more than twenty pairs a record. The long forms of
-- two Salesforce ids differ in their check characters as well, so the short ones are looked at.
CREATE TABLE near_pair AS
WITH carrier AS (
    SELECT k.side, k.rule, k.record, k.base, k.loose, false AS is_rest, false AS is_bare
    FROM loose_key k
    JOIN wanted_key w ON w.side = k.side AND w.rule = k.rule AND w.loose = k.loose
    UNION ALL
    SELECT k.side, k.rule, k.record, k.rest AS base, k.loose, true AS is_rest, k.is_bare
    FROM stripped_key k
    JOIN wanted_key w ON w.side = k.side AND w.rule = k.rule AND w.loose = k.loose
),
counted AS (
    SELECT side, rule, record, base, loose, is_rest, is_bare, count(*) OVER (PARTITION BY side, rule, loose, is_rest) AS carriers
    FROM carrier
),
ordered AS (
    SELECT
        c.side, c.rule, c.record, c.base, c.loose, c.is_rest, c.is_bare,
        row_number() OVER (PARTITION BY c.side, c.rule, c.loose, c.is_rest ORDER BY c.base, p.id ASC NULLS LAST, p.name ASC NULLS LAST) AS position
    FROM counted c
    JOIN party p ON p.side = c.side AND p.record = c.record
    WHERE c.carriers > 20
),
looked_at AS (
    SELECT side, rule, record, base, loose, is_rest, is_bare
    FROM counted
    WHERE carriers <= 20
    UNION ALL
    SELECT side, rule, record, base, loose, is_rest, is_bare
    FROM ordered
    WHERE position <= 20
),
paired AS (
    SELECT o.side, o.rule, o.record, c.record AS candidate, o.base AS own, c.base AS other, length(o.loose) AS length, 0 AS ends
    FROM loose_key o
    JOIN looked_at c ON c.side = o.facing AND c.rule = o.rule AND c.loose = o.loose AND NOT c.is_rest
    WHERE o.is_open AND c.base <> o.base
    UNION ALL
    SELECT o.side, o.rule, o.record, c.record AS candidate, o.base AS own, c.base AS other, length(o.loose) AS length, 1 AS ends
    FROM loose_key o
    JOIN looked_at c ON c.side = o.facing AND c.rule = o.rule AND c.loose = o.loose AND c.is_rest
    WHERE o.is_open AND length(o.loose) >= 3
    UNION ALL
    SELECT o.side, o.rule, o.record, c.record AS candidate, o.rest AS own, c.base AS other, length(o.loose) AS length, 1 AS ends
    FROM stripped_key o
    JOIN looked_at c ON c.side = o.facing AND c.rule = o.rule AND c.loose = o.loose AND NOT c.is_rest
    WHERE o.is_open
    UNION ALL
    SELECT o.side, o.rule, o.record, c.record AS candidate, o.rest AS own, c.base AS other, length(o.loose) AS length, 2 AS ends
    FROM stripped_key o
    JOIN looked_at c ON c.side = o.facing AND c.rule = o.rule AND c.loose = o.loose AND c.is_rest
    WHERE o.is_open AND o.is_bare AND c.is_bare AND length(o.loose) >= 4
)
SELECT
    side,
    rule,
    record,
    candidate,
    CASE WHEN is_long_account_id(own) AND is_long_account_id(other) THEN substring(own, 1, 15) ELSE own END AS own,
    CASE WHEN is_long_account_id(own) AND is_long_account_id(other) THEN substring(other, 1, 15) ELSE other END AS other,
    length,
    ends,
    false AS is_raw
FROM paired
