-- purpose: name the first character of an identifier that looks like one of ASCII and is not: В is U+0412; NULL where it has none
-- reads: none; writes: foreign_letter
CREATE MACRO foreign_letter(identifier) AS
    CASE
        WHEN strlen(identifier) > length(identifier)
            THEN list_transform(
                list_filter(string_split(identifier, ''), lambda letter: strlen(letter) > 1 AND key_look_alike(letter) <> letter)[1:1],
                lambda letter: letter || ' is ' || printf('U+%04X', unicode(letter))
            )[1]
    END
