-- purpose: find where a contact is published, and count the places and the customers
-- reads: published_contacts; writes: none
WITH found AS (
    SELECT DISTINCT customer_id, account_id, contact_id, contact_name, source, is_primary, primary_reason
    FROM published_contacts
    WHERE contact_id = ?
)
SELECT
    customer_id,
    account_id,
    contact_id,
    contact_name,
    source,
    is_primary,
    primary_reason,
    count(*) OVER () AS place_count,
    (SELECT count(*) FROM (SELECT DISTINCT customer_id FROM found) AS customers) AS customer_count
FROM found
ORDER BY customer_id, account_id
LIMIT 20
