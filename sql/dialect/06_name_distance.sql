-- purpose: count the slips by which the cores of two names differ, space aside: a letter more, less, another, or two swapped
-- reads: none; writes: name_distance
CREATE MACRO name_distance(core, other) AS
    damerau_levenshtein(replace(core, ' ', ''), replace(other, ' ', ''))
