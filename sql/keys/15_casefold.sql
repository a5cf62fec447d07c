-- purpose: step casefold: fold case, one character to one, the same in every country
-- reads: none; writes: key_casefold
--
-- The simple folding of Unicode (CaseFolding.txt, C and S): ß stays, final sigma and long s fold to the plain letter,
-- the dotted capital İ stays apart from i. Text that was in form C stays in form C where a small letter has a composed
-- form that its capital lacks (J̌ and ǰ).
CREATE MACRO key_casefold(value) AS
    CASE
        WHEN strlen(value) > length(value)
            THEN CASE
                WHEN key_nfc(value) = value THEN key_nfc(key_folded(value))
                ELSE key_folded(value)
            END
        ELSE lower(value)
    END
