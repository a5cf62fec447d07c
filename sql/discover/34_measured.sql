-- purpose: put the measures of each pair and key together
-- reads: pair_measure, side_measure, tried_key; writes: measured
CREATE OR REPLACE VIEW measured AS
SELECT
    p.account_field,
    p.customer_field,
    p.key,
    k.name,
    p.argument,
    p.keys,
    p.one_to_one,
    p.by_accounts,
    p.by_customers,
    coalesce(a.filled, 0) AS account_filled,
    coalesce(a.keys, 0) AS account_keys,
    coalesce(a.collided, 0) AS account_collided,
    coalesce(c.filled, 0) AS customer_filled,
    coalesce(c.keys, 0) AS customer_keys,
    coalesce(c.collided, 0) AS customer_collided
FROM pair_measure p
JOIN tried_key k ON k.key = p.key
LEFT JOIN side_measure a
    ON a.side = 'accounts' AND a.field = p.account_field AND a.key = p.key AND a.argument IS NOT DISTINCT FROM p.argument
LEFT JOIN side_measure c
    ON c.side = 'customers' AND c.field = p.customer_field AND c.key = p.key AND c.argument IS NOT DISTINCT FROM p.argument
