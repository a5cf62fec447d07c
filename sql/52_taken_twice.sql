-- purpose: take a second difference out of the texts of the pairs that no single cause links
-- reads: named_pair, taken_text, cause; writes: taken_twice
CREATE TABLE taken_twice AS
WITH unnamed_text AS (
    SELECT rule, own AS text FROM named_pair WHERE cause IS NULL
    UNION
    SELECT rule, other AS text FROM named_pair WHERE cause IS NULL
),
taken_once AS (
    SELECT t.rule, t.text, c.cause, coalesce(o.value, t.text) AS value
    FROM unnamed_text t
    CROSS JOIN cause c
    LEFT JOIN taken_text o ON o.rule = t.rule AND o.text = t.text AND o.cause = c.cause
    WHERE c.is_difference
)
SELECT o.rule, o.text, is_raw_base(o.text) AS is_raw, o.cause AS earlier, c.cause AS later, key_of_cause(c.cause, o.value) AS value
FROM taken_once o
JOIN cause c ON c.cause <> o.cause
WHERE c.is_difference
