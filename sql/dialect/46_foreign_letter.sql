-- purpose: name the letter of an identifier that looks as if it were of the alphabet of the others: В is U+0412; NULL where none does
-- reads: none; writes: foreign_letter
--
-- Beside letters that only Greek or Cyrillic has, such as Θ, it is the one of ASCII.
CREATE MACRO foreign_letter(identifier) AS
    CASE
        WHEN strlen(identifier) > length(identifier) AND NOT is_foreign_text(identifier)
            THEN list_transform(
                list_filter(
                    string_split(identifier, ''),
                    lambda letter: CASE
                        WHEN regexp_matches(identifier, '[ΓΔΘΛΞΠΣΦΨΩγδθλξπσφψωБГДЖИЙЛПФЦЧШЩЪЫЭЮЯбгджийлпфцчшщъыэюя]')
                            THEN regexp_matches(letter, '[A-Za-z]')
                        ELSE strlen(letter) > 1 AND key_look_alike(letter) <> letter
                    END
                )[1:1],
                lambda letter: letter || ' is ' || printf('U+%04X', unicode(letter))
            )[1]
    END
