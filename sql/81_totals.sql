-- purpose: count the inputs, independently of the link, and the rows of the outputs that have several for a record
-- reads: staged_account, staged_contact, staged_note, account, contact, note, erp_customer, customer, customer_result, link, placed_note; writes: totals
CREATE TABLE totals AS
SELECT
    (SELECT count(*) FROM erp_customer) AS customer_rows,
    (SELECT count(*) FROM customer) AS customers,
    (SELECT count(*) FROM staged_account) AS staged_accounts,
    (SELECT count(*) FROM account) AS accounts,
    (SELECT count(*) FROM staged_contact) AS staged_contacts,
    (SELECT count(*) FROM contact) AS contacts,
    (SELECT count(*) FROM staged_note) AS staged_notes,
    (SELECT count(*) FROM note) AS notes,
    (SELECT count(*) FROM link) AS link_rows,
    (SELECT CAST(coalesce(sum(contact_count), 0) AS BIGINT) FROM customer_result) AS contact_rows,
    (SELECT count(*) FROM placed_note) AS note_rows
