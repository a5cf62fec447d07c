-- purpose: bring text into Unicode normalisation form C
-- reads: none; writes: key_nfc
--
-- nfc_normalize stops at a NUL character and forgets the rest, so the text is normalised between NULs. A NUL neither
-- composes nor reorders, so the parts are independent. The value is named once, for macros are expanded where they
-- stand.
CREATE MACRO key_nfc(value) AS
    array_to_string(list_transform(string_split(value, chr(0)), lambda part: nfc_normalize(part)), chr(0))
