-- purpose: tell whether text is nothing but the digits and letters of ASCII, and hyphens
-- reads: none; writes: is_dashed_text
CREATE MACRO is_dashed_text(value) AS
    NOT regexp_matches(value, '[^0-9A-Za-z-]')
