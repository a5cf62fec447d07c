-- purpose: find identifiers that stand in another field or column than the rule's, on either side of an open record
-- reads: held_value, place_value, account_reference, customer_identifier, near_key, open_record, rule, account, party; writes: other_place
--
-- Four places: a customer's identifier in another field of an account; an account's in another column of a customer;
-- an account's id in any column of a customer; a customer's id in a field of an account, where no rule compares it. A
-- value that more than ten records carry, as their identifier or in one place, says nothing. An account's id says which
-- account, and the first rule that has anything to compare how to link it.
CREATE TABLE other_place AS
WITH token AS (
    SELECT side, rule, record, plain, value, 'the identifier' AS token
    FROM near_key
    UNION ALL
    SELECT 'customers' AS side, 1 AS rule, CAST(customer_row AS STRING) AS record, value AS plain, value, 'the customer id' AS token
    FROM place_value
    WHERE side = 'ids'
),
counted_token AS (
    SELECT
        side, rule, record, plain, value, token,
        sum(CASE WHEN is_identifier_like(plain) THEN 1 ELSE 0 END) OVER (PARTITION BY side, rule, token, value) AS carriers
    FROM token
    WHERE length(value) >= 4 AND value IN (SELECT value FROM held_value)
),
rare_token AS (
    SELECT side, rule, record, value, token
    FROM counted_token
    WHERE carriers <= 10 AND is_identifier_like(plain)
),
rare_value AS (
    SELECT h.side, h.record, h.place, h.value, count(*) OVER (PARTITION BY h.side, h.place, h.value) AS carriers
    FROM held_value h
    JOIN party p ON p.side = h.side AND p.record = h.record
    WHERE h.value IN (SELECT value FROM rare_token)
),
met AS (
    SELECT
        t.side, t.rule, t.record, t.token, v.record AS holder, v.place, v.value,
        o.record IS NOT NULL AS is_open, h.record IS NOT NULL AS is_open_holder
    FROM rare_token t
    JOIN rare_value v ON v.value = t.value AND v.side = CASE WHEN t.side = 'accounts' THEN 'customers' ELSE 'accounts' END
    LEFT JOIN open_record o ON o.side = t.side AND o.record = t.record
    LEFT JOIN open_record h ON h.side = v.side AND h.record = v.record
    WHERE (o.record IS NOT NULL OR h.record IS NOT NULL) AND v.carriers <= 10
),
usable AS (
    SELECT f.record, min(r.rule) AS rule
    FROM (SELECT DISTINCT record, CAST(record AS BIGINT) AS customer_row FROM account_reference) f
    JOIN customer_identifier i ON i.customer_row = f.customer_row
    JOIN rule r ON r.rule = i.rule AND (r.account_field = 'Id' OR NOT i.is_blank)
    GROUP BY f.record
),
found AS (
    SELECT
        m.rule, m.record AS customer, m.is_open AS is_open_customer, m.holder AS account, m.is_open_holder AS is_open_account,
        m.token || ' stands in ' || m.place || ' of the account' AS place, m.value
    FROM met m
    JOIN rule r ON r.rule = m.rule AND r.account_field <> m.place
    WHERE m.side = 'customers'
    UNION ALL
    SELECT
        m.rule, m.holder AS customer, m.is_open_holder AS is_open_customer, m.record AS account, m.is_open AS is_open_account,
        'the identifier stands in ' || m.place || ' of the customer' AS place, m.value
    FROM met m
    JOIN rule r ON r.rule = m.rule AND r.customer_column <> m.place
    WHERE m.side = 'accounts'
    UNION ALL
    SELECT
        coalesce(u.rule, 1) AS rule, f.record AS customer, c.record IS NOT NULL AS is_open_customer, f.account_id AS account, a.record IS NOT NULL AS is_open_account,
        'the account id stands in ' || f.place || ' of the customer' AS place, f.account_id AS value
    FROM account_reference f
    JOIN account s ON s.account_id = f.account_id
    LEFT JOIN usable u ON u.record = f.record
    LEFT JOIN open_record c ON c.side = 'customers' AND c.record = f.record
    LEFT JOIN open_record a ON a.side = 'accounts' AND a.record = f.account_id
    WHERE c.record IS NOT NULL OR a.record IS NOT NULL
)
SELECT 'customers' AS side, rule, customer AS record, account AS candidate, place, length(value) AS length
FROM found
WHERE is_open_customer
UNION ALL
SELECT 'accounts' AS side, rule, account AS record, customer AS candidate, place, length(value) AS length
FROM found
WHERE is_open_account
