-- purpose: take the digits out of a value whose first number has no leading zeros; empty where it has none
-- reads: none; writes: number_of
CREATE MACRO number_of(value) AS
    CASE
        WHEN regexp_matches(value, '^[A-Za-z]*[0-9]+$') THEN trailing_number(value)
        ELSE key_without_zeros(key_digits_only(value))
    END
