-- purpose: measure each column under each key by itself: how many records have one, how many keys, how many collide
-- reads: key_carrier; writes: side_measure
CREATE OR REPLACE TABLE side_measure AS
SELECT
    side,
    field,
    key,
    argument,
    CAST(sum(records) AS BIGINT) AS filled,
    count(*) AS keys,
    CAST(sum(CASE WHEN spellings > 1 THEN records ELSE 0 END) AS BIGINT) AS collided
FROM key_carrier
GROUP BY side, field, key, argument
