-- purpose: step strip_invisible: remove the characters that leave no mark on paper
-- reads: none; writes: key_strip_invisible
--
-- They are Unicode's Default_Ignorable_Code_Point: soft hyphen, zero-width spaces and joiners, word joiner, bidi marks,
-- byte order mark, variation selectors, fillers and tags. Text that was in form C stays in form C when an invisible
-- character no longer parts a letter from its accent; other text is not normalised here.
CREATE MACRO key_strip_invisible(value) AS
    CASE
        WHEN strlen(value) > length(value)
            THEN CASE
                WHEN NOT key_has_invisible(value) THEN value
                WHEN key_nfc(value) = value THEN key_nfc(key_without_invisible(value))
                ELSE key_without_invisible(value)
            END
        ELSE value
    END
