-- purpose: hold what is left of the open records' identifiers without the letters at their ends
-- reads: cut_identifier; writes: cut_text
CREATE TABLE cut_text AS
SELECT side, facing, rule, record, is_open, rest, is_bare
FROM cut_identifier
WHERE is_open
