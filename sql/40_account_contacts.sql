-- purpose: count the contacts of each linked account: the contacts that are published
-- reads: link, contact; writes: account_contacts
CREATE TABLE account_contacts AS
SELECT
    c.account_id,
    count(*) AS contact_count
FROM contact c
JOIN (SELECT DISTINCT account_id FROM link) l ON l.account_id = c.account_id
GROUP BY c.account_id
