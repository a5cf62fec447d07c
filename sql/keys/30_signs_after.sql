-- purpose: count the signs at the end of text: space, invisible characters and punctuation
-- reads: none; writes: signs_after
CREATE MACRO signs_after(value) AS
    CASE
        WHEN regexp_matches(value, '[0-9A-Za-z]$') THEN 0
        ELSE length(regexp_extract(value, '[\p{P}\p{Z}\p{C}\x{34F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{2212}\x{3164}\x{FE00}-\x{FE0F}\x{FFA0}$+<=>^`|~]+$'))
    END
