-- purpose: find a contact in the recorded stage, in the recycle bin too
-- reads: kept_contacts; writes: none
SELECT contact_name, account_id, is_deleted
FROM kept_contacts
WHERE contact_id = ?
LIMIT 1
