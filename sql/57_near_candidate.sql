-- purpose: gather every candidate with its cause and keep those whose evidence is good enough
-- reads: near_pair, difference, other_place, deleted_holder, typo, near_name, near_party, rule; writes: near_candidate
--
-- A name that is alike is evidence enough; under another legal form, or with another of the words that tell the companies
-- of a house apart, it must be equal. Without it a link must be one that the rule allows (nobody else holds the candidate,
-- or holding it together is legitimate; nobody else claims it; there is no second candidate, or several are legitimate)
-- over four characters at least, six for two causes, and of a cause that does not rest on likeness: letters taken off,
-- ASCII look-alikes, another field, Salesforce ids that differ in case or whose check characters are wrong. Those want
-- names; only where a record has none do eight characters do.
--
-- rank is the order in which causes are tried: differences alone, in pairs, letters of both sides taken off, then the
-- others. Letters of both sides are of no account but between equal names. Look-alikes come before letters taken off: an O
-- that reads as one of the zeros that the rule strips is no prefix.
CREATE TABLE near_candidate AS
WITH facing AS (
    SELECT 'accounts' AS side, 'customers' AS facing
    UNION ALL
    SELECT 'customers' AS side, 'accounts' AS facing
),
by_difference AS (
    SELECT
        p.side,
        p.rule,
        p.record,
        p.candidate,
        CASE
            WHEN p.ends = 0 THEN d.first_cause
            WHEN d.first_cause = 0 OR d.first_cause > 10 THEN 10
            ELSE d.first_cause
        END AS first_cause,
        CASE
            WHEN p.ends = 0 THEN d.second_cause
            WHEN d.first_cause = 0 THEN 0
            WHEN d.first_cause > 10 THEN d.first_cause
            ELSE 10
        END AS second_cause,
        CAST(NULL AS STRING) AS place,
        p.length,
        p.ends,
        p.ends > 0
        OR ((d.first_cause = 11 OR d.second_cause = 11) AND is_plain_text(p.own) AND is_plain_text(p.other))
        OR (d.first_cause = 1 AND is_account_id_like(p.own) AND is_account_id_like(p.other))
        OR is_wrong_account_id(p.own)
        OR is_wrong_account_id(p.other) AS is_weak
    FROM near_pair p
    JOIN difference d ON d.rule = p.rule AND d.own = p.own AND d.other = p.other
    WHERE (p.ends > 0 AND d.second_cause = 0) OR (p.ends = 0 AND d.first_cause > 0)
),
gathered AS (
    SELECT
        side, rule, record, candidate, first_cause, second_cause, place, length, ends, is_weak,
        CASE
            WHEN ends = 2 THEN 1900 + first_cause
            WHEN second_cause > 0 THEN first_cause * 100 + second_cause
            WHEN first_cause = 10 THEN 11
            WHEN first_cause = 11 THEN 10
            ELSE first_cause
        END AS rank
    FROM by_difference
    UNION ALL
    SELECT side, rule, record, candidate, 12 AS first_cause, 0 AS second_cause, place, length, 0 AS ends, true AS is_weak, 2000 AS rank
    FROM other_place
    UNION ALL
    SELECT
        'customers' AS side, rule, record, coalesce(survivor_id, account_id) AS candidate,
        CASE WHEN survivor_id IS NULL THEN 13 ELSE 14 END AS first_cause, 0 AS second_cause, account_id AS place, 99 AS length, 0 AS ends, false AS is_weak,
        CASE WHEN survivor_id IS NULL THEN 2001 ELSE 2002 END AS rank
    FROM deleted_holder
    UNION ALL
    SELECT side, rule, record, candidate, 15 AS first_cause, 0 AS second_cause, CAST(NULL AS STRING) AS place, length, 0 AS ends, false AS is_weak, 2003 AS rank
    FROM typo
),
best_place AS (
    SELECT
        side, rule, record, candidate, first_cause, second_cause, place, length, ends, is_weak, rank,
        row_number() OVER (PARTITION BY side, rule, record, candidate ORDER BY rank, ends, length DESC, is_weak, place ASC NULLS LAST) AS position
    FROM gathered
),
paired AS (
    SELECT
        g.side, g.rule, g.record, g.candidate, g.first_cause, g.second_cause, g.place, g.length, g.ends, g.is_weak, g.rank,
        own.core AS own_core, other.core AS other_core,
        (NOT contains(own.form, other.form) AND NOT contains(other.form, own.form))
        OR (NOT contains(own.role, other.role) AND NOT contains(other.role, own.role)) AS is_other_house, p.is_linked AND g.first_cause <> 13 AS is_linked
    FROM best_place g
    JOIN facing f ON f.side = g.side
    LEFT JOIN near_name own ON own.side = g.side AND own.record = g.record
    LEFT JOIN near_name other ON other.side = f.facing AND other.record = g.candidate
    JOIN near_party p ON p.record = g.candidate AND p.side = CASE WHEN g.first_cause = 13 THEN 'deleted' ELSE f.facing END
    WHERE g.position = 1
),
likeness AS (
    SELECT own_core, other_core, name_similarity(own_core, other_core) AS similarity
    FROM (SELECT DISTINCT own_core, other_core FROM paired WHERE own_core IS NOT NULL AND other_core IS NOT NULL) cores
),
named AS (
    SELECT
        g.side, g.rule, g.record, g.candidate, g.first_cause, g.second_cause, g.place, g.length, g.ends, g.is_weak, g.rank,
        m.similarity IS NOT NULL AS is_named,
        CASE WHEN g.is_other_house AND m.similarity < 1 THEN 0.0 ELSE coalesce(m.similarity, 0.0) END AS similarity,
        g.is_linked,
        count(*) OVER (PARTITION BY g.side, g.rule, g.record, g.rank) AS candidates,
        count(*) OVER (PARTITION BY g.side, g.rule, g.candidate, g.first_cause) AS claimants
    FROM paired g
    LEFT JOIN likeness m ON m.own_core = g.own_core AND m.other_core = g.other_core
)
SELECT n.side, n.rule, n.record, n.candidate, n.first_cause, n.second_cause, n.place, n.rank, n.similarity, n.is_linked
FROM named n
JOIN rule r ON r.rule = n.rule
WHERE
    n.first_cause >= 13
    OR (n.similarity >= CASE WHEN n.ends = 2 THEN 1 ELSE 0.8 END AND n.length >= 3)
    OR (n.similarity = 1 AND NOT n.is_weak AND n.length >= 1)
    OR (
        (NOT n.is_weak OR NOT n.is_named)
        AND n.ends < 2
        AND n.length >= CASE WHEN n.is_weak THEN 8 WHEN n.second_cause > 0 THEN 6 ELSE 4 END
        AND (CASE WHEN n.side = 'customers' THEN r.customers_share ELSE r.accounts_share END OR (NOT n.is_linked AND n.claimants = 1))
        AND (CASE WHEN n.side = 'customers' THEN r.accounts_share ELSE r.customers_share END OR n.candidates = 1)
    )
