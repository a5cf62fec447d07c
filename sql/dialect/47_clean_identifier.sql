-- purpose: take out of an identifier what nobody should copy: space around it, characters that nobody sees, wide ones and such
-- reads: none; writes: clean_identifier
--
-- Signs at the ends, decimals, and letters in a number of digits only where a cause of the two says that they are what
-- differs.
CREATE MACRO clean_identifier(first_cause, second_cause, identifier) AS
    list_transform(
        list_transform(
            list_transform(
                [key_trim(key_strip_invisible(key_nfkc(identifier)))],
                lambda visible:
                    CASE
                        WHEN first_cause = 6 OR second_cause = 6
                            THEN regexp_replace(visible, '^[''"`´(\[<]+|[)\]>''"`´.,;:]+$', '', 'g')
                        ELSE visible
                    END
            ),
            lambda bare: CASE WHEN first_cause = 8 OR second_cause = 8 THEN key_without_decimal(bare) ELSE bare END
        ),
        lambda whole:
            CASE
                WHEN (first_cause = 11 OR second_cause = 11) AND regexp_matches(key_look_alike(whole), '^[0-9]+$') THEN key_look_alike(whole)
                ELSE whole
            END
    )[1]
