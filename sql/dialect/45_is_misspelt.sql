-- purpose: tell whether a letter that looks like a digit stands beside digits: the O of 471O, and not that of ORD-471
-- reads: none; writes: is_misspelt
--
-- Of Greek and Cyrillic letters all are, wherever they stand.
CREATE MACRO is_misspelt(identifier) AS
    regexp_matches(identifier, '(^|[^A-Za-z])[OoIil|]+[0-9]|[0-9][OoIil|]+([^A-Za-z]|$)|[\x{370}-\x{52F}][0-9]|[0-9][\x{370}-\x{52F}]')
