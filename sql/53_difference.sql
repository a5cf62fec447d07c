-- purpose: name the smallest difference between two texts of a pair: one cause, or two that only together link them
-- reads: named_pair, taken_twice, keyed_text; writes: difference
--
-- Two causes are tried in either order, for one may undo what hides the other, and the steps are taken again after them.
-- first_cause 0 is no difference at all, which is enough where letters were taken off: then a prefix is all there is.
CREATE TABLE difference AS
WITH twice AS (
    SELECT t.rule, t.text, t.earlier, t.later, CASE WHEN t.value <> t.text OR t.is_raw THEN coalesce(k.link_key, t.value) ELSE t.value END AS link_key
    FROM taken_twice t
    LEFT JOIN keyed_text k ON k.rule = t.rule AND k.text = t.value
),
together AS (
    SELECT p.rule, p.own, p.other, min(least(a.earlier, a.later) * 100 + greatest(a.earlier, a.later)) AS causes
    FROM named_pair p
    JOIN twice a ON a.rule = p.rule AND a.text = p.own
    JOIN twice b ON b.rule = p.rule AND b.text = p.other AND b.earlier = a.earlier AND b.later = a.later
    WHERE p.cause IS NULL AND a.link_key = b.link_key AND a.link_key <> ''
    GROUP BY p.rule, p.own, p.other
)
SELECT rule, own, other, cause AS first_cause, 0 AS second_cause
FROM named_pair
WHERE cause IS NOT NULL
UNION ALL
SELECT rule, own, other, CAST(floor(causes / 100) AS INTEGER) AS first_cause, causes % 100 AS second_cause
FROM together
