-- purpose: leave of text the characters that nfkc replaces; NULL where it has none
-- reads: none; writes: key_compatible_text
CREATE MACRO key_compatible_text(value) AS
    CASE WHEN strlen(value) <> length(value) AND key_has_compatible_character(value) THEN key_only_compatible(value) END
