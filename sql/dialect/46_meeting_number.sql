-- purpose: make one number of a rule and two texts: equality of numbers is quicker than that of texts
-- reads: none; writes: meeting_number
--
-- Others may have the same number once in a great while, so those that meet by it are compared themselves.
CREATE MACRO meeting_number(rule, beginning, text) AS
    hash(rule, beginning, text)
