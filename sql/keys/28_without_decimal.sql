-- purpose: take the decimals from a whole number: 123.0, 123.00 and, as some countries write it, 123,0 and 123,00
-- reads: none; writes: key_without_decimal
CREATE MACRO key_without_decimal(value) AS
    CASE WHEN ends_with(value, '0') THEN regexp_replace(value, '^([0-9]+)(\.0+|,00?)$', '\1') ELSE value END
