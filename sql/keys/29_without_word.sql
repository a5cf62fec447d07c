-- purpose: take a word and the separator beside it from an end of text: ABC-DEF is DEF, or ABC
-- reads: none; writes: key_without_word
--
-- The ways: 1 the first word, 2 the last.
CREATE MACRO key_without_word(way, value) AS
    CASE way
        WHEN 1 THEN regexp_replace(value, '^\p{L}+[\p{P}\p{S}\p{Z}]+(\p{L})', '\1')
        WHEN 2 THEN regexp_replace(value, '(\p{L})[\p{P}\p{S}\p{Z}]+\p{L}+$', '\1')
    END
