-- purpose: list the links of a customer or of an account, each record of the other side once, and count them all
-- reads: published_links, published_customers, published_accounts; writes: none
--
-- Customers may share an id, so a customer's own links are those by its key and rule. Of customers without an id only the
-- name tells one from another.
WITH own AS (
    SELECT DISTINCT customer_id, account_id, link_rule, link_key, account_rank
    FROM published_links
    WHERE (? = 'customers' AND customer_id = ? AND link_key = ? AND link_rule = ?) OR (? = 'accounts' AND account_id = ?)
),
ordered AS (
    SELECT
        l.customer_id,
        c.customer_name,
        l.account_id,
        l.link_rule,
        l.link_key,
        l.account_rank,
        row_number() OVER (
            PARTITION BY l.customer_id, l.account_id, CASE WHEN l.customer_id IS NULL THEN c.customer_name END
            ORDER BY l.account_rank, l.link_rule, l.link_key, c.customer_name
        ) AS position
    FROM own l
    LEFT JOIN published_customers c
        ON c.customer_id IS NOT DISTINCT FROM l.customer_id AND c.link_key = l.link_key AND c.link_rule = l.link_rule
)
SELECT
    o.customer_id,
    o.customer_name,
    o.account_id,
    a.account_name,
    o.link_rule,
    o.link_key,
    o.account_rank,
    count(*) OVER () AS link_count
FROM ordered o
LEFT JOIN published_accounts a ON a.account_id = o.account_id
WHERE o.position = 1
ORDER BY o.customer_id, o.account_rank, o.account_id, o.customer_name
LIMIT 20
