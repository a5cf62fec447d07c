-- purpose: give each customer its one status, with the rule that decided it
-- reads: customer_identifier, customer_link, refused_key, near_miss, cause, rule; writes: customer_outcome
--
-- Each rule has its say; the first status of the list wins, and of several rules with that status the first. So a
-- customer is blank only where it carries no identifier under any rule.
CREATE TABLE customer_outcome AS
WITH verdict AS (
    SELECT
        i.customer_row,
        i.rule,
        i.identifier,
        i.link_key,
        CASE
            WHEN l.account_count > 1 THEN 'linked_many'
            WHEN l.account_count = 1 THEN 'linked'
            WHEN k.status IS NOT NULL THEN k.status
            WHEN n.record IS NOT NULL THEN 'near_miss'
            WHEN i.is_blank THEN 'blank_identifier'
            ELSE 'not_found'
        END AS status,
        CASE
            WHEN l.account_count > 0 THEN CAST(NULL AS STRING)
            WHEN k.status IS NOT NULL THEN k.reason
            WHEN n.record IS NOT NULL THEN s.name
            WHEN i.is_rejected THEN 'bad_salesforce_id'
        END AS reason,
        CASE
            WHEN l.account_count > 0 THEN 1
            WHEN k.status = 'key_collision' THEN 2
            WHEN k.status = 'duplicate_identifier' THEN 3
            WHEN n.record IS NOT NULL THEN 4
            WHEN NOT i.is_blank THEN 5
            ELSE 6
        END AS precedence
    FROM customer_identifier i
    LEFT JOIN customer_link l ON l.customer_row = i.customer_row AND l.rule = i.rule
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    LEFT JOIN near_miss n ON n.side = 'customers' AND n.rule = i.rule AND n.record = CAST(i.customer_row AS STRING)
    LEFT JOIN cause s ON s.cause = n.first_cause
),
ranked AS (
    SELECT
        customer_row,
        rule,
        identifier,
        link_key,
        status,
        reason,
        row_number() OVER (PARTITION BY customer_row ORDER BY precedence, rule) AS position
    FROM verdict
)
SELECT
    v.customer_row,
    v.identifier,
    v.link_key,
    v.status,
    v.reason,
    CASE WHEN v.status IN ('linked', 'linked_many') THEN r.name END AS link_rule
FROM ranked v
JOIN rule r ON r.rule = v.rule
WHERE v.position = 1
