-- purpose: name the step that collapsed the spellings of a collision: the first after which all of them are one value
-- reads: conflict, account_identifier, customer_identifier, key_step; writes: collision_step
--
-- The steps are taken again, one by one, for the spellings of the colliding keys only.
CREATE TABLE collision_step AS
WITH RECURSIVE spelling AS (
    SELECT DISTINCT
        c.side,
        c.rule,
        c.link_key,
        0 AS position,
        i.identifier AS value
    FROM conflict c
    JOIN customer_identifier i ON i.rule = c.rule AND i.link_key = c.link_key
    WHERE c.is_collision AND c.side = 'customers'
    UNION ALL
    SELECT DISTINCT
        c.side,
        c.rule,
        c.link_key,
        0 AS position,
        i.identifier AS value
    FROM conflict c
    JOIN account_identifier i ON i.rule = c.rule AND i.link_key = c.link_key
    WHERE c.is_collision AND c.side = 'accounts'
),
progress AS (
    SELECT side, rule, link_key, position, value
    FROM spelling
    UNION ALL
    SELECT
        p.side,
        p.rule,
        p.link_key,
        s.position,
        key_of_step(s.step, s.argument, p.value) AS value
    FROM progress p
    JOIN key_step s ON s.rule = p.rule AND s.position = p.position + 1
),
collapsed AS (
    SELECT side, rule, link_key, position
    FROM progress
    GROUP BY side, rule, link_key, position
    HAVING min(value) = max(value)
),
first_collapsed AS (
    SELECT side, rule, link_key, min(position) AS position
    FROM collapsed
    GROUP BY side, rule, link_key
)
SELECT
    f.side,
    f.rule,
    f.link_key,
    s.step || CASE WHEN s.argument IS NULL THEN '' ELSE ':' || s.argument END AS step
FROM first_collapsed f
JOIN key_step s ON s.rule = f.rule AND s.position = f.position
