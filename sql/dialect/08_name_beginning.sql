-- purpose: take the first two letters of a name, however they are written: names that are alike share them as a rule
-- reads: none; writes: name_beginning
--
-- A legal form, an article or the word "firm" before the name does not count.
CREATE MACRO name_beginning(name) AS
    substring(
        replace(replace(replace(
            regexp_replace(
                regexp_replace(
                    CASE
                        WHEN is_plain_text(name) THEN lower(substring(name, 1, 24))
                        ELSE translate(strip_accents(lower(substring(name, 1, 24))), 'øłđıς', 'oldiσ')
                    END, '^[^\p{L}\p{N}]*(株式会社|有限会社|合同会社|\(株\)|（株）|㈱|\(有\)|（有）|㈲|주식회사|\(주\)|㈜|شركة |ооо |зао |оао |ао |the |fa\.? |firma )', ''),
                '[^\p{L}\p{N}]+', '', 'g'
            ),
            'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
        1, 2
    )
