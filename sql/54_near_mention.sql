-- purpose: gather the records of both sides that are one of a pair, or whose identifier stands in another place
-- reads: near_pair, other_place; writes: near_mention
CREATE VIEW near_mention AS
WITH pair AS (
    SELECT side, record, candidate
    FROM near_pair
    UNION ALL
    SELECT side, record, candidate
    FROM other_place
)
SELECT side, record
FROM pair
UNION ALL
SELECT CASE WHEN side = 'accounts' THEN 'customers' ELSE 'accounts' END AS side, candidate AS record
FROM pair
