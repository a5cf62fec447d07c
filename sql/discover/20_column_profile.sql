-- purpose: count the values of each column, about how many differ, and how long the longest is
-- reads: column_value; writes: column_profile
CREATE OR REPLACE TABLE column_profile AS
SELECT
    side,
    field,
    count(*) AS filled,
    approx_count_distinct(value) AS spellings,
    max(length(value)) AS longest
FROM column_value
WHERE trim(value) <> ''
GROUP BY side, field
