-- purpose: take the decimals from a whole number: 123.0, 123.00 and, as some countries write it, 123,0 and 123,00
-- reads: none; writes: key_without_decimal
--
-- Where more than digits stand before them, as in 46,177,123.00, they are two at most, and the mark stands nowhere else:
-- the last part of 12.34.00 is no decimals.
CREATE MACRO key_without_decimal(value) AS
    CASE
        WHEN NOT ends_with(value, '0') THEN value
        WHEN regexp_matches(value, '^[0-9]+(\.0+|,00?)$') THEN regexp_extract(value, '^([0-9]+)', 1)
        WHEN regexp_matches(value, '^[^.]*[0-9]\.00?$') THEN regexp_extract(value, '^([^.]+)', 1)
        WHEN regexp_matches(value, '^[^,]*[0-9],00?$') THEN regexp_extract(value, '^([^,]+)', 1)
        ELSE value
    END
