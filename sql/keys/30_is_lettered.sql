-- purpose: tell whether letters and separators can be taken from an end of text in one of the five ways
-- reads: none; writes: is_lettered
CREATE MACRO is_lettered(way, value) AS
    CASE way
        WHEN 1 THEN regexp_matches(value, '^[^0-9].*[0-9]')
        WHEN 2 THEN regexp_matches(value, '^\p{L}+[\p{P}\p{S}\p{Z}]+\p{L}')
        WHEN 3 THEN regexp_matches(value, '[0-9].*[^0-9]$')
        WHEN 4 THEN regexp_matches(value, '\p{L}[\p{P}\p{S}\p{Z}]+\p{L}+$')
        WHEN 5 THEN regexp_matches(value, '^[^0-9].*[0-9].*[^0-9]$')
    END
