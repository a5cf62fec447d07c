-- purpose: sum the links up for each linked customer, with its primary account
-- reads: ranked_link; writes: customer_link
--
-- All links of a customer are of one rule and one key.
CREATE TABLE customer_link AS
SELECT
    customer_row,
    min(rule) AS rule,
    min(CASE WHEN account_rank = 1 THEN account_id END) AS account_id,
    count(*) AS account_count,
    CAST(sum(contact_count) AS BIGINT) AS contact_count
FROM ranked_link
GROUP BY customer_row
