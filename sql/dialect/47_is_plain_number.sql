-- purpose: tell whether a field for numbers gives text back as it is
-- reads: none; writes: is_plain_number
CREATE MACRO is_plain_number(text) AS
    regexp_matches(text, '^(0|[1-9][0-9]{0,17})$')
