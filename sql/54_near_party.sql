-- purpose: name the records that a near miss may be about, and tell whom those that are linked are linked to
-- reads: near_key, near_mention, deleted_holder, taken, party, customer_link, account_link; writes: near_party
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
),
named AS (
    SELECT
        p.side, p.record, p.id, p.name,
        CASE WHEN p.side = 'customers' THEN CAST(p.record AS BIGINT) END AS customer_row,
        CASE WHEN p.side = 'accounts' THEN p.record END AS account_id
    FROM party p
    JOIN needed n ON n.side = p.side AND n.record = p.record
)
SELECT
    n.side, n.record, n.id, n.name,
    c.customer_row IS NOT NULL OR a.account_id IS NOT NULL AS is_linked,
    coalesce(c.account_id, a.customer_id) AS holder
FROM named n
LEFT JOIN customer_link c ON c.customer_row = n.customer_row
LEFT JOIN account_link a ON a.account_id = n.account_id
