-- purpose: list the published contacts of a customer or of an account, the primary one first
-- reads: published_contacts; writes: none
SELECT DISTINCT customer_id, account_id, contact_id, contact_name, source, is_primary, primary_reason
FROM published_contacts
WHERE (? = 'customers' AND customer_id = ?) OR (? = 'accounts' AND account_id = ?)
ORDER BY is_primary DESC, customer_id, contact_id
LIMIT 20
