-- purpose: take one step by its name, for the few values whose steps are taken one by one
-- reads: none; writes: key_of_step
CREATE MACRO key_of_step(step, argument, value) AS
    CASE step
        WHEN 'nfkc' THEN key_nfkc(value)
        WHEN 'strip_invisible' THEN key_strip_invisible(value)
        WHEN 'trim' THEN key_trim(value)
        WHEN 'collapse_space' THEN key_collapse_space(value)
        WHEN 'casefold' THEN key_casefold(value)
        WHEN 'strip_punctuation' THEN key_strip_punctuation(value)
        WHEN 'strip_leading_zeros' THEN key_strip_leading_zeros(value)
        WHEN 'strip_decimal' THEN key_strip_decimal(value)
        WHEN 'digits_only' THEN key_digits_only(value)
        WHEN 'salesforce_id' THEN key_salesforce_id(value)
        WHEN 'strip_prefix' THEN key_strip_prefix(value, argument)
    END
