-- purpose: describe what the values of each column look like, as shares of its sampled values
-- reads: sampled_value; writes: column_shape
--
-- A telephone number begins with a plus or has brackets: groups of digits alone may well be an identifier, as may
-- capitals without a digit. Words are two of letters, a long one before something else, or small letters alone.
CREATE OR REPLACE TABLE column_shape AS
WITH looked AS (
    SELECT
        side,
        field,
        regexp_matches(value, '[0-9]') AS has_digit,
        regexp_matches(value, '^\s*0[0-9]') AS has_leading_zero,
        regexp_matches(value, '^\s*\+[0-9][0-9 ()./-]{5,}$|^\s*\([0-9]{2,5}\)[ -]?[0-9]|^\s*00[1-9][0-9]{0,2}[ /-][0-9 ()/-]{5,}$') AS is_phone,
        regexp_matches(value, '^\s*([12][0-9]{3}-[01][0-9]-[0-3][0-9]|[0-3]?[0-9][./][0-3]?[0-9][./]([12][0-9])?[0-9]{2})([T ]|\s*$)') AS is_date,
        regexp_matches(value, '@|://|^www\.') AS is_address,
        regexp_matches(value, '\p{L}{2,}[\s,.]+(\S+\s+)*\p{L}{2,}|\p{L}{5,}\s+\S') OR (NOT regexp_matches(value, '[0-9]') AND regexp_matches(trim(value), '\s|\p{Ll}')) AS is_words,
        regexp_matches(value, '^\s*[0-9a-zA-Z]{5}0[0-9A-Za-z]{9}([0-9A-Za-z]{3})?\s*$') AS is_record_id,
        regexp_extract(lower(trim(value)), '^([^0-9]{1,12})[0-9]', 1) AS prefix
    FROM sampled_value
    WHERE coarse <> ''
),
common AS (
    SELECT side, field, prefix, row_number() OVER (PARTITION BY side, field ORDER BY count(*) DESC, prefix) AS position
    FROM looked
    WHERE prefix <> ''
    GROUP BY side, field, prefix
)
SELECT
    l.side,
    l.field,
    count(*) AS spellings,
    avg(CAST(l.has_digit AS INTEGER)) AS digit_share,
    avg(CAST(l.has_leading_zero AS INTEGER)) AS leading_zero_share,
    avg(CAST(l.is_phone AS INTEGER)) AS phone_share,
    avg(CAST(l.is_date AS INTEGER)) AS date_share,
    avg(CAST(l.is_address AS INTEGER)) AS address_share,
    avg(CAST(l.is_words AS INTEGER)) AS words_share,
    avg(CAST(l.is_record_id AS INTEGER)) AS record_id_share,
    coalesce(avg(CASE WHEN l.prefix = c.prefix THEN 1.0 ELSE 0.0 END), 0) AS prefix_share,
    min(c.prefix) AS prefix
FROM looked l
LEFT JOIN common c ON c.side = l.side AND c.field = l.field AND c.position = 1
GROUP BY l.side, l.field
