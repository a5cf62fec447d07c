-- purpose: keep text that holds a character which nfkc replaces; any other text is NULL
-- reads: none; writes: key_compatible_text
CREATE MACRO key_compatible_text(value) AS
    CASE WHEN strlen(value) <> length(value) AND key_has_compatible_character(value) THEN value END
