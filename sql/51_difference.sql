-- purpose: name the smallest difference between two texts of a pair: one cause, or two that only together link them
-- reads: near_pair, cause; writes: difference
--
-- first_cause 0 is no difference at all, which is enough where letters were taken off: then a prefix is all there is.
CREATE TABLE difference AS
WITH text_pair AS (
    SELECT DISTINCT own, other
    FROM near_pair
    WHERE own <> '' AND other <> ''
),
text AS (
    SELECT own AS text FROM text_pair
    UNION
    SELECT other AS text FROM text_pair
),
once AS (
    SELECT t.text, c.cause, key_of_cause(c.cause, t.text) AS value
    FROM text t
    CROSS JOIN cause c
    WHERE c.is_difference
),
alone AS (
    SELECT p.own, p.other, min(a.cause) AS cause
    FROM text_pair p
    JOIN once a ON a.text = p.own
    JOIN once b ON b.text = p.other AND b.cause = a.cause
    WHERE a.value = b.value AND a.value <> ''
    GROUP BY p.own, p.other
),
unnamed AS (
    SELECT p.own, p.other
    FROM text_pair p
    LEFT JOIN alone a ON a.own = p.own AND a.other = p.other
    WHERE a.cause IS NULL AND p.own <> p.other
),
unnamed_text AS (
    SELECT own AS text FROM unnamed
    UNION
    SELECT other AS text FROM unnamed
),
twice AS (
    SELECT o.text, o.cause * 100 + c.cause AS causes, key_of_cause(c.cause, o.value) AS value
    FROM once o
    JOIN unnamed_text t ON t.text = o.text
    JOIN cause c ON c.cause > o.cause
    WHERE c.is_difference
),
together AS (
    SELECT p.own, p.other, min(a.causes) AS causes
    FROM unnamed p
    JOIN twice a ON a.text = p.own
    JOIN twice b ON b.text = p.other AND b.causes = a.causes
    WHERE a.value = b.value AND a.value <> ''
    GROUP BY p.own, p.other
)
SELECT own, other, 0 AS first_cause, 0 AS second_cause
FROM text_pair
WHERE own = other
UNION ALL
SELECT own, other, cause AS first_cause, 0 AS second_cause
FROM alone
WHERE own <> other
UNION ALL
SELECT own, other, CAST(floor(causes / 100) AS INTEGER) AS first_cause, causes % 100 AS second_cause
FROM together
