-- purpose: name the customers that changed in a certain way since the last publication
-- reads: changes; writes: none
SELECT DISTINCT customer_id AS record_id
FROM changes
WHERE change = ?
ORDER BY record_id
LIMIT ?
