-- purpose: step nfkc: bring text into Unicode normalisation form KC, so that full-width and composed spellings agree
-- reads: none; writes: key_nfkc
--
-- NFKC is NFC after each character was replaced by its compatibility decomposition. ASCII is returned as it is, and
-- only text that holds such a character is taken apart.
CREATE MACRO key_nfkc(value) AS
    CASE
        WHEN strlen(value) > length(value)
            THEN CASE
                WHEN key_has_compatible_character(value)
                    THEN key_nfc(
                        array_to_string(
                            list_transform(string_split(value, ''), lambda part: key_compatible_character(part)), ''
                        )
                    )
                ELSE key_nfc(value)
            END
        ELSE value
    END
