-- purpose: take what a near miss is looked for by: the key, or the identifier where the steps of the rule refuse it
-- reads: none; writes: near_base
--
-- An account's id that the steps do not know as one is taken as it is. So are decimals of which the steps took the point
-- alone and left the zeros, for 123.0 would be 1230, and a number from which they took a letter that was typed for a digit.
CREATE MACRO near_base(identifier, link_key) AS
    CASE
        WHEN is_account_id_like(identifier) AND NOT is_long_account_id(link_key) THEN identifier
        WHEN
            is_decimal_like(identifier) AND NOT is_decimal_like(link_key)
            AND ends_with(key_digits_only(identifier), key_digits_only(link_key))
            THEN identifier
        WHEN length(link_key) < length(identifier) AND NOT has_letters(link_key) AND is_misspelt(identifier) THEN identifier
        ELSE coalesce(link_key, identifier)
    END
