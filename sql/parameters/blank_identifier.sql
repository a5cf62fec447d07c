-- purpose: hold the spellings of "no identifier" as they are configured
-- reads: none; writes: blank_identifier
CREATE TABLE blank_identifier (
    identifier STRING
)
