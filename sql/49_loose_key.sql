-- purpose: gather the loosest keys of every identifier
-- reads: near_key; writes: loose_key
CREATE VIEW loose_key AS
SELECT side, facing, rule, record, is_open, base, loose
FROM near_key
UNION ALL
SELECT side, facing, rule, record, is_open, base, other AS loose
FROM near_key
WHERE other IS NOT NULL
