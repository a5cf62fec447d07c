-- purpose: gather the keys by which an open record can be met: its own, and that of what is left without its letters
-- reads: loose_key, stripped_key; writes: wanted_key
--
-- side is the one that is to be met. may_be_rest tells the keys that what is left of the other may equal as well.
CREATE TABLE wanted_key AS
WITH wanted AS (
    SELECT facing AS side, rule, loose, CASE WHEN length(loose) >= 3 THEN 1 ELSE 0 END AS may_be_rest
    FROM loose_key
    WHERE is_open AND loose <> ''
    UNION ALL
    SELECT facing AS side, rule, loose, CASE WHEN is_bare AND length(loose) >= 4 THEN 1 ELSE 0 END AS may_be_rest
    FROM stripped_key
    WHERE is_open
)
SELECT side, rule, loose, max(may_be_rest) = 1 AS may_be_rest
FROM wanted
GROUP BY side, rule, loose
