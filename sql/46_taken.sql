-- purpose: find the unlinked records whose very key the other side carries: an earlier rule linked that record elsewhere
-- reads: customer_identifier, account_identifier, customer_link, account_link, refused_key, party; writes: taken
--
-- Nothing stands between the two but the order of the rules, so this is no near miss; the exception tells who has it. A
-- record that another rule refuses has its status from there.
CREATE TABLE taken AS
WITH free_customer AS (
    SELECT i.customer_row, i.rule, i.link_key
    FROM customer_identifier i
    LEFT JOIN customer_link l ON l.customer_row = i.customer_row
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE i.link_key IS NOT NULL AND l.customer_row IS NULL AND k.link_key IS NULL
),
free_account AS (
    SELECT i.account_id, i.rule, i.link_key
    FROM account_identifier i
    LEFT JOIN account_link l ON l.account_id = i.account_id
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE i.link_key IS NOT NULL AND l.account_id IS NULL AND k.link_key IS NULL
),
found AS (
    SELECT
        'customers' AS side,
        'accounts' AS facing,
        CAST(c.customer_row AS STRING) AS record,
        c.rule,
        a.account_id AS candidate,
        a.identifier,
        CAST(NULL AS STRING) AS holder
    FROM free_customer c
    JOIN account_identifier a ON a.rule = c.rule AND a.link_key = c.link_key
    UNION ALL
    SELECT
        'accounts' AS side,
        'customers' AS facing,
        a.account_id AS record,
        a.rule,
        CAST(c.customer_row AS STRING) AS candidate,
        c.identifier,
        l.account_id AS holder
    FROM free_account a
    JOIN customer_identifier c ON c.rule = a.rule AND c.link_key = a.link_key
    LEFT JOIN customer_link l ON l.customer_row = c.customer_row
),
refused AS (
    SELECT 'customers' AS side, CAST(i.customer_row AS STRING) AS record
    FROM customer_identifier i
    JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    UNION
    SELECT 'accounts' AS side, i.account_id AS record
    FROM account_identifier i
    JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
),
ordered AS (
    SELECT
        f.side,
        f.record,
        f.rule,
        f.candidate,
        row_number() OVER (
            PARTITION BY f.side, f.record
            ORDER BY f.rule, p.id ASC NULLS LAST, p.name ASC NULLS LAST, f.identifier, f.holder ASC NULLS LAST
        ) AS position
    FROM found f
    JOIN party p ON p.side = f.facing AND p.record = f.candidate
    LEFT JOIN refused r ON r.side = f.side AND r.record = f.record
    WHERE r.record IS NULL
)
SELECT side, record, rule, candidate
FROM ordered
WHERE position = 1
