-- purpose: take the identifiers of the records that no rule linked, and tell those whose key is refused
-- reads: customer_identifier, account_identifier, customer_link, account_link, refused_key; writes: not_linked
CREATE TABLE not_linked AS
WITH unlinked AS (
    SELECT 'customers' AS side, CAST(i.customer_row AS STRING) AS record, i.rule, i.identifier, i.link_key, i.is_blank
    FROM customer_identifier i
    WHERE NOT EXISTS (SELECT 1 FROM customer_link l WHERE l.customer_row = i.customer_row)
    UNION ALL
    SELECT 'accounts' AS side, i.account_id AS record, i.rule, i.identifier, i.link_key, i.is_blank
    FROM account_identifier i
    WHERE NOT EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = i.account_id)
)
SELECT u.side, u.record, u.rule, u.identifier, u.link_key, u.is_blank, k.link_key IS NOT NULL AS is_refused
FROM unlinked u
LEFT JOIN refused_key k ON k.rule = u.rule AND k.link_key = u.link_key
