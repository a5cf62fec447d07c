-- purpose: take the digits from the end of a value of which nothing but letters stands before them; else empty
-- reads: none; writes: trailing_number
CREATE MACRO trailing_number(value) AS
    regexp_extract(value, '^[A-Za-z]*([0-9]+)$', 1)
