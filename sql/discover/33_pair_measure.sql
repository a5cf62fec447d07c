-- purpose: measure each pair under each key: the customers that it would link, whichever side may share
-- reads: trial, key_carrier; writes: pair_measure
--
-- one_to_one: one customer, one account. by_accounts: several accounts may carry a customer's key. by_customers:
-- several customers may carry an account's.
CREATE OR REPLACE TABLE pair_measure AS
SELECT
    t.account_field,
    t.customer_field,
    t.key,
    t.argument,
    count(c.link_key) AS keys,
    CAST(coalesce(sum(CASE WHEN a.records = 1 AND c.records = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS one_to_one,
    CAST(coalesce(sum(CASE WHEN c.records = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS by_accounts,
    CAST(coalesce(sum(CASE WHEN a.records = 1 THEN c.records ELSE 0 END), 0) AS BIGINT) AS by_customers
FROM trial t
LEFT JOIN key_carrier a
    ON a.side = 'accounts'
    AND a.field = t.account_field
    AND a.key = t.key
    AND a.argument IS NOT DISTINCT FROM t.argument
LEFT JOIN key_carrier c
    ON c.side = 'customers'
    AND c.field = t.customer_field
    AND c.key = t.key
    AND c.argument IS NOT DISTINCT FROM t.argument
    AND c.link_key = a.link_key
GROUP BY t.account_field, t.customer_field, t.key, t.argument
