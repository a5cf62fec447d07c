-- purpose: take letters and separators from an end of text; nothing changes where there are none
-- reads: none; writes: key_without_letters
--
-- The ways: 1 all before the first digit, 2 one word before a separator, 3 all after the last digit, 4 one word after a
-- separator, 5 the first and the third.
CREATE MACRO key_without_letters(way, value) AS
    CASE way
        WHEN 1 THEN regexp_replace(value, '^[^0-9]+', '')
        WHEN 2 THEN regexp_replace(value, '^\p{L}+[\p{P}\p{S}\p{Z}]+(\p{L})', '\1')
        WHEN 3 THEN regexp_replace(value, '[^0-9]+$', '')
        WHEN 4 THEN regexp_replace(value, '(\p{L})[\p{P}\p{S}\p{Z}]+\p{L}+$', '\1')
        WHEN 5 THEN regexp_replace(regexp_replace(value, '^[^0-9]+', ''), '[^0-9]+$', '')
    END
