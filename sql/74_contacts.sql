-- purpose: publish the contacts of the linked accounts at customer level, with every extracted field
-- reads: ranked_link, primary_contact, salesforce_contact; writes: contacts
CREATE VIEW contacts AS
SELECT
    l.customer_id,
    l.account_id,
    s.Id AS contact_id,
    'account' AS source,
    p.contact_id IS NOT NULL AS is_primary,
    p.primary_reason,
    s.*
FROM salesforce_contact s
JOIN ranked_link l ON l.account_id = s.AccountId
LEFT JOIN primary_contact p ON p.customer_row = l.customer_row AND p.contact_id = s.Id
