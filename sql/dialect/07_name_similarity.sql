-- purpose: measure how alike the cores of two names are: 1 equal, 0.9 abbreviated or cut, 0.85 one holds the other's words
-- reads: none; writes: name_similarity
--
-- Two words at least must be held, or the first one where it is long. All else is measured by letters, and is not alike
-- where the words that they do not share are far from alike: Jung Immobilien is not Lang Immobilien. Two words and more in
-- common, three of five, are 0.8. Names with other digits in them are not alike.
CREATE MACRO name_similarity(core, other) AS
    CASE
        WHEN name_number(core) <> name_number(other) AND name_number(core) <> '' AND name_number(other) <> '' THEN 0.0
        WHEN replace(core, ' ', '') = replace(other, ' ', '') THEN 1.0
        WHEN name_abbreviates(core, other) THEN 0.9
        WHEN name_is_cut(core, other) OR name_is_cut(other, core) THEN 0.9
        WHEN list_has_all(string_split(core, ' '), string_split(other, ' ')) AND (contains(other, ' ') OR (length(other) >= 6 AND starts_with(core, other))) THEN 0.85
        WHEN list_has_all(string_split(other, ' '), string_split(core, ' ')) AND (contains(core, ' ') OR (length(core) >= 6 AND starts_with(other, core))) THEN 0.85
        WHEN
            damerau_levenshtein(name_rest(core, other), name_rest(other, core)) * 5
            > greatest(length(name_rest(core, other)), length(name_rest(other, core))) * 2
            THEN least(0.75, 1.0 - CAST(name_distance(core, other) AS DOUBLE) / greatest(length(replace(core, ' ', '')), length(replace(other, ' ', ''))))
        WHEN
            len(list_intersect(string_split(core, ' '), string_split(other, ' '))) >= 2
            AND len(list_intersect(string_split(core, ' '), string_split(other, ' '))) * 5
            >= greatest(len(string_split(core, ' ')), len(string_split(other, ' '))) * 3
            THEN 0.8
        ELSE 1.0 - CAST(name_distance(core, other) AS DOUBLE) / greatest(length(replace(core, ' ', '')), length(replace(other, ' ', '')))
    END
