-- purpose: tell whether text is more than digits
-- reads: none; writes: has_letters
CREATE MACRO has_letters(value) AS
    regexp_matches(value, '[^0-9]')
