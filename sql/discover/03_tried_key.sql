-- purpose: hold the keys that are tried on each pair, from the one to prefer to the one that changes most
-- reads: none; writes: tried_key
--
-- salesforce_id is tried where one of the two holds ids of records, strip_prefix where one of the two has letters in
-- front that the other lacks.
CREATE TABLE tried_key AS
SELECT key, name, needs
FROM (
    VALUES
        (1, 'exact', 'anything'),
        (2, 'standard', 'anything'),
        (3, 'salesforce_id', 'record ids'),
        (4, 'strip_decimal', 'anything'),
        (5, 'strip_leading_zeros', 'anything'),
        (6, 'strip_punctuation', 'anything'),
        (7, 'strip_punctuation, strip_leading_zeros', 'anything'),
        (8, 'strip_prefix', 'a prefix'),
        (9, 'strip_prefix, strip_leading_zeros', 'a prefix')
) AS listed (key, name, needs)
