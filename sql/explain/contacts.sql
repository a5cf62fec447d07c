-- purpose: list the published contacts of a customer or of an account, the primary one first
-- reads: published_contacts, published_links; writes: none
--
-- Customers may share an id, so a customer's own contacts come by an account that its key and rule link.
SELECT DISTINCT customer_id, account_id, contact_id, contact_name, source, is_primary, primary_reason
FROM published_contacts
WHERE
    (
        ? = 'customers' AND customer_id = ?
        AND account_id IN (SELECT l.account_id FROM published_links l WHERE l.customer_id = ? AND l.link_key = ? AND l.link_rule = ?)
    )
    OR (? = 'accounts' AND account_id = ?)
ORDER BY is_primary DESC, customer_id, contact_id
LIMIT 20
