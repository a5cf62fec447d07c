-- purpose: list the accounts of each linked customer in the order of their rank
-- reads: customer_link, ranked_link; writes: customer_accounts
--
-- Stands apart because engines differ in how they collect a list. Only the few customers of several accounts are
-- collected: an ordered aggregate holds all its groups in memory.
CREATE TABLE customer_accounts AS
SELECT
    customer_row,
    [account_id] AS account_ids
FROM customer_link
WHERE account_count = 1
UNION ALL
SELECT
    l.customer_row,
    array_agg(l.account_id ORDER BY l.account_rank) AS account_ids
FROM ranked_link l
JOIN customer_link c ON c.customer_row = l.customer_row
WHERE c.account_count > 1
GROUP BY l.customer_row
