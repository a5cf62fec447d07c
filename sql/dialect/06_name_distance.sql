-- purpose: count the letters by which the cores of two names differ, space aside
-- reads: none; writes: name_distance
CREATE MACRO name_distance(core, other) AS
    levenshtein(replace(core, ' ', ''), replace(other, ' ', ''))
