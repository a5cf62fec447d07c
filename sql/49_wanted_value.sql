-- purpose: gather the keys and values by which a record that is not open may meet an open one, of either side and any rule
-- reads: near_key, wanted_key, held_value; writes: wanted_value
--
-- Its own, what is left of it without letters, and what other fields of its record hold.
CREATE TABLE wanted_value AS
WITH wanted AS (
    SELECT value FROM near_key
    UNION ALL
    SELECT loose AS value FROM wanted_key
    UNION ALL
    SELECT value FROM held_value WHERE is_open
)
SELECT DISTINCT value
FROM wanted
