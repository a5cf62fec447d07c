-- purpose: tell whether text is ASCII
-- reads: none; writes: is_plain_text
CREATE MACRO is_plain_text(value) AS
    strlen(value) = length(value)
