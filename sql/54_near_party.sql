-- purpose: name the records that a near miss may be about
-- reads: near_key, near_mention, deleted_holder, taken, party; writes: near_party
CREATE TABLE near_party AS
WITH mentioned AS (
    SELECT side, record
    FROM near_key
    WHERE is_open
    UNION ALL
    SELECT side, record
    FROM near_mention
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
    SELECT CASE WHEN side = 'accounts' THEN 'customers' ELSE 'accounts' END AS side, candidate AS record
    FROM taken
),
needed AS (
    SELECT DISTINCT side, record
    FROM mentioned
)
SELECT p.side, p.record, p.id, p.name
FROM party p
JOIN needed n ON n.side = p.side AND n.record = p.record
