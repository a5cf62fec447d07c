-- purpose: tell whether a cause has spoilt an identifier: space around it, characters that nobody sees, wide ones, decimals, a letter for a digit
-- reads: none; writes: is_spoilt
--
-- A letter that looks like a digit is one where it stands beside digits: the O of 471O, and not that of ORD-471.
CREATE MACRO is_spoilt(cause, identifier) AS
    coalesce(
        CASE cause
            WHEN 2 THEN key_trim(identifier) <> identifier
            WHEN 3 THEN key_strip_invisible(identifier) <> identifier
            WHEN 4 THEN key_plain_width(identifier) <> identifier
            WHEN 8 THEN is_decimal_like(identifier)
            WHEN 11
                THEN
                    regexp_matches(identifier, '(^|[^A-Za-z])[OoIil|]+[0-9]|[0-9][OoIil|]+([^A-Za-z]|$)')
                    OR (strlen(identifier) > length(identifier) AND key_look_alike(identifier) <> identifier)
            ELSE false
        END,
        false
    )
