-- purpose: take the difference that each cause names out of the texts of the pairs, where it changes them
-- reads: near_pair, cause; writes: taken_text
--
-- Cause 0 takes nothing out. It is there where a text is no key yet: what is left of an identifier without its letters,
-- one as it is written, an account's id, and decimals.
CREATE TABLE taken_text AS
WITH side_text AS (
    SELECT rule, own AS text, ends > 0 OR is_raw OR is_raw_base(own) AS is_raw FROM near_pair
    UNION ALL
    SELECT rule, other AS text, ends > 0 OR is_raw OR is_raw_base(other) AS is_raw FROM near_pair
),
text AS (
    SELECT rule, text, max(CASE WHEN is_raw THEN 1 ELSE 0 END) = 1 AS is_raw
    FROM side_text
    GROUP BY rule, text
),
classed AS (
    SELECT rule, text, is_raw, is_simple_text(text) AS is_simple
    FROM text
),
taken AS (
    SELECT t.rule, t.text, t.is_raw, c.cause, key_of_cause(c.cause, t.text) AS value
    FROM classed t
    JOIN cause c ON c.is_of_simple OR NOT t.is_simple
    WHERE c.is_difference
)
SELECT rule, text, is_raw, cause, value
FROM taken
WHERE value <> text
UNION ALL
SELECT rule, text, is_raw, 0 AS cause, text AS value
FROM text
WHERE is_raw
