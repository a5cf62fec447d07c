-- purpose: take a second difference out of the texts of the pairs that no single cause links
-- reads: named_pair, taken_text, cause; writes: taken_twice
CREATE TABLE taken_twice AS
WITH unnamed_text AS (
    SELECT rule, own AS text FROM named_pair WHERE cause IS NULL
    UNION
    SELECT rule, other AS text FROM named_pair WHERE cause IS NULL
),
taken_once AS (
    SELECT t.rule, t.text, r.text IS NOT NULL AS is_raw, c.cause, coalesce(o.value, t.text) AS value
    FROM unnamed_text t
    CROSS JOIN cause c
    LEFT JOIN taken_text r ON r.rule = t.rule AND r.text = t.text AND r.cause = 0
    LEFT JOIN taken_text o ON o.rule = t.rule AND o.text = t.text AND o.cause = c.cause
    WHERE c.is_difference
)
SELECT o.rule, o.text, o.is_raw, o.cause AS earlier, c.cause AS later, key_of_cause(c.cause, o.value) AS value
FROM taken_once o
JOIN cause c ON c.cause <> o.cause
WHERE c.is_difference
