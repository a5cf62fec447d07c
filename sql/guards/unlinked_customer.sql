-- purpose: name the customers that have no link: first those that lost it, then those that are new, then the others
-- reads: customer_result, previous_customer; writes: none
SELECT c.customer_id AS record_id
FROM customer_result c
LEFT JOIN (
    SELECT customer_id, min(CASE WHEN status IN ('linked', 'linked_many') THEN 1 ELSE 3 END) AS place
    FROM previous_customer
    GROUP BY customer_id
) p
    ON p.customer_id = c.customer_id
WHERE c.status NOT IN ('linked', 'linked_many') AND c.customer_id IS NOT NULL
GROUP BY c.customer_id
ORDER BY min(coalesce(p.place, 2)), record_id
LIMIT ?
