-- purpose: take the identifiers of the records that no rule linked, and tell those whose key is refused
-- reads: customer_identifier, account_identifier, customer_link, account_link, refused_key; writes: not_linked
CREATE TABLE not_linked AS
SELECT 'customers' AS side, CAST(i.customer_row AS STRING) AS record, i.rule, i.identifier, i.link_key, i.is_blank, k.link_key IS NOT NULL AS is_refused
FROM customer_identifier i
LEFT JOIN customer_link l ON l.customer_row = i.customer_row
LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
WHERE l.customer_row IS NULL
UNION ALL
SELECT 'accounts' AS side, i.account_id AS record, i.rule, i.identifier, i.link_key, i.is_blank, k.link_key IS NOT NULL AS is_refused
FROM account_identifier i
LEFT JOIN account_link l ON l.account_id = i.account_id
LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
WHERE l.account_id IS NULL
