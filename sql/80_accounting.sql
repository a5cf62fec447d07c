-- purpose: count the customers, accounts, contacts and notes of each status
-- reads: customer_outcome, account_outcome, account_link, contact, extra_contact, note, placed_note; writes: accounting
--
-- A contact is published whatever the source that brings it to a customer. Owners are users and counted nowhere here.
CREATE TABLE accounting AS
SELECT 'customer' AS object, status, count(*) AS records
FROM customer_outcome
GROUP BY status
UNION ALL
SELECT 'account' AS object, status, count(*) AS records
FROM account_outcome
GROUP BY status
UNION ALL
SELECT
    'contact' AS object,
    CASE
        WHEN l.account_id IS NOT NULL OR e.contact_id IS NOT NULL THEN 'published'
        WHEN c.account_id IS NULL THEN 'no_account'
        ELSE 'account_not_linked'
    END AS status,
    count(*) AS records
FROM contact c
LEFT JOIN account_link l ON l.account_id = c.account_id
LEFT JOIN (
    SELECT DISTINCT contact_id
    FROM extra_contact
    WHERE source <> 'owner'
) e ON e.contact_id = c.contact_id
GROUP BY 1, 2
UNION ALL
SELECT
    'note' AS object,
    CASE
        WHEN n.is_private THEN 'private'
        WHEN p.note_id IS NOT NULL THEN 'published'
        ELSE 'parent_not_published'
    END AS status,
    count(*) AS records
FROM note n
LEFT JOIN (
    SELECT DISTINCT note_id, source
    FROM placed_note
) p ON p.note_id = n.note_id AND p.source = n.source
GROUP BY 1, 2
