-- purpose: tell whether a cause has spoilt an identifier: space around it, characters that nobody sees, decimals, a letter for a digit
-- reads: none; writes: is_spoilt
CREATE MACRO is_spoilt(cause, identifier) AS
    coalesce(
        CASE cause
            WHEN 2 THEN key_trim(identifier) <> identifier
            WHEN 3 THEN key_strip_invisible(identifier) <> identifier
            WHEN 8 THEN is_decimal_like(identifier)
            WHEN 11 THEN key_look_alike(identifier) <> identifier
            ELSE false
        END,
        false
    )
