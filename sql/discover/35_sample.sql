-- purpose: show up to three links of each pair and key, those first whose spellings differ
-- reads: trial, key_carrier; writes: sample
CREATE OR REPLACE VIEW sample AS
WITH met AS (
    SELECT
        t.account_field,
        t.customer_field,
        t.key,
        a.spelling AS account_value,
        c.spelling AS customer_value,
        row_number() OVER (
            PARTITION BY t.account_field, t.customer_field, t.key
            ORDER BY CASE WHEN a.spelling = c.spelling THEN 1 ELSE 0 END, hash(a.link_key), a.link_key
        ) AS position
    FROM trial t
    JOIN key_carrier a
        ON a.side = 'accounts'
        AND a.field = t.account_field
        AND a.key = t.key
        AND a.argument IS NOT DISTINCT FROM t.argument
    JOIN key_carrier c
        ON c.side = 'customers'
        AND c.field = t.customer_field
        AND c.key = t.key
        AND c.argument IS NOT DISTINCT FROM t.argument
        AND c.link_key = a.link_key
)
SELECT account_field, customer_field, key, account_value, customer_value, position
FROM met
WHERE position <= 3
