-- purpose: put together what is published of each account
-- reads: account, account_outcome, account_link, extra_contact; writes: account_result
--
-- All contacts of a linked account are published, of another one those that come to a customer by another source.
CREATE TABLE account_result AS
SELECT
    a.account_id,
    a.account_name,
    o.identifier,
    o.link_key,
    o.status,
    o.reason,
    o.link_rule,
    l.customer_id,
    coalesce(l.customer_count, 0) AS customer_count,
    coalesce(l.contact_count, e.contact_count, 0) AS contact_count
FROM account a
JOIN account_outcome o ON o.account_id = a.account_id
LEFT JOIN account_link l ON l.account_id = a.account_id
LEFT JOIN (
    SELECT own_account_id AS account_id, count(DISTINCT contact_id) AS contact_count
    FROM extra_contact
    WHERE own_account_id IS NOT NULL
    GROUP BY own_account_id
) e ON e.account_id = a.account_id
