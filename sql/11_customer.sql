-- purpose: take the customers: the ERP rows, of which those that are equal in every column are one
-- reads: erp_customer; writes: customer
--
-- Only rows that share their customer id are compared in full, so a snapshot of unique ids is never held wide. Which
-- of several equal rows stays makes no difference to the output.
CREATE TABLE customer AS
WITH repeated AS (
    SELECT customer_id
    FROM erp_customer
    GROUP BY customer_id
    HAVING count(*) > 1
)
SELECT
    c.customer_row,
    c.customer_id,
    c.customer_name
FROM erp_customer c
LEFT JOIN repeated r ON r.customer_id = c.customer_id
WHERE c.customer_id IS NOT NULL AND r.customer_id IS NULL
UNION ALL
SELECT
    min(c.customer_row) AS customer_row,
    c.customer_id,
    c.customer_name
FROM erp_customer c
LEFT JOIN repeated r ON r.customer_id = c.customer_id
WHERE c.customer_id IS NULL OR r.customer_id IS NOT NULL
GROUP BY c.customer_id, c.customer_name, c.content
