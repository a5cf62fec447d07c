-- purpose: name the customers whose link was lost since the last publication, or is gone with them
-- reads: changes; writes: none
SELECT DISTINCT customer_id AS record_id
FROM changes
WHERE change = 'lost' OR (change = 'gone' AND before IN ('linked', 'linked_many'))
ORDER BY record_id
LIMIT ?
