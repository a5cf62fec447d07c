-- purpose: tell whether a name ends within a word of the other one, as a narrow column cuts it
-- reads: none; writes: name_is_cut
--
-- No column is narrower than 18 characters, two of which an ampersand may have had, so a shorter name is another one: Solar
-- is not Solartechnik.
CREATE MACRO name_is_cut(core, other) AS
    length(core) >= 16
    AND starts_with(other, core)
    AND NOT starts_with(substring(other, length(core) + 1, 1), ' ')
