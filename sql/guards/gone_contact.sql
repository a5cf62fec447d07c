-- purpose: name the published contacts of the last publication that Salesforce no longer shows
-- reads: published_before, contact; writes: none
SELECT DISTINCT p.contact_id AS record_id
FROM published_before p
LEFT JOIN contact c ON c.contact_id = p.contact_id
WHERE c.contact_id IS NULL AND p.source <> 'owner' AND p.contact_id IS NOT NULL
ORDER BY record_id
LIMIT ?
