-- purpose: count the inputs, independently of the link, and the rows of the outputs that have several for a record
-- reads: staged_account, staged_contact, staged_note, account, contact, note, exact_duplicate, customer, customer_result, link, placed_note; writes: totals
--
-- One below the other, for eleven counts side by side are a join of eleven tables, which takes long to plan.
CREATE TABLE totals AS
WITH counted AS (
    SELECT 'exact_duplicates' AS name, records FROM exact_duplicate
    UNION ALL
    SELECT 'customers' AS name, count(*) AS records FROM customer
    UNION ALL
    SELECT 'staged_accounts' AS name, count(*) AS records FROM staged_account
    UNION ALL
    SELECT 'accounts' AS name, count(*) AS records FROM account
    UNION ALL
    SELECT 'staged_contacts' AS name, count(*) AS records FROM staged_contact
    UNION ALL
    SELECT 'contacts' AS name, count(*) AS records FROM contact
    UNION ALL
    SELECT 'staged_notes' AS name, count(*) AS records FROM staged_note
    UNION ALL
    SELECT 'notes' AS name, count(*) AS records FROM note
    UNION ALL
    SELECT 'link_rows' AS name, count(*) AS records FROM link
    UNION ALL
    SELECT 'contact_rows' AS name, CAST(coalesce(sum(contact_count), 0) AS BIGINT) AS records FROM customer_result
    UNION ALL
    SELECT 'note_rows' AS name, count(*) AS records FROM placed_note
)
SELECT
    max(CASE WHEN name = 'exact_duplicates' THEN records END) AS exact_duplicates,
    max(CASE WHEN name = 'customers' THEN records END) AS customers,
    max(CASE WHEN name = 'staged_accounts' THEN records END) AS staged_accounts,
    max(CASE WHEN name = 'accounts' THEN records END) AS accounts,
    max(CASE WHEN name = 'staged_contacts' THEN records END) AS staged_contacts,
    max(CASE WHEN name = 'contacts' THEN records END) AS contacts,
    max(CASE WHEN name = 'staged_notes' THEN records END) AS staged_notes,
    max(CASE WHEN name = 'notes' THEN records END) AS notes,
    max(CASE WHEN name = 'link_rows' THEN records END) AS link_rows,
    max(CASE WHEN name = 'contact_rows' THEN records END) AS contact_rows,
    max(CASE WHEN name = 'note_rows' THEN records END) AS note_rows
FROM counted
