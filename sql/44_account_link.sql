-- purpose: sum the links up for each linked account; of several customers the one with the smallest id is shown
-- reads: ranked_link; writes: account_link
CREATE TABLE account_link AS
WITH ordered AS (
    SELECT
        account_id,
        customer_id,
        rule,
        contact_count,
        row_number() OVER (PARTITION BY account_id ORDER BY customer_id ASC NULLS LAST, rule) AS position,
        count(*) OVER (PARTITION BY account_id) AS customer_count
    FROM ranked_link
)
SELECT account_id, customer_id, rule, customer_count, contact_count
FROM ordered
WHERE position = 1
