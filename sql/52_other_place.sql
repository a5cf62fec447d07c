-- purpose: find identifiers that stand in another field or column than the rule's, on either side of an open record
-- reads: account_place, customer_place, customer_reference, near_key, open_record, rule, customer, account; writes: other_place
--
-- Four places: a customer's identifier in another field of an account; an account's in another column of a customer;
-- an account's id in any column of a customer; a customer's id in a field of an account, where no rule compares it.
-- Space, case, leading zeros and decimals aside, for a number field keeps none of them. A value that more than ten
-- records carry says nothing.
CREATE TABLE other_place AS
WITH placed AS (
    SELECT 'accounts' AS side, account_id AS record, place, key_without_space(value) AS value
    FROM account_place
    WHERE is_identifier_like(value)
    UNION ALL
    SELECT 'customers' AS side, CAST(p.customer_row AS STRING) AS record, p.place, key_without_space(p.value) AS value
    FROM customer_place p
    JOIN customer c ON c.customer_row = p.customer_row
    WHERE is_identifier_like(p.value)
    UNION ALL
    SELECT 'ids' AS side, CAST(c.customer_row AS STRING) AS record, CAST(NULL AS STRING) AS place, key_without_space(c.customer_id) AS value
    FROM customer c
    CROSS JOIN (SELECT count(*) AS rules FROM rule WHERE is_customer_id) r
    WHERE r.rules = 0 AND is_identifier_like(c.customer_id)
),
folded AS (
    SELECT side, record, place, key_casefold(value) AS value
    FROM placed
),
whole AS (
    SELECT side, record, place, key_without_decimal(value) AS value
    FROM folded
),
bare AS (
    SELECT side, record, place, key_without_zeros(value) AS value
    FROM whole
),
account_value AS (
    SELECT record AS account_id, place, value
    FROM bare
    WHERE side = 'accounts'
),
customer_value AS (
    SELECT record AS customer, place, value
    FROM bare
    WHERE side = 'customers'
),
token AS (
    SELECT side, rule, record, is_open, key_without_zeros(plain) AS value
    FROM near_key
),
id_token AS (
    SELECT 1 AS rule, b.record, o.record IS NOT NULL AS is_open, b.value, 'the customer id' AS token
    FROM bare b
    LEFT JOIN open_record o ON o.side = 'customers' AND o.record = b.record
    WHERE b.side = 'ids'
),
customer_token AS (
    SELECT rule, record, is_open, value, 'the identifier' AS token
    FROM token
    WHERE side = 'customers' AND is_identifier_like(value)
    UNION ALL
    SELECT rule, record, is_open, value, token
    FROM id_token
),
account_token AS (
    SELECT rule, record, is_open, value
    FROM token
    WHERE side = 'accounts' AND is_identifier_like(value)
),
in_account AS (
    SELECT t.rule, t.record AS customer, t.is_open AS is_open_customer, v.account_id AS account, o.record IS NOT NULL AS is_open_account, v.place, v.value, t.token
    FROM customer_token t
    JOIN account_value v ON v.value = t.value
    JOIN rule r ON r.rule = t.rule AND r.account_field <> v.place
    LEFT JOIN open_record o ON o.side = 'accounts' AND o.record = v.account_id
    WHERE t.is_open OR o.record IS NOT NULL
),
in_customer AS (
    SELECT t.rule, v.customer, o.record IS NOT NULL AS is_open_customer, t.record AS account, t.is_open AS is_open_account, v.place, v.value
    FROM account_token t
    JOIN customer_value v ON v.value = t.value
    JOIN rule r ON r.rule = t.rule AND r.customer_column <> v.place
    LEFT JOIN open_record o ON o.side = 'customers' AND o.record = v.customer
    WHERE t.is_open OR o.record IS NOT NULL
),
reference AS (
    SELECT p.customer_row, p.place, key_salesforce_id(p.value) AS account
    FROM customer_reference p
    JOIN customer c ON c.customer_row = p.customer_row
    WHERE is_account_id_like(p.value)
),
by_reference AS (
    SELECT
        r.rule,
        CAST(p.customer_row AS STRING) AS customer,
        c.record IS NOT NULL AS is_open_customer,
        p.account,
        a.record IS NOT NULL AS is_open_account,
        p.place,
        p.account AS value
    FROM reference p
    JOIN account s ON s.account_id = p.account
    JOIN rule r ON r.rule = 1
    LEFT JOIN rule own ON own.account_field = 'Id' AND own.customer_column = p.place
    LEFT JOIN open_record c ON c.side = 'customers' AND c.record = CAST(p.customer_row AS STRING)
    LEFT JOIN open_record a ON a.side = 'accounts' AND a.record = p.account
    WHERE own.rule IS NULL AND (c.record IS NOT NULL OR a.record IS NOT NULL)
),
found AS (
    SELECT rule, customer, is_open_customer, account, is_open_account, token || ' stands in ' || place || ' of the account' AS place, value
    FROM in_account
    UNION ALL
    SELECT rule, customer, is_open_customer, account, is_open_account, 'the identifier stands in ' || place || ' of the customer' AS place, value
    FROM in_customer
    UNION ALL
    SELECT rule, customer, is_open_customer, account, is_open_account, 'the account id stands in ' || place || ' of the customer' AS place, value
    FROM by_reference
),
counted AS (
    SELECT
        f.rule,
        f.customer,
        f.is_open_customer,
        f.account,
        f.is_open_account,
        f.place,
        f.value,
        count(*) OVER (PARTITION BY f.rule, f.place, f.value) AS carriers
    FROM found f
)
SELECT 'customers' AS side, rule, customer AS record, account AS candidate, place, length(value) AS length
FROM counted
WHERE is_open_customer AND carriers <= 10
UNION ALL
SELECT 'accounts' AS side, rule, account AS record, customer AS candidate, place, length(value) AS length
FROM counted
WHERE is_open_account AND carriers <= 10
