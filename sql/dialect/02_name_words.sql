-- purpose: fold the name of a company into its words: small letters without accents, parted by single spaces
-- reads: none; writes: name_words
--
-- ä and ae, ö and oe, ü and ue, ß and ss are one; S. A., S.A. and SA are. Legal forms written without a space, as in
-- 東京精密株式会社, are words of their own. An "and" of one letter, as in Kowal i Zieliński, is left out. Of a name beyond measure the first 120 characters count. Stands apart because
-- engines differ in how they take accents off and match an expression.
CREATE MACRO name_words(name) AS
    form_words(regexp_replace(trim(regexp_replace(regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    replace(replace(replace(replace(

                        CASE
                            WHEN is_plain_text(name) THEN lower(substring(name, 1, 120))
                            ELSE translate(strip_accents(lower(nfc_normalize(substring(name, 1, 120)))), 'øłđıς', 'oldiσ')
                        END,
                        'ß', 'ss'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
                    '[.''’`´]+', '', 'g'
                ),
                '[^\p{L}\p{N}]+', ' ', 'g'
            ),
            '(株式会社|有限会社|合同会社|合資会社|合名会社|股份有限公司|有限责任公司|有限公司|股份公司|주식회사|유한회사)', ' \1 ', 'g'
        ),
        ' +', ' ', 'g'), ' (\p{L}) (\p{L})( (\p{L}))?\s*$', ' \1\2\4')), '(\p{L}\p{L}) [yei] (\p{L}{4})', '\1 \2', 'g'))
