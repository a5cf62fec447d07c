-- purpose: add what is left without letters of the records that are not open, where an open one may meet it
-- reads: rest_key, wanted_key; writes: stripped_key
INSERT INTO stripped_key
SELECT r.side, r.facing, r.rule, r.record, r.is_open, r.rest, r.is_bare, r.loose
FROM rest_key r
JOIN wanted_key w ON w.side = r.side AND w.rule = r.rule AND w.loose = r.loose
WHERE NOT r.is_open AND w.may_be_rest
