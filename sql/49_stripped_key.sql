-- purpose: hold the loosest keys of the open records without the letters at their ends
-- reads: rest_key; writes: stripped_key
CREATE TABLE stripped_key AS
SELECT side, facing, rule, record, is_open, rest, is_bare, loose
FROM rest_key
WHERE is_open
