-- purpose: choose the pairs to measure, and the keys to try on each
-- reads: overlap, asked_pair, discovery_pass, discovered_column, column_shape, tried_key; writes: trial
CREATE OR REPLACE TABLE trial AS
WITH promising AS (
    SELECT account_field, customer_field, row_number() OVER (ORDER BY shared DESC, account_field, customer_field) AS position
    FROM overlap
),
chosen AS (
    SELECT p.account_field, p.customer_field, CAST(NULL AS INTEGER) AS key
    FROM promising p
    JOIN discovery_pass d ON p.position <= d.pairs
    UNION
    SELECT account_field, customer_field, key
    FROM asked_pair
),
known AS (
    SELECT
        p.account_field,
        p.customer_field,
        p.key,
        coalesce(ac.holds_record_ids, false) OR coalesce(s.record_id_share, 0) >= 0.5 OR coalesce(t.record_id_share, 0) >= 0.5 AS has_record_ids,
        CASE
            WHEN coalesce(s.prefix_share, 0) >= 0.5 AND coalesce(t.prefix_share, 0) < 0.5 THEN s.prefix
            WHEN coalesce(t.prefix_share, 0) >= 0.5 AND coalesce(s.prefix_share, 0) < 0.5 THEN t.prefix
        END AS prefix
    FROM chosen p
    LEFT JOIN discovered_column ac ON ac.side = 'accounts' AND ac.field = p.account_field
    LEFT JOIN column_shape s ON s.side = 'accounts' AND s.field = p.account_field
    LEFT JOIN column_shape t ON t.side = 'customers' AND t.field = p.customer_field
)
SELECT DISTINCT
    p.account_field,
    p.customer_field,
    k.key,
    CASE WHEN k.needs = 'a prefix' THEN p.prefix END AS argument
FROM known p
JOIN tried_key k ON p.key IS NULL OR k.key = p.key
WHERE
    k.needs = 'anything'
    OR (k.needs = 'record ids' AND p.has_record_ids)
    OR (k.needs = 'a prefix' AND p.prefix IS NOT NULL)
