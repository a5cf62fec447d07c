-- purpose: find the published customers of an id, as it is written or, failing that, without case, space and invisible characters
-- reads: published_customers; writes: none
--
-- Rows that agree in all that is told here are one answer, with how many they are.
WITH asked AS (
    SELECT CAST(? AS VARCHAR) AS id
),
folded AS (
    SELECT id, key_casefold(key_trim(key_strip_invisible(id))) AS folded
    FROM asked
),
found AS (
    SELECT
        c.record,
        c.customer_id,
        c.customer_name,
        c.identifier,
        c.link_key,
        c.status,
        c.reason,
        c.link_rule,
        c.contact_count,
        c.customer_id = a.id AS is_exact
    FROM published_customers c
    CROSS JOIN folded a
    WHERE c.customer_id = a.id OR key_casefold(key_trim(key_strip_invisible(c.customer_id))) = a.folded
)
SELECT
    min(record) AS record,
    customer_id,
    customer_name,
    identifier,
    link_key,
    status,
    reason,
    link_rule,
    max(contact_count) AS contact_count,
    count(*) AS row_count,
    count(*) OVER () AS found_count
FROM found
WHERE is_exact OR NOT EXISTS (SELECT 1 AS one FROM found WHERE is_exact)
GROUP BY customer_id, customer_name, identifier, link_key, status, reason, link_rule
ORDER BY record
LIMIT 20
