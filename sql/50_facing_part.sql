-- purpose: add what is left without letters of the identifiers that are not open
-- reads: cut_identifier; writes: cut_text
INSERT INTO cut_text
SELECT side, facing, rule, record, is_open, rest, is_bare
FROM cut_identifier
WHERE NOT is_open
