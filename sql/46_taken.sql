-- purpose: find the unlinked records whose very key the other side carries: an earlier rule linked that record elsewhere
-- reads: not_linked, customer_identifier, account_identifier, customer_link, party; writes: taken
--
-- Nothing stands between the two but the order of the rules, so this is no near miss; the exception tells who has it. A
-- record that another rule refuses has its status from there.
CREATE TABLE taken AS
WITH free AS (
    SELECT side, record, rule, link_key
    FROM not_linked
    WHERE link_key IS NOT NULL AND NOT is_refused
),
found AS (
    SELECT
        f.side,
        'accounts' AS facing,
        f.record,
        f.rule,
        a.account_id AS candidate,
        a.identifier,
        CAST(NULL AS STRING) AS holder
    FROM free f
    JOIN account_identifier a ON a.rule = f.rule AND a.link_key = f.link_key
    WHERE f.side = 'customers'
    UNION ALL
    SELECT
        f.side,
        'customers' AS facing,
        f.record,
        f.rule,
        CAST(c.customer_row AS STRING) AS candidate,
        c.identifier,
        l.account_id AS holder
    FROM free f
    JOIN customer_identifier c ON c.rule = f.rule AND c.link_key = f.link_key
    LEFT JOIN customer_link l ON l.customer_row = c.customer_row
    WHERE f.side = 'accounts'
),
refused AS (
    SELECT DISTINCT side, record
    FROM not_linked
    WHERE is_refused
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
