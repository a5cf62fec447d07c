-- purpose: find the ERP rows that are equal to another in every column: they are one customer
-- reads: erp_customer, customer; writes: repeated_row
CREATE TABLE repeated_row AS
SELECT e.customer_row
FROM erp_customer e
LEFT JOIN customer c ON c.customer_row = e.customer_row
WHERE c.customer_row IS NULL
