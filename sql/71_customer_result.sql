-- purpose: put together what is published of each customer; the ERP columns are joined to it as they were staged
-- reads: customer, customer_outcome, customer_link, customer_accounts, extra_contact; writes: customer_result
--
-- A table and not a view, so that the wide rows meet one join only when they are sorted and written: several joins at
-- once hold all their tables in memory together.
CREATE TABLE customer_result AS
SELECT
    c.customer_row,
    c.customer_id,
    c.customer_name,
    o.identifier,
    o.link_key,
    o.status,
    o.reason,
    o.link_rule,
    l.account_id,
    s.account_ids,
    coalesce(l.account_count, 0) AS account_count,
    coalesce(l.contact_count, 0) + coalesce(e.contact_count, 0) AS contact_count
FROM customer c
JOIN customer_outcome o ON o.customer_row = c.customer_row
LEFT JOIN customer_link l ON l.customer_row = c.customer_row
LEFT JOIN customer_accounts s ON s.customer_row = c.customer_row
LEFT JOIN (
    SELECT customer_row, count(*) AS contact_count
    FROM extra_contact
    GROUP BY customer_row
) e ON e.customer_row = c.customer_row
