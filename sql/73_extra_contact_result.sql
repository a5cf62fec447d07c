-- purpose: put together what is published of each contact from elsewhere
-- reads: extra_contact, primary_contact; writes: extra_contact_result
--
-- A narrow table, so that publishing it joins nothing else.
CREATE TABLE extra_contact_result AS
SELECT
    e.customer_id,
    e.account_id,
    e.contact_id,
    e.source,
    p.contact_id IS NOT NULL AS is_primary,
    p.primary_reason
FROM extra_contact e
LEFT JOIN primary_contact p ON p.customer_row = e.customer_row AND p.contact_id = e.contact_id
