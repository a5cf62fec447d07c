-- purpose: rank the accounts of each customer: most published contacts, then oldest, then smallest id
-- reads: link, customer, account, account_contacts; writes: ranked_link
CREATE TABLE ranked_link AS
SELECT
    l.customer_row,
    c.customer_id,
    l.account_id,
    l.rule,
    l.link_key,
    coalesce(n.contact_count, 0) AS contact_count,
    row_number() OVER (
        PARTITION BY l.customer_row
        ORDER BY coalesce(n.contact_count, 0) DESC, a.created_microseconds ASC NULLS LAST, l.account_id
    ) AS account_rank
FROM link l
JOIN customer c ON c.customer_row = l.customer_row
JOIN account a ON a.account_id = l.account_id
LEFT JOIN account_contacts n ON n.account_id = l.account_id
