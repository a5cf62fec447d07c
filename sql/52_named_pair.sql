-- purpose: name the pairs that one cause alone links, and keep the others for two causes together
-- reads: near_pair, without_cause; writes: named_pair
--
-- cause is NULL where no single one links them. What a cause does not change in a text stays as it is.
CREATE TABLE named_pair AS
WITH text_pair AS (
    SELECT rule, own, other, max(ends) AS ends
    FROM near_pair
    WHERE own <> '' AND other <> ''
    GROUP BY rule, own, other
),
based AS (
    SELECT p.rule, p.own, p.other, p.ends, coalesce(a.link_key, p.own) AS own_key, coalesce(b.link_key, p.other) AS other_key
    FROM text_pair p
    LEFT JOIN without_cause a ON a.cause = 0 AND a.rule = p.rule AND a.text = p.own
    LEFT JOIN without_cause b ON b.cause = 0 AND b.rule = p.rule AND b.text = p.other
),
taken AS (
    SELECT p.rule, p.own, p.other, a.cause, a.link_key AS own_key, coalesce(b.link_key, p.other_key) AS other_key
    FROM based p
    JOIN without_cause a ON a.rule = p.rule AND a.text = p.own
    LEFT JOIN without_cause b ON b.rule = p.rule AND b.text = p.other AND b.cause = a.cause
    WHERE a.cause > 0
    UNION ALL
    SELECT p.rule, p.own, p.other, b.cause, coalesce(a.link_key, p.own_key) AS own_key, b.link_key AS other_key
    FROM based p
    JOIN without_cause b ON b.rule = p.rule AND b.text = p.other
    LEFT JOIN without_cause a ON a.rule = p.rule AND a.text = p.own AND a.cause = b.cause
    WHERE b.cause > 0
    UNION ALL
    SELECT rule, own, other, 0 AS cause, own_key, other_key
    FROM based
    WHERE ends > 0
),
alone AS (
    SELECT rule, own, other, min(cause) AS cause
    FROM taken
    WHERE own_key = other_key AND own_key <> ''
    GROUP BY rule, own, other
)
SELECT p.rule, p.own, p.other, CASE WHEN p.own = p.other THEN 0 ELSE a.cause END AS cause
FROM text_pair p
LEFT JOIN alone a ON a.rule = p.rule AND a.own = p.own AND a.other = p.other
