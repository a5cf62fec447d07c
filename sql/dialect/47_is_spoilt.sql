-- purpose: tell whether a cause has spoilt an identifier, so that nobody should type it again
-- reads: none; writes: is_spoilt
--
-- Space around it, and within it space that is not that of a keyboard; characters that nobody sees; wide ones, and such
-- as are written in another way; signs at its ends, as a spreadsheet leaves them; decimals; a letter for a digit.
CREATE MACRO is_spoilt(cause, identifier) AS
    coalesce(
        CASE cause
            WHEN 2
                THEN
                    key_trim(identifier) <> identifier
                    OR regexp_matches(identifier, '[\x{9}-\x{D}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]')
            WHEN 3 THEN key_strip_invisible(identifier) <> identifier
            WHEN 4 THEN key_plain_width(identifier) <> identifier
            WHEN 5 THEN key_nfkc(identifier) <> identifier
            WHEN 6 THEN regexp_matches(identifier, '^[''"`´(\[<]|[)\]>''"`´.,;:]$')
            WHEN 8 THEN is_decimal_like(identifier)
            WHEN 11 THEN is_misspelt(identifier) OR foreign_letter(identifier) IS NOT NULL
            ELSE false
        END,
        false
    )
