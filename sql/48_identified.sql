-- purpose: take what a near miss is looked for by of every identifier, and tell whether its record is open
-- reads: not_linked, open_record, customer_identifier, account_identifier, refused_key; writes: identified
--
-- Refused keys are left out: a link to them would be refused as well. So are identifiers of more than 255 characters.
CREATE VIEW identified AS
WITH open_customer AS (
    SELECT CASE WHEN side = 'customers' THEN CAST(record AS BIGINT) END AS customer_row
    FROM open_record
    WHERE side = 'customers'
),
open_account AS (
    SELECT record AS account_id
    FROM open_record
    WHERE side = 'accounts'
),
based AS (
    SELECT n.side, n.rule, n.record, near_base(n.identifier, n.link_key) AS base, true AS is_open
    FROM not_linked n
    JOIN open_record o ON o.side = n.side AND o.record = n.record
    WHERE NOT n.is_blank AND NOT n.is_refused
    UNION ALL
    SELECT 'customers' AS side, i.rule, CAST(i.customer_row AS STRING) AS record, near_base(i.identifier, i.link_key) AS base, false AS is_open
    FROM customer_identifier i
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE NOT i.is_blank AND k.link_key IS NULL AND i.customer_row NOT IN (SELECT customer_row FROM open_customer)
    UNION ALL
    SELECT 'accounts' AS side, i.rule, i.account_id AS record, near_base(i.identifier, i.link_key) AS base, false AS is_open
    FROM account_identifier i
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE NOT i.is_blank AND k.link_key IS NULL AND i.account_id NOT IN (SELECT account_id FROM open_account)
)
SELECT side, CASE WHEN side = 'customers' THEN 'accounts' ELSE 'customers' END AS facing, rule, record, base, is_open
FROM based
WHERE length(base) <= 255
