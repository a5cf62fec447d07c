-- purpose: take the difference that each cause names out of the texts of the pairs, and make a key of what is left
-- reads: near_pair, cause, key_step; writes: without_cause
--
-- A cause may undo what kept a step of the rule from its work: without its letters, CUST-00417 has leading zeros that the
-- rule strips. So the steps are taken again where a cause changed the text, and where it is no key yet: what is left of
-- an identifier without its letters, and an account's id. Cause 0 takes nothing out. The last keys stand by themselves:
-- a join that picks them by their position as well was planned as a comparison of everything with everything.
CREATE TABLE without_cause AS
WITH RECURSIVE side_text AS (
    SELECT rule, own AS text, ends > 0 OR is_account_id_like(own) AS is_raw FROM near_pair
    UNION
    SELECT rule, other AS text, ends > 0 OR is_account_id_like(other) AS is_raw FROM near_pair
),
text AS (
    SELECT rule, text, max(CASE WHEN is_raw THEN 1 ELSE 0 END) = 1 AS is_raw
    FROM side_text
    GROUP BY rule, text
),
taken AS (
    SELECT t.rule, t.text, t.is_raw, c.cause, key_of_cause(c.cause, t.text) AS value
    FROM text t
    CROSS JOIN cause c
    WHERE c.is_difference
    UNION ALL
    SELECT rule, text, is_raw, 0 AS cause, text AS value
    FROM text
    WHERE is_raw
),
keyed AS (
    SELECT DISTINCT rule, value, 0 AS position, value AS link_key
    FROM taken
    WHERE value <> '' AND (value <> text OR is_raw)
    UNION ALL
    SELECT k.rule, k.value, s.position, key_of_step(s.step, s.argument, k.link_key) AS link_key
    FROM keyed k
    JOIN key_step s ON s.rule = k.rule AND s.position = k.position + 1
),
last_step AS (
    SELECT r.rule, coalesce(max(s.position), 0) AS position
    FROM (SELECT DISTINCT rule FROM text) r
    LEFT JOIN key_step s ON s.rule = r.rule
    GROUP BY r.rule
),
last_key AS (
    SELECT k.rule, k.value, k.link_key
    FROM keyed k
    JOIN last_step l ON l.rule = k.rule AND l.position = k.position
)
SELECT
    t.rule,
    t.text,
    t.cause,
    t.value,
    CASE WHEN t.value <> t.text OR t.is_raw THEN coalesce(k.link_key, t.value) ELSE t.value END AS link_key
FROM taken t
LEFT JOIN last_key k ON k.rule = t.rule AND k.value = t.value
