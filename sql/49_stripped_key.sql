-- purpose: give the identifiers that begin or end with letters the loosest key of the rest, in each way to take them off
-- reads: near_key, loose_key; writes: stripped_key
--
-- Letters and separators are taken off one by one, as far as the first digit from the front or the last one from the
-- end, for what is left may begin with letters too: CUST DE-4711. is_bare is what has none left in front. A word more is
-- taken off where there is no digit, and all around the id of an account, as in an address. Of the records that are not
-- open only those are looked at that have the digits of an open one, and those stay whose rest is all of such a one, or
-- what is left of it without the letters in front.
CREATE TABLE stripped_key AS
WITH place AS (
    SELECT tens.digit * 10 + ones.digit AS place
    FROM (VALUES (0), (1), (2)) AS tens (digit)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS ones (digit)
),
digit AS (
    SELECT side, facing, rule, record, is_open, base, key_without_zeros(key_digits_only(plain)) AS digits
    FROM near_key
    WHERE is_open OR has_letters(base)
),
open_digit AS (
    SELECT DISTINCT facing AS side, rule, digits
    FROM digit
    WHERE is_open
),
lettered AS (
    SELECT d.side, d.facing, d.rule, d.record, d.is_open, d.base
    FROM digit d
    LEFT JOIN open_digit o ON o.side = d.side AND o.rule = d.rule AND o.digits = d.digits
    WHERE has_letters(d.base) AND (d.is_open OR o.digits IS NOT NULL)
),
ended AS (
    SELECT side, facing, rule, record, is_open, base, length(base) AS length, letters_before(base) AS head, letters_after(base) AS tail
    FROM lettered
),
cut AS (
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
),
visible AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_strip_invisible(key_nfkc(rest)) AS plain
    FROM cut
    WHERE NOT is_plain_text(rest)
    UNION ALL
    SELECT side, facing, rule, record, is_open, rest, is_bare, rest AS plain
    FROM cut
    WHERE is_plain_text(rest)
),
unspaced AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_short_salesforce_id(key_without_space(plain)) AS plain
    FROM visible
),
whole AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, key_without_decimal(key_casefold(plain)) AS plain
    FROM unspaced
),
bare AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, plain, key_strip_punctuation(replace(plain, '-', '')) AS loose
    FROM whole
),
loosened AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, plain, key_without_zeros(key_look_alike(key_short_salesforce_id(loose))) AS loose
    FROM bare
),
alike AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, loose AS known, key_look_alike(key_without_zeros(plain)) AS plain
    FROM loosened
    WHERE has_digit_like(plain)
),
other AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, known, key_strip_punctuation(replace(key_without_decimal(plain), '-', '')) AS loose
    FROM alike
),
either AS (
    SELECT side, facing, rule, record, is_open, rest, is_bare, loose
    FROM loosened
    UNION ALL
    SELECT side, facing, rule, record, is_open, rest, is_bare, loose
    FROM other
    WHERE loose <> known
),
wanted AS (
    SELECT facing AS side, rule, loose
    FROM loose_key
    WHERE is_open AND length(loose) >= 3
    UNION
    SELECT facing AS side, rule, loose
    FROM either
    WHERE is_open AND is_bare AND length(loose) >= 4
)
SELECT b.side, b.facing, b.rule, b.record, b.is_open, b.rest, b.is_bare, b.loose
FROM either b
LEFT JOIN wanted w ON w.side = b.side AND w.rule = b.rule AND w.loose = b.loose
WHERE length(b.loose) >= 3 AND (b.is_open OR w.loose IS NOT NULL)
