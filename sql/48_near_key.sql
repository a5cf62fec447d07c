-- purpose: hold the loosest keys of the open records
-- reads: loosened_key; writes: near_key
--
-- digits are those of the records that are not open, where something stands around them.
CREATE TABLE near_key AS
SELECT side, facing, rule, record, is_open, base, plain, value, loose, other, CAST(NULL AS STRING) AS digits
FROM loosened_key
WHERE is_open
