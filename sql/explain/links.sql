-- purpose: list the links of a customer, or of an account, with what is on the other side
-- reads: published_links, published_customers, published_accounts; writes: none
SELECT l.customer_id, c.customer_name, l.account_id, a.account_name, l.link_rule, l.link_key, l.account_rank
FROM published_links l
LEFT JOIN (SELECT customer_id, min(customer_name) AS customer_name FROM published_customers GROUP BY customer_id) c
    ON c.customer_id = l.customer_id
LEFT JOIN published_accounts a ON a.account_id = l.account_id
WHERE (? = 'customers' AND l.customer_id = ?) OR (? = 'accounts' AND l.account_id = ?)
ORDER BY l.customer_id, l.account_rank, l.account_id
LIMIT 20
