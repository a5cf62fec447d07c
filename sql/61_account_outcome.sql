-- purpose: give each account its one status, with the rule that decided it
-- reads: account_identifier, account_link, refused_key, near_miss, cause, held_account, rule; writes: account_outcome
--
-- As for customers. A linked account shows the rule that linked the customer it shows. A blank account below a linked
-- one says so: its parent holds the identifier.
CREATE TABLE account_outcome AS
WITH verdict AS (
    SELECT
        i.account_id,
        i.rule,
        i.identifier,
        i.link_key,
        CASE
            WHEN l.account_id IS NOT NULL THEN 'linked'
            WHEN k.status IS NOT NULL THEN k.status
            WHEN n.record IS NOT NULL THEN 'near_miss'
            WHEN i.is_blank THEN 'blank_identifier'
            ELSE 'not_found'
        END AS status,
        CASE
            WHEN l.account_id IS NOT NULL THEN CAST(NULL AS STRING)
            WHEN k.status IS NOT NULL THEN k.reason
            WHEN n.record IS NOT NULL THEN s.name
            WHEN i.is_rejected THEN 'bad_salesforce_id'
        END AS reason,
        CASE
            WHEN l.account_id IS NOT NULL THEN 1
            WHEN k.status = 'key_collision' THEN 2
            WHEN k.status = 'duplicate_identifier' THEN 3
            WHEN n.record IS NOT NULL THEN 4
            WHEN NOT i.is_blank THEN 5
            ELSE 6
        END AS precedence
    FROM account_identifier i
    LEFT JOIN account_link l ON l.account_id = i.account_id AND l.rule = i.rule
    LEFT JOIN refused_key k ON k.rule = i.rule AND k.link_key = i.link_key
    LEFT JOIN near_miss n ON n.side = 'accounts' AND n.rule = i.rule AND n.record = i.account_id
    LEFT JOIN cause s ON s.cause = n.first_cause
),
ranked AS (
    SELECT
        account_id,
        rule,
        identifier,
        link_key,
        status,
        reason,
        row_number() OVER (PARTITION BY account_id ORDER BY precedence, rule) AS position
    FROM verdict
)
SELECT
    v.account_id,
    v.identifier,
    v.link_key,
    v.status,
    CASE WHEN v.status = 'blank_identifier' AND h.account_id IS NOT NULL THEN 'parent_holds_it' ELSE v.reason END AS reason,
    CASE WHEN v.status = 'linked' THEN r.name END AS link_rule
FROM ranked v
JOIN rule r ON r.rule = v.rule
LEFT JOIN held_account h ON h.account_id = v.account_id
WHERE v.position = 1
