-- purpose: step strip_punctuation: remove punctuation: dashes, dots, slashes, brackets, quotes, underscores
-- reads: none; writes: key_strip_punctuation
--
-- Unicode's category P, and the ASCII signs that C counts in (ispunct): $ + < = > ^ ` | ~. Form C is kept as it is by
-- strip_invisible.
CREATE MACRO key_strip_punctuation(value) AS
    CASE
        WHEN strlen(value) > length(value)
            THEN CASE
                WHEN key_nfc(value) = value THEN key_nfc(regexp_replace(value, '[\p{P}$+<=>^`|~]+', '', 'g'))
                ELSE regexp_replace(value, '[\p{P}$+<=>^`|~]+', '', 'g')
            END
        WHEN regexp_matches(value, '[!-/:-@\[-`{-~]') THEN regexp_replace(value, '[!-/:-@\[-`{-~]+', '', 'g')
        ELSE value
    END
