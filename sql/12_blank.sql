-- purpose: fold the configured blank spellings as the identifiers are folded before they are compared with them
-- reads: blank_identifier; writes: blank
CREATE TABLE blank AS
SELECT DISTINCT key_casefold(key_trim(key_strip_invisible(identifier))) AS folded
FROM blank_identifier
