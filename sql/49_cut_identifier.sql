-- purpose: take letters off the identifiers that begin or end with some, in each way to take them off
-- reads: near_key, open_digits; writes: cut_identifier
--
-- Letters and separators are taken off one by one, as far as the first digit from the front or the last one from the
-- end, for what is left may begin with letters too: CUST DE-4711. Signs alone are no letters: space, invisible characters
-- and punctuation are causes of their own. is_bare is what has none left in front. A word more is taken off where there is
-- no digit, and all around the id of an account, as in an address. Of the records that are not open only those are looked
-- at that have the digits of an open one. At most 29 characters come off; cut has the places for each length, so that they
-- are met by equality.
CREATE VIEW cut_identifier AS
WITH place AS (
    SELECT tens.digit * 10 + ones.digit AS place
    FROM (VALUES (0), (1), (2)) AS tens (digit)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS ones (digit)
),
cut AS (
    SELECT longest.place AS longest, shorter.place
    FROM place longest
    JOIN place shorter ON shorter.place BETWEEN 1 AND longest.place
),
lettered AS (
    SELECT k.side, k.facing, k.rule, k.record, k.is_open, k.base
    FROM near_key k
    LEFT JOIN open_digits d ON d.side = k.side AND d.rule = k.rule AND d.digits = k.digits
    WHERE has_letters(k.base) AND (k.is_open OR d.digits IS NOT NULL)
),
ended AS (
    SELECT
        side, facing, rule, record, is_open, base, length(base) AS length,
        letters_before(base) AS head, signs_before(base) AS head_signs, letters_after(base) AS tail, signs_after(base) AS tail_signs
    FROM lettered
)
SELECT e.side, e.facing, e.rule, e.record, e.is_open, substring(e.base, p.place + 1) AS rest, p.place = e.head AS is_bare
FROM ended e
JOIN cut p ON p.longest = least(e.head, 29)
WHERE p.place > e.head_signs AND is_in_word(substring(e.base, p.place + 1, 1))
UNION ALL
SELECT e.side, e.facing, e.rule, e.record, e.is_open, substring(e.base, 1, e.length - p.place) AS rest, false AS is_bare
FROM ended e
JOIN cut p ON p.longest = least(e.tail, 29)
WHERE p.place > e.tail_signs AND is_in_word(substring(e.base, e.length - p.place, 1))
UNION ALL
SELECT side, facing, rule, record, is_open, substring(base, head + 1, length - head - tail) AS rest, true AS is_bare
FROM ended
WHERE head > 0 AND tail > 0 AND (head > head_signs OR tail > tail_signs)
UNION ALL
SELECT side, facing, rule, record, is_open, key_without_word(1, base) AS rest, false AS is_bare
FROM ended
WHERE head = 0 AND tail = 0 AND is_worded(1, base)
UNION ALL
SELECT side, facing, rule, record, is_open, key_without_word(2, base) AS rest, false AS is_bare
FROM ended
WHERE head = 0 AND tail = 0 AND is_worded(2, base)
UNION ALL
SELECT side, facing, rule, record, is_open, account_id_within(base) AS rest, false AS is_bare
FROM lettered
WHERE length(base) > 15 AND account_id_within(base) <> base
