-- purpose: pair open records whose identifiers are one edit apart and whose names begin alike
-- reads: near_key, near_party; writes: typo_pair
--
-- Two texts one edit apart (a character more, less, another, or two that changed places) agree once a character is
-- taken from each, or from the longer. So each text meets the others by equality of these, together with the beginning
-- of the name, and is never compared with all; where more than twenty agree, none is anybody's typing error. Of equal
-- neighbours the last is taken. The id of an account is met in 15 characters and in 18, for 17 or 19 are an edit of those. No identifier under five characters, but one of four that lacks a fifth.
CREATE TABLE typo_pair AS
WITH candidate AS (
    SELECT k.side, k.rule, k.record, k.plain AS text, name_beginning(p.name) AS beginning
    FROM near_key k
    JOIN near_party p ON p.side = k.side AND p.record = k.record
    WHERE k.is_open AND length(k.plain) BETWEEN 4 AND 40 AND p.name IS NOT NULL
    UNION ALL
    SELECT k.side, k.rule, k.record, lower(k.base) AS text, name_beginning(p.name) AS beginning
    FROM near_key k
    JOIN near_party p ON p.side = k.side AND p.record = k.record
    WHERE k.is_open AND k.side = 'accounts' AND is_long_account_id(k.base) AND p.name IS NOT NULL
),
place AS (
    SELECT tens.digit * 10 + ones.digit AS place
    FROM (VALUES (0), (1), (2), (3), (4)) AS tens (digit)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS ones (digit)
),
cut AS (
    SELECT longest.place AS length, shorter.place
    FROM place longest
    JOIN place shorter ON shorter.place BETWEEN 1 AND longest.place
),
beginning AS (
    SELECT beginning
    FROM candidate
    WHERE beginning <> ''
    GROUP BY beginning
    HAVING min(side) <> max(side)
),
facing AS (
    SELECT c.side, c.rule, c.record, c.text, c.beginning
    FROM candidate c
    JOIN beginning b ON b.beginning = c.beginning
),
shortened AS (
    SELECT c.side, c.rule, c.record, c.text, c.beginning, substring(c.text, 1, p.place - 1) || substring(c.text, p.place + 1) AS shorter
    FROM facing c
    JOIN cut p ON p.length = length(c.text)
    WHERE substring(c.text, p.place, 1) <> substring(c.text, p.place + 1, 1)
    UNION ALL
    SELECT side, rule, record, text, beginning, text AS shorter
    FROM facing
),
keyed AS (
    SELECT side, rule, record, text, beginning, meeting_number(rule, beginning, shorter) AS meeting_key
    FROM shortened
),
account AS (
    SELECT rule, record, text, beginning, meeting_key
    FROM keyed
    WHERE side = 'accounts' AND meeting_key IN (SELECT meeting_key FROM keyed WHERE side = 'customers')
),
customer AS (
    SELECT rule, record, text, beginning, meeting_key
    FROM keyed
    WHERE side = 'customers' AND meeting_key IN (SELECT meeting_key FROM account)
),
account_count AS (
    SELECT meeting_key, count(*) AS accounts
    FROM account
    GROUP BY meeting_key
),
customer_count AS (
    SELECT meeting_key, count(*) AS customers
    FROM customer
    GROUP BY meeting_key
),
met AS (
    SELECT DISTINCT a.rule, a.record AS account, c.record AS customer, a.text AS account_text, c.text AS customer_text
    FROM account a
    JOIN customer c ON c.meeting_key = a.meeting_key
    JOIN account_count n ON n.meeting_key = a.meeting_key
    JOIN customer_count m ON m.meeting_key = a.meeting_key
    WHERE n.accounts <= 20 AND m.customers <= 20 AND a.text <> c.text AND a.rule = c.rule AND a.beginning = c.beginning
)
SELECT
    rule,
    account,
    customer,
    least(length(account_text), length(customer_text)) AS length,
    length(account_text) = length(customer_text) AND levenshtein(account_text, customer_text) = 1 AS is_other_character
FROM met
WHERE
    greatest(length(account_text), length(customer_text)) >= 5
    AND (levenshtein(account_text, customer_text) = 1 OR is_transposed(account_text, customer_text))
