-- purpose: take the words out of the core of a name that the core of another one has as well; what is left, without space
-- reads: none; writes: name_rest
CREATE MACRO name_rest(core, other) AS
    array_to_string(list_filter(string_split(core, ' '), lambda word: NOT list_contains(string_split(other, ' '), word)), '')
