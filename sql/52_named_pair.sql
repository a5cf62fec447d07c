-- purpose: name the pairs that one cause alone links, and keep the others for two causes together
-- reads: near_pair, without_cause; writes: named_pair
--
-- cause is NULL where no single one links them.
CREATE TABLE named_pair AS
WITH text_pair AS (
    SELECT rule, own, other, max(ends) AS ends
    FROM near_pair
    WHERE own <> '' AND other <> ''
    GROUP BY rule, own, other
),
alone AS (
    SELECT p.rule, p.own, p.other, min(a.cause) AS cause
    FROM text_pair p
    JOIN without_cause a ON a.rule = p.rule AND a.text = p.own
    JOIN without_cause b ON b.rule = p.rule AND b.text = p.other AND b.cause = a.cause
    WHERE a.link_key = b.link_key AND a.link_key <> '' AND (p.ends > 0 OR a.cause > 0)
    GROUP BY p.rule, p.own, p.other
)
SELECT p.rule, p.own, p.other, CASE WHEN p.own = p.other THEN 0 ELSE a.cause END AS cause
FROM text_pair p
LEFT JOIN alone a ON a.rule = p.rule AND a.own = p.own AND a.other = p.other
