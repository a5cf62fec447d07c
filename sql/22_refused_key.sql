-- purpose: refuse the keys in conflict: they link nobody, and every record that carries one, on either side, says why
-- reads: conflict, collision_step; writes: refused_key
--
-- A collision comes before a duplicate, and the customers' conflict before the accounts'.
CREATE TABLE refused_key AS
WITH ranked AS (
    SELECT
        c.rule,
        c.link_key,
        CASE WHEN c.is_collision THEN 'key_collision' ELSE 'duplicate_identifier' END AS status,
        CASE WHEN c.is_collision THEN s.step ELSE c.side END AS reason,
        row_number() OVER (
            PARTITION BY c.rule, c.link_key
            ORDER BY
                CASE WHEN c.is_collision THEN 0 ELSE 1 END,
                CASE c.side WHEN 'customers' THEN 0 ELSE 1 END
        ) AS precedence
    FROM conflict c
    LEFT JOIN collision_step s ON s.side = c.side AND s.rule = c.rule AND s.link_key = c.link_key
)
SELECT rule, link_key, status, reason
FROM ranked
WHERE precedence = 1
