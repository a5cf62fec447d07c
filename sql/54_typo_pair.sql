-- purpose: pair open records whose identifiers are one edit apart and whose names begin alike
-- reads: near_key, party; writes: typo_pair
--
-- Two texts one edit apart (a character more, less, another, or two that changed places) agree once a character is
-- taken from each, or from the longer. So each text meets the others by equality of these, together with the beginning
-- of the name, and is never compared with all; where more than twenty agree, none is anybody's typing error. Of equal
-- neighbours the last is taken. No identifier under five characters.
CREATE TABLE typo_pair AS
WITH candidate AS (
    SELECT k.side, k.rule, k.record, k.plain AS text, name_beginning(p.name) AS beginning
    FROM near_key k
    JOIN party p ON p.side = k.side AND p.record = k.record
    WHERE k.is_open AND length(k.plain) BETWEEN 5 AND 40 AND p.name IS NOT NULL
),
place AS (
    SELECT tens.digit * 10 + ones.digit AS place
    FROM (VALUES (0), (1), (2), (3), (4)) AS tens (digit)
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS ones (digit)
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
    JOIN place p ON p.place BETWEEN 1 AND length(c.text)
    WHERE substring(c.text, p.place, 1) <> substring(c.text, p.place + 1, 1)
    UNION ALL
    SELECT side, rule, record, text, beginning, text AS shorter
    FROM facing
),
counted AS (
    SELECT
        rule, beginning, shorter,
        sum(CASE side WHEN 'accounts' THEN 1 ELSE 0 END) AS accounts,
        sum(CASE side WHEN 'customers' THEN 1 ELSE 0 END) AS customers
    FROM shortened
    GROUP BY rule, beginning, shorter
),
meeting AS (
    SELECT s.side, s.rule, s.record, s.text, s.beginning, s.shorter
    FROM shortened s
    JOIN counted n ON n.rule = s.rule AND n.beginning = s.beginning AND n.shorter = s.shorter
    WHERE n.accounts BETWEEN 1 AND 20 AND n.customers BETWEEN 1 AND 20
),
met AS (
    SELECT DISTINCT a.rule, a.record AS account, c.record AS customer, a.text AS account_text, c.text AS customer_text
    FROM meeting a
    JOIN meeting c ON c.rule = a.rule AND c.shorter = a.shorter AND c.beginning = a.beginning
    WHERE a.side = 'accounts' AND c.side = 'customers' AND a.text <> c.text
)
SELECT
    rule,
    account,
    customer,
    least(length(account_text), length(customer_text)) AS length,
    length(account_text) = length(customer_text) AND levenshtein(account_text, customer_text) = 1 AS is_other_character
FROM met
WHERE levenshtein(account_text, customer_text) = 1 OR is_transposed(account_text, customer_text)
