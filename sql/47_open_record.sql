-- purpose: find the records that a near miss is looked for: not linked, not refused, nobody has their link
-- reads: not_linked, taken; writes: open_record
--
-- A customer without any identifier is left out. Such an account stays, for its identifier may stand in another field.
CREATE TABLE open_record AS
WITH unlinked AS (
    SELECT
        side,
        record,
        min(CASE WHEN is_blank THEN 1 ELSE 0 END) = 1 AS is_blank,
        max(CASE WHEN is_refused THEN 1 ELSE 0 END) = 1 AS is_refused
    FROM not_linked
    GROUP BY side, record
)
SELECT u.side, u.record, u.is_blank
FROM unlinked u
LEFT JOIN taken t ON t.side = u.side AND t.record = u.record
WHERE t.record IS NULL AND NOT u.is_refused AND (u.side = 'accounts' OR NOT u.is_blank)
