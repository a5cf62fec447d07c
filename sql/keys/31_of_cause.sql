-- purpose: take the difference that a cause names out of text, for the few values that are tried with each of them
-- reads: none; writes: key_of_cause
--
-- The numbers are those of cause.
CREATE MACRO key_of_cause(cause, value) AS
    CASE cause
        WHEN 1 THEN key_casefold(value)
        WHEN 2 THEN key_without_space(value)
        WHEN 3 THEN key_strip_invisible(value)
        WHEN 4 THEN key_plain_width(value)
        WHEN 5 THEN key_nfkc(value)
        WHEN 6 THEN key_without_punctuation(value)
        WHEN 7 THEN key_without_zeros(value)
        WHEN 8 THEN key_without_decimal(value)
        WHEN 9 THEN key_short_salesforce_id(value)
        WHEN 11 THEN key_look_alike(value)
    END
