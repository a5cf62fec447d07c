-- purpose: pair the records that letters set apart as they are written, too, where the rule strips a prefix
-- reads: near_pair, key_step, customer_identifier, account_identifier; writes: near_pair
--
-- What spoils the prefix keeps the step from taking it off: then it is that, and not the prefix, which is to be mended.
INSERT INTO near_pair
WITH prefixed AS (
    SELECT DISTINCT rule
    FROM key_step
    WHERE step = 'strip_prefix'
),
lettered AS (
    SELECT
        p.side, p.rule, p.record, p.candidate, max(p.length) AS length,
        CASE WHEN p.side = 'customers' THEN p.record ELSE p.candidate END AS customer,
        CASE WHEN p.side = 'customers' THEN p.candidate ELSE p.record END AS account
    FROM near_pair p
    JOIN prefixed r ON r.rule = p.rule
    WHERE p.ends > 0
    GROUP BY p.side, p.rule, p.record, p.candidate
),
written AS (
    SELECT l.side, l.rule, l.record, l.candidate, l.length, c.identifier AS customer_identifier, a.identifier AS account_identifier
    FROM lettered l
    JOIN customer_identifier c ON c.rule = l.rule AND c.customer_row = CAST(l.customer AS BIGINT)
    JOIN account_identifier a ON a.rule = l.rule AND a.account_id = l.account
)
SELECT
    side,
    rule,
    record,
    candidate,
    CASE WHEN side = 'customers' THEN customer_identifier ELSE account_identifier END AS own,
    CASE WHEN side = 'customers' THEN account_identifier ELSE customer_identifier END AS other,
    length,
    0 AS ends,
    true AS is_raw
FROM written
