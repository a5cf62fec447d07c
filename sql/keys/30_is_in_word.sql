-- purpose: tell whether a character is a letter or a digit
-- reads: none; writes: is_in_word
CREATE MACRO is_in_word(value) AS
    regexp_matches(value, '^[\p{L}\p{N}]$')
