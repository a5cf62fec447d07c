-- purpose: find the published account of an id of 18 characters
-- reads: published_accounts; writes: none
SELECT record, account_id, account_name, identifier, link_key, status, reason, link_rule, contact_count, 1 AS row_count, 1 AS found_count
FROM published_accounts
WHERE account_id = ?
ORDER BY record
LIMIT 1
