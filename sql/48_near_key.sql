-- purpose: give every identifier the loosest key there is: without any of the differences that a near miss may name
-- reads: customer_identifier, account_identifier, refused_key, open_record; writes: near_key
--
-- Two identifiers that differ in nothing but those meet here, by equality, so no pair is ever looked at in vain. Refused
-- keys are left out: a link to them would be refused as well. So are identifiers of more than 255 characters. An account's
-- id that the rule's steps do not know as one is taken as it is. plain keeps the punctuation.
CREATE TABLE near_key AS
WITH identified AS (
    SELECT
        'customers' AS side,
        'accounts' AS facing,
        i.rule,
        CAST(i.customer_row AS STRING) AS record,
        CASE WHEN is_account_id_like(i.identifier) AND NOT is_long_account_id(i.link_key) THEN i.identifier ELSE coalesce(i.link_key, i.identifier) END AS base
    FROM customer_identifier i
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE NOT i.is_blank AND k.link_key IS NULL
    UNION ALL
    SELECT
        'accounts' AS side,
        'customers' AS facing,
        i.rule,
        i.account_id AS record,
        CASE WHEN is_account_id_like(i.identifier) AND NOT is_long_account_id(i.link_key) THEN i.identifier ELSE coalesce(i.link_key, i.identifier) END AS base
    FROM account_identifier i
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    WHERE NOT i.is_blank AND k.link_key IS NULL
),
compatible AS (
    SELECT side, facing, rule, record, base, key_nfkc(base) AS plain
    FROM identified
    WHERE length(base) <= 255 AND NOT is_plain_text(base)
),
visible AS (
    SELECT side, facing, rule, record, base, key_strip_invisible(plain) AS plain
    FROM compatible
    UNION ALL
    SELECT side, facing, rule, record, base, base AS plain
    FROM identified
    WHERE length(base) <= 255 AND is_plain_text(base)
),
unspaced AS (
    SELECT side, facing, rule, record, base, key_short_salesforce_id(key_without_space(plain)) AS plain
    FROM visible
),
folded AS (
    SELECT side, facing, rule, record, base, key_casefold(plain) AS plain
    FROM unspaced
),
whole AS (
    SELECT side, facing, rule, record, base, key_without_decimal(plain) AS plain
    FROM folded
),
bare AS (
    SELECT side, facing, rule, record, base, plain, key_strip_punctuation(replace(plain, '-', '')) AS loose
    FROM whole
),
alike AS (
    SELECT side, facing, rule, record, base, plain, key_look_alike(key_short_salesforce_id(loose)) AS loose
    FROM bare
)
SELECT
    b.side,
    b.facing,
    b.rule,
    b.record,
    o.record IS NOT NULL AS is_open,
    b.base,
    b.plain,
    key_without_zeros(b.loose) AS loose
FROM alike b
LEFT JOIN open_record o ON o.side = b.side AND o.record = b.record
