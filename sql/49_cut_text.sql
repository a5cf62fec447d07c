-- purpose: take letters off the identifiers that begin or end with some, in each way to take them off
-- reads: near_key; writes: cut_text
--
-- Letters and separators are taken off one by one, as far as the first digit from the front or the last one from the
-- end, for what is left may begin with letters too: CUST DE-4711. is_bare is what has none left in front. A word more is
-- taken off where there is no digit, and all around the id of an account, as in an address. Of the records that are not
-- open only those are looked at that have the digits of an open one.
CREATE TABLE cut_text AS
WITH place AS (
    SELECT tens.digit * 10 + ones.digit AS place
    FROM (VALUES (0), (1), (2)) AS tens (digit)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS ones (digit)
),
open_number AS (
    SELECT facing AS side, rule, key_digits_only(value) AS digits
    FROM near_key
    WHERE is_open
),
open_digit AS (
    SELECT DISTINCT side, rule, key_without_zeros(digits) AS digits
    FROM open_number
),
number AS (
    SELECT side, facing, rule, record, is_open, base, key_digits_only(value) AS digits
    FROM near_key
    WHERE has_letters(base)
),
digit AS (
    SELECT side, facing, rule, record, is_open, base, key_without_zeros(digits) AS digits
    FROM number
),
lettered AS (
    SELECT d.side, d.facing, d.rule, d.record, d.is_open, d.base
    FROM digit d
    LEFT JOIN open_digit o ON o.side = d.side AND o.rule = d.rule AND o.digits = d.digits
    WHERE d.is_open OR o.digits IS NOT NULL
),
ended AS (
    SELECT side, facing, rule, record, is_open, base, length(base) AS length, letters_before(base) AS head, letters_after(base) AS tail
    FROM lettered
)
SELECT e.side, e.facing, e.rule, e.record, e.is_open, substring(e.base, p.place + 1) AS rest, p.place = e.head AS is_bare
FROM ended e
JOIN place p ON p.place BETWEEN 1 AND e.head
WHERE e.head > 0 AND is_in_word(substring(e.base, p.place + 1, 1))
UNION ALL
SELECT e.side, e.facing, e.rule, e.record, e.is_open, substring(e.base, 1, e.length - p.place) AS rest, false AS is_bare
FROM ended e
JOIN place p ON p.place BETWEEN 1 AND e.tail
WHERE e.tail > 0 AND is_in_word(substring(e.base, e.length - p.place, 1))
UNION ALL
SELECT side, facing, rule, record, is_open, substring(base, head + 1, length - head - tail) AS rest, true AS is_bare
FROM ended
WHERE head > 0 AND tail > 0
UNION ALL
SELECT side, facing, rule, record, is_open, key_without_word(1, base) AS rest, false AS is_bare
FROM lettered
WHERE is_worded(1, base)
UNION ALL
SELECT side, facing, rule, record, is_open, key_without_word(2, base) AS rest, false AS is_bare
FROM lettered
WHERE is_worded(2, base)
UNION ALL
SELECT side, facing, rule, record, is_open, account_id_within(base) AS rest, false AS is_bare
FROM lettered
WHERE length(base) > 15 AND account_id_within(base) <> base
