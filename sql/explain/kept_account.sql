-- purpose: find an account in the recorded stage, in the recycle bin too
-- reads: kept_accounts; writes: none
SELECT account_name, is_deleted, master_id
FROM kept_accounts
WHERE account_id = ?
LIMIT 1
