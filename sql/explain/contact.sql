-- purpose: find where a contact is published
-- reads: published_contacts; writes: none
SELECT customer_id, account_id, contact_id, contact_name, source, is_primary, primary_reason
FROM published_contacts
WHERE contact_id = ?
ORDER BY customer_id, account_id
LIMIT 20
