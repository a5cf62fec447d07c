-- purpose: find the digits in a name: Branch 12 and Branch 13 are two, however alike the rest
-- reads: none; writes: name_number
CREATE MACRO name_number(words) AS
    regexp_replace(words, '[^0-9]+', '', 'g')
