-- purpose: find the records that a near miss is looked for: not linked, not refused, nobody has their link
-- reads: customer_identifier, account_identifier, customer_link, account_link, refused_key, taken; writes: open_record
--
-- A customer without any identifier is left out. Such an account stays, for its identifier may stand in another field.
CREATE TABLE open_record AS
WITH refused AS (
    SELECT 'customers' AS side, CAST(i.customer_row AS STRING) AS record
    FROM customer_identifier i
    JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    UNION ALL
    SELECT 'accounts' AS side, i.account_id AS record
    FROM account_identifier i
    JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    UNION ALL
    SELECT side, record
    FROM taken
),
unlinked AS (
    SELECT
        'customers' AS side,
        CAST(i.customer_row AS STRING) AS record,
        min(CASE WHEN i.is_blank THEN 1 ELSE 0 END) = 1 AS is_blank
    FROM customer_identifier i
    LEFT JOIN customer_link l ON l.customer_row = i.customer_row
    WHERE l.customer_row IS NULL
    GROUP BY i.customer_row
    UNION ALL
    SELECT
        'accounts' AS side,
        i.account_id AS record,
        min(CASE WHEN i.is_blank THEN 1 ELSE 0 END) = 1 AS is_blank
    FROM account_identifier i
    LEFT JOIN account_link l ON l.account_id = i.account_id
    WHERE l.account_id IS NULL
    GROUP BY i.account_id
)
SELECT u.side, u.record, u.is_blank
FROM unlinked u
LEFT JOIN (SELECT DISTINCT side, record FROM refused) r ON r.side = u.side AND r.record = u.record
WHERE r.record IS NULL AND (u.side = 'accounts' OR NOT u.is_blank)
