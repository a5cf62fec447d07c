-- purpose: count the inputs, independently of the link
-- reads: staged_account, staged_contact, account, contact, erp_customer, customer; writes: totals
CREATE TABLE totals AS
SELECT
    (SELECT count(*) FROM erp_customer) AS customer_rows,
    (SELECT count(*) FROM customer) AS customers,
    (SELECT count(*) FROM staged_account) AS staged_accounts,
    (SELECT count(*) FROM account) AS accounts,
    (SELECT count(*) FROM staged_contact) AS staged_contacts,
    (SELECT count(*) FROM contact) AS contacts
