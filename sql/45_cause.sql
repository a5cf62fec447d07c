-- purpose: hold the causes of a near miss, from the smallest to the greatest
-- reads: none; writes: cause
--
-- The differences are taken out of two identifiers alone or in pairs; the others are found in other ways. Out of plain
-- letters and digits, as is_simple_text has them, only a few can be taken.
CREATE TABLE cause AS
SELECT cause, name, is_difference, cause IN (1, 7, 9) AS is_of_simple, words
FROM (
    VALUES
        (1, 'case', true, 'case'),
        (2, 'space', true, 'space'),
        (3, 'invisible_character', true, 'an invisible character'),
        (4, 'width', true, 'the width of characters'),
        (5, 'unicode_form', true, 'the Unicode form'),
        (6, 'punctuation', true, 'punctuation'),
        (7, 'leading_zeros', true, 'leading zeros'),
        (8, 'trailing_decimal', true, 'a trailing decimal'),
        (9, 'salesforce_id_length', true, 'the length of the Salesforce id'),
        (10, 'prefix', false, 'letters before or after'),
        (11, 'look_alike', true, 'look-alike characters'),
        (12, 'other_field', false, 'another field'),
        (13, 'deleted', false, 'the account is deleted'),
        (14, 'merged', false, 'the account was merged'),
        (15, 'typo', false, 'one edit')
) AS listed (cause, name, is_difference, words)
