-- purpose: name the accounts of the last publication that Salesforce no longer shows
-- reads: published_before, account; writes: none
SELECT DISTINCT p.account_id AS record_id
FROM published_before p
LEFT JOIN account a ON a.account_id = p.account_id
WHERE a.account_id IS NULL AND p.account_id IS NOT NULL
ORDER BY record_id
LIMIT ?
