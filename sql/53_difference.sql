-- purpose: name the smallest difference between two texts of a pair: one cause, or two that only together link them
-- reads: named_pair, without_cause, cause, key_step; writes: difference
--
-- Two causes are tried in either order, for one may undo what hides the other, and the steps are taken again after them.
-- first_cause 0 is no difference at all, which is enough where letters were taken off: then a prefix is all there is.
CREATE TABLE difference AS
WITH RECURSIVE unnamed AS (
    SELECT rule, own, other
    FROM named_pair
    WHERE cause IS NULL
),
unnamed_text AS (
    SELECT rule, own AS text FROM unnamed
    UNION
    SELECT rule, other AS text FROM unnamed
),
taken AS (
    SELECT o.rule, o.text, o.cause AS earlier, c.cause AS later, key_of_cause(c.cause, o.value) AS value
    FROM without_cause o
    JOIN unnamed_text t ON t.rule = o.rule AND t.text = o.text
    JOIN cause c ON c.cause <> o.cause
    WHERE o.cause > 0 AND c.is_difference
),
keyed AS (
    SELECT DISTINCT rule, value, 0 AS position, value AS link_key
    FROM taken
    WHERE value <> '' AND value <> text
    UNION ALL
    SELECT k.rule, k.value, s.position, key_of_step(s.step, s.argument, k.link_key) AS link_key
    FROM keyed k
    JOIN key_step s ON s.rule = k.rule AND s.position = k.position + 1
),
last_step AS (
    SELECT r.rule, coalesce(max(s.position), 0) AS position
    FROM (SELECT DISTINCT rule FROM unnamed) r
    LEFT JOIN key_step s ON s.rule = r.rule
    GROUP BY r.rule
),
last_key AS (
    SELECT k.rule, k.value, k.link_key
    FROM keyed k
    JOIN last_step l ON l.rule = k.rule AND l.position = k.position
),
twice AS (
    SELECT t.rule, t.text, t.earlier, t.later, CASE WHEN t.value <> t.text THEN coalesce(k.link_key, t.value) ELSE t.value END AS link_key
    FROM taken t
    LEFT JOIN last_key k ON k.rule = t.rule AND k.value = t.value
),
together AS (
    SELECT p.rule, p.own, p.other, min(least(a.earlier, a.later) * 100 + greatest(a.earlier, a.later)) AS causes
    FROM unnamed p
    JOIN twice a ON a.rule = p.rule AND a.text = p.own
    JOIN twice b ON b.rule = p.rule AND b.text = p.other AND b.earlier = a.earlier AND b.later = a.later
    WHERE a.link_key = b.link_key AND a.link_key <> ''
    GROUP BY p.rule, p.own, p.other
)
SELECT rule, own, other, cause AS first_cause, 0 AS second_cause
FROM named_pair
WHERE cause IS NOT NULL
UNION ALL
SELECT rule, own, other, CAST(floor(causes / 100) AS INTEGER) AS first_cause, causes % 100 AS second_cause
FROM together
