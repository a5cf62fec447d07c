-- purpose: count the letters and separators after the last digit of text; 0 where it has no digit
-- reads: none; writes: letters_after
CREATE MACRO letters_after(value) AS
    CASE
        WHEN regexp_matches(value, '[0-9]$') THEN 0
        WHEN regexp_matches(value, '\p{Nd}') THEN length(regexp_extract(value, '[^\p{Nd}]+$'))
        ELSE 0
    END
