-- purpose: count the customer rows that are equal in every column to another one, apart from the customers that are left
-- reads: erp_customer; writes: exact_duplicate
--
-- The rows less these must be the customers, so one that got lost on the way is not taken for a duplicate. Only rows that
-- share their customer id, or have none, are compared in full.
CREATE TABLE exact_duplicate AS
WITH repeated AS (
    SELECT customer_id
    FROM erp_customer
    GROUP BY customer_id
    HAVING count(*) > 1
),
equal AS (
    SELECT count(*) - 1 AS duplicates
    FROM erp_customer c
    JOIN repeated r ON r.customer_id = c.customer_id
    GROUP BY c.content
    UNION ALL
    SELECT count(*) - 1 AS duplicates
    FROM erp_customer
    WHERE customer_id IS NULL
    GROUP BY content
)
SELECT CAST(coalesce(sum(duplicates), 0) AS BIGINT) AS records
FROM equal
