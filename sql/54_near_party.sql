-- purpose: name the records that a near miss may be about
-- reads: near_key, near_pair, other_place, deleted_holder, taken, party; writes: near_party
CREATE TABLE near_party AS
WITH facing AS (
    SELECT 'accounts' AS side, 'customers' AS facing
    UNION ALL
    SELECT 'customers' AS side, 'accounts' AS facing
),
mentioned AS (
    SELECT side, record
    FROM near_key
    WHERE is_open
    UNION ALL
    SELECT f.facing AS side, n.candidate AS record
    FROM near_pair n
    JOIN facing f ON f.side = n.side
    UNION ALL
    SELECT side, record
    FROM other_place
    UNION ALL
    SELECT f.facing AS side, n.candidate AS record
    FROM other_place n
    JOIN facing f ON f.side = n.side
    UNION ALL
    SELECT 'customers' AS side, record
    FROM deleted_holder
    UNION ALL
    SELECT 'deleted' AS side, account_id AS record
    FROM deleted_holder
    UNION ALL
    SELECT 'accounts' AS side, survivor_id AS record
    FROM deleted_holder
    WHERE survivor_id IS NOT NULL
    UNION ALL
    SELECT side, record
    FROM taken
    UNION ALL
    SELECT f.facing AS side, t.candidate AS record
    FROM taken t
    JOIN facing f ON f.side = t.side
),
needed AS (
    SELECT DISTINCT side, record
    FROM mentioned
)
SELECT p.side, p.record, p.id, p.name
FROM party p
JOIN needed n ON n.side = p.side AND n.record = p.record
