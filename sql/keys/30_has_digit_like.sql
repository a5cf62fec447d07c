-- purpose: tell whether folded text has a letter that may be read as a digit, or one beyond ASCII
-- reads: none; writes: has_digit_like
CREATE MACRO has_digit_like(value) AS
    regexp_matches(value, '[oil|]|[^\x{0}-\x{7F}]')
