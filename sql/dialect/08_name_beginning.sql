-- purpose: take the first four letters of a name, however they are written: names that are alike share them as a rule
-- reads: none; writes: name_beginning
CREATE MACRO name_beginning(name) AS
    substring(
        replace(replace(replace(
            regexp_replace(strip_accents(lower(substring(name, 1, 16))), '[^\p{L}\p{N}]+', '', 'g'),
            'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
        1, 4
    )
