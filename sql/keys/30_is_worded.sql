-- purpose: tell whether a word and a separator can be taken from an end of text that has no digit there
-- reads: none; writes: is_worded
--
-- The ways are those of key_without_word.
CREATE MACRO is_worded(way, value) AS
    CASE way
        WHEN 1 THEN regexp_matches(value, '^\p{L}+[\p{P}\p{S}\p{Z}]+\p{L}[^\p{Nd}]*$')
        WHEN 2 THEN regexp_matches(value, '^[^\p{Nd}]*\p{L}[\p{P}\p{S}\p{Z}]+\p{L}+$')
    END
