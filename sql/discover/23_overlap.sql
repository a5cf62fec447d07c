-- purpose: count the coarse keys that a field of the accounts and a column of the customers have in common
-- reads: sampled_value; writes: overlap
CREATE OR REPLACE TABLE overlap AS
WITH account_side AS (
    SELECT DISTINCT field, coarse
    FROM sampled_value
    WHERE side = 'accounts' AND coarse <> ''
),
customer_side AS (
    SELECT DISTINCT field, coarse
    FROM sampled_value
    WHERE side = 'customers' AND coarse <> ''
)
SELECT a.field AS account_field, c.field AS customer_field, count(*) AS shared
FROM account_side a
JOIN customer_side c ON c.coarse = a.coarse
GROUP BY a.field, c.field
