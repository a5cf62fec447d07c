-- purpose: fold the name of a company into its words: small letters without accents, parted by single spaces
-- reads: none; writes: name_words
--
-- ä and ae, ö and oe, ü and ue, ß and ss are one. Of a name beyond measure the first 120 characters count. Stands apart
-- because engines differ in how they take accents off and match an expression.
CREATE MACRO name_words(name) AS
    trim(
        regexp_replace(
            regexp_replace(
                replace(replace(replace(replace(
                    translate(strip_accents(lower(nfc_normalize(substring(name, 1, 120)))), 'øłđı', 'oldi'),
                    'ß', 'ss'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
                '[.''’`´]+', '', 'g'
            ),
            '[^\p{L}\p{N}]+', ' ', 'g'
        )
    )
