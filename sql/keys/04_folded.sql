-- purpose: fold each character of a text, and nothing else
-- reads: none; writes: key_folded
--
-- The dotted capital İ folds to itself, but lower() makes it an i: the text is folded between the İ.
CREATE MACRO key_folded(value) AS
    CASE
        WHEN contains(value, 'İ')
            THEN array_to_string(list_transform(string_split(value, 'İ'), lambda part: key_folded_part(part)), 'İ')
        ELSE key_folded_part(value)
    END
