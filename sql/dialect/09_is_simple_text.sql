-- purpose: tell whether text is nothing but the digits and letters of ASCII that look like no other: no O, I or l
-- reads: none; writes: is_simple_text
CREATE MACRO is_simple_text(value) AS
    NOT regexp_matches(value, '[^0-9A-HJ-KM-NP-Za-hj-km-np-z]')
