-- purpose: take out of an identifier what nobody should copy, where a cause of the two says that it is what differs
-- reads: none; writes: clean_identifier
--
-- visible is without what nobody sees; digits is that read as digits, where it can be.
CREATE MACRO clean_identifier(first_cause, second_cause, visible, digits) AS
    CASE
        WHEN (first_cause = 11 OR second_cause = 11) AND digits IS NOT NULL THEN digits
        WHEN first_cause = 8 OR second_cause = 8 THEN key_without_decimal(visible)
        WHEN first_cause = 6 OR second_cause = 6 THEN regexp_replace(visible, '^[''"`´(\[<#]+|[)\]>''"`´.,;:]+$', '', 'g')
        ELSE visible
    END
