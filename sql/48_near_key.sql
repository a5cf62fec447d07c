-- purpose: give every identifier the loosest key there is: without any of the differences that a near miss may name
-- reads: customer_identifier, account_identifier, refused_key, open_record; writes: near_key
--
-- Two identifiers that differ in nothing but those meet here, by equality, so no pair is ever looked at in vain. Refused
-- keys are left out: a link to them would be refused as well. So are identifiers of more than 255 characters. An account's
-- id that the rule's steps do not know as one is taken as it is. plain keeps the punctuation, value is without leading
-- zeros. Most identifiers are simple: nothing but case and zeros comes off.
CREATE TABLE near_key AS
WITH customer_base AS (
    SELECT
        i.rule,
        CAST(i.customer_row AS STRING) AS record,
        CASE WHEN is_account_id_like(i.identifier) AND NOT is_long_account_id(i.link_key) THEN i.identifier ELSE coalesce(i.link_key, i.identifier) END AS base
    FROM customer_identifier i
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE NOT i.is_blank AND k.link_key IS NULL
),
account_base AS (
    SELECT
        i.rule,
        i.account_id AS record,
        CASE WHEN is_account_id_like(i.identifier) AND NOT is_long_account_id(i.link_key) THEN i.identifier ELSE coalesce(i.link_key, i.identifier) END AS base
    FROM account_identifier i
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE NOT i.is_blank AND k.link_key IS NULL
),
identified AS (
    SELECT 'customers' AS side, 'accounts' AS facing, rule, record, base, is_simple_text(base) AS is_simple, is_plain_text(base) AS is_plain
    FROM customer_base
    WHERE length(base) <= 255
    UNION ALL
    SELECT 'accounts' AS side, 'customers' AS facing, rule, record, base, is_simple_text(base) AS is_simple, is_plain_text(base) AS is_plain
    FROM account_base
    WHERE length(base) <= 255
),
compatible AS (
    SELECT side, facing, rule, record, base, key_nfkc(base) AS plain
    FROM identified
    WHERE NOT is_plain
),
visible AS (
    SELECT side, facing, rule, record, base, key_strip_invisible(plain) AS plain
    FROM compatible
    UNION ALL
    SELECT side, facing, rule, record, base, base AS plain
    FROM identified
    WHERE is_plain AND NOT is_simple
),
unspaced AS (
    SELECT side, facing, rule, record, base, key_without_space(plain) AS plain
    FROM visible
),
short AS (
    SELECT side, facing, rule, record, base, key_short_salesforce_id(plain) AS plain
    FROM unspaced
),
folded AS (
    SELECT side, facing, rule, record, base, key_casefold(plain) AS plain
    FROM short
),
whole AS (
    SELECT side, facing, rule, record, base, key_without_decimal(plain) AS plain
    FROM folded
),
dashless AS (
    SELECT side, facing, rule, record, base, plain, replace(plain, '-', '') AS loose
    FROM whole
),
bare AS (
    SELECT side, facing, rule, record, base, plain, key_strip_punctuation(loose) AS loose
    FROM dashless
),
shortened AS (
    SELECT side, facing, rule, record, base, plain, key_short_salesforce_id(loose) AS loose
    FROM bare
),
alike AS (
    SELECT side, facing, rule, record, base, plain, key_look_alike(loose) AS loose
    FROM shortened
),
simple AS (
    SELECT side, facing, rule, record, base, key_short_salesforce_id(lower(base)) AS plain
    FROM identified
    WHERE is_simple
),
loosened AS (
    SELECT side, facing, rule, record, base, plain, key_without_zeros(plain) AS value, key_without_zeros(loose) AS loose
    FROM alike
    UNION ALL
    SELECT side, facing, rule, record, base, plain, key_without_zeros(plain) AS value, CAST(NULL AS STRING) AS loose
    FROM simple
)
SELECT
    b.side,
    b.facing,
    b.rule,
    b.record,
    o.record IS NOT NULL AS is_open,
    b.base,
    b.plain,
    b.value,
    coalesce(b.loose, b.value) AS loose
FROM loosened b
LEFT JOIN open_record o ON o.side = b.side AND o.record = b.record
