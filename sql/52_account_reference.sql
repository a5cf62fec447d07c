-- purpose: find the accounts' ids that stand in any column of a customer, but where a rule compares that column with them
-- reads: customer_reference, customer, rule; writes: account_reference
--
-- An account that more than ten customers name in one column says nothing.
CREATE TABLE account_reference AS
WITH found AS (
    SELECT CAST(p.customer_row AS STRING) AS record, p.place, key_salesforce_id(p.value) AS account_id
    FROM customer_reference p
    JOIN customer c ON c.customer_row = p.customer_row
    LEFT JOIN (SELECT DISTINCT customer_column FROM rule WHERE account_field = 'Id') r ON r.customer_column = p.place
    WHERE is_account_id_like(p.value) AND r.customer_column IS NULL
),
counted AS (
    SELECT record, place, account_id, count(*) OVER (PARTITION BY place, account_id) AS customers
    FROM found
)
SELECT record, place, account_id
FROM counted
WHERE customers <= 10
