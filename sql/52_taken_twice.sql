-- purpose: take a second difference out of the texts of the pairs that no single cause links
-- reads: named_pair, taken_text, cause; writes: taken_twice
CREATE TABLE taken_twice AS
WITH unnamed_text AS (
    SELECT rule, own AS text FROM named_pair WHERE cause IS NULL
    UNION
    SELECT rule, other AS text FROM named_pair WHERE cause IS NULL
)
SELECT o.rule, o.text, is_account_id_like(o.text) AS is_raw, o.cause AS earlier, c.cause AS later, key_of_cause(c.cause, o.value) AS value
FROM taken_text o
JOIN unnamed_text t ON t.rule = o.rule AND t.text = o.text
JOIN cause c ON c.cause <> o.cause
WHERE o.cause > 0 AND c.is_difference
