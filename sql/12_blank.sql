-- purpose: fold the configured blank spellings as the identifiers are folded before they are compared with them
-- reads: blank_identifier; writes: blank
CREATE TABLE blank AS
SELECT DISTINCT key_casefold(trimmed) AS folded
FROM (
    SELECT key_trim(visible) AS trimmed
    FROM (
        SELECT key_strip_invisible(identifier) AS visible
        FROM blank_identifier
    ) AS without_invisible
) AS without_space
