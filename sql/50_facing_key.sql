-- purpose: add the loosest keys of the records that are not open and that an open one may meet
-- reads: loosened_key, open_digits, wanted_value; writes: near_key
--
-- They meet by their loosest key, by their digits where letters stand around them, or in another field or column. Whether
-- the sides and the rules are right is for the pairs to say.
INSERT INTO near_key
WITH ended AS (
    SELECT side, facing, rule, record, is_open, base, plain, value, loose, other, trailing_number(value) AS digits_at_end
    FROM loosened_key
    WHERE NOT is_open
),
facing AS (
    SELECT
        side, facing, rule, record, is_open, base, plain, value, loose, other,
        nullif(loose, value) AS another,
        CASE
            WHEN digits_at_end <> '' AND base >= ':' THEN digits_at_end
            WHEN has_letters(base) THEN number_of(value)
        END AS digits
    FROM ended
)
SELECT side, facing, rule, record, is_open, base, plain, value, loose, other, digits
FROM facing
WHERE
    value IN (SELECT value FROM wanted_value)
    OR another IN (SELECT value FROM wanted_value)
    OR other IN (SELECT value FROM wanted_value)
    OR digits IN (SELECT digits FROM open_digits)
