-- purpose: gather the loosest keys of every identifier
-- reads: near_key, other_loose_key; writes: loose_key
CREATE VIEW loose_key AS
SELECT side, facing, rule, record, is_open, base, loose
FROM near_key
UNION ALL
SELECT side, facing, rule, record, is_open, base, loose
FROM other_loose_key
