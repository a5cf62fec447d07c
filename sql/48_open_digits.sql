-- purpose: gather the digits of the open records' identifiers: only with these can letters be all that is too much
-- reads: near_key; writes: open_digits
--
-- side is the one that is to have them.
CREATE TABLE open_digits AS
SELECT DISTINCT facing AS side, rule, number_of(value) AS digits
FROM near_key
