-- purpose: bring text into Unicode normalisation form C
-- reads: none; writes: key_nfc
--
-- nfc_normalize stops at a NUL character and forgets the rest, so the text is normalised between NULs. A NUL neither
-- composes nor reorders, so the parts are independent.
CREATE MACRO key_nfc(value) AS
    CASE
        WHEN strlen(value) = length(value) THEN value
        WHEN contains(value, chr(0))
            THEN array_to_string(list_transform(string_split(value, chr(0)), lambda part: nfc_normalize(part)), chr(0))
        ELSE nfc_normalize(value)
    END
