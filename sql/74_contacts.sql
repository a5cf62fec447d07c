-- purpose: publish the contacts of the linked accounts, and those from elsewhere, at customer level, with every extracted field
-- reads: ranked_link, primary_contact, salesforce_contact, extra_contact_result, owner_contact; writes: contacts
--
-- owner_contact has the columns of salesforce_contact; those that a user lacks are NULL.
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
UNION ALL
SELECT
    e.customer_id,
    e.account_id,
    e.contact_id,
    e.source,
    e.is_primary,
    e.primary_reason,
    s.*
FROM salesforce_contact s
JOIN extra_contact_result e ON e.contact_id = s.Id
WHERE e.source <> 'owner'
UNION ALL
SELECT
    e.customer_id,
    e.account_id,
    e.contact_id,
    e.source,
    e.is_primary,
    e.primary_reason,
    s.*
FROM owner_contact s
JOIN extra_contact_result e ON e.contact_id = s.Id
WHERE e.source = 'owner'
