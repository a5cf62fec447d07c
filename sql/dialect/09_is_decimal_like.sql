-- purpose: tell whether text ends in the decimals of a whole number: 123.0, 123.00, 123,0 and 123,00
-- reads: none; writes: is_decimal_like
CREATE MACRO is_decimal_like(value) AS
    ends_with(value, '0') AND regexp_matches(value, '[0-9](\.0+|,00?)$')
