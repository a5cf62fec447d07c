-- purpose: find the keys that several records carry on a side that may not share
-- reads: rule, account_identifier, customer_identifier; writes: conflict
--
-- All records of the side count, whether or not another rule links them and whether or not the other side knows the
-- identifier. Several spellings under one key are a collision of the key steps, one spelling is a duplicate.
CREATE TABLE conflict AS
SELECT
    'customers' AS side,
    i.rule,
    i.link_key,
    min(i.identifier) <> max(i.identifier) AS is_collision
FROM customer_identifier i
JOIN rule r ON r.rule = i.rule
WHERE NOT r.customers_share AND i.link_key IS NOT NULL
GROUP BY i.rule, i.link_key
HAVING count(*) > 1
UNION ALL
SELECT
    'accounts' AS side,
    i.rule,
    i.link_key,
    min(i.identifier) <> max(i.identifier) AS is_collision
FROM account_identifier i
JOIN rule r ON r.rule = i.rule
WHERE NOT r.accounts_share AND i.link_key IS NOT NULL
GROUP BY i.rule, i.link_key
HAVING count(*) > 1
