-- purpose: find the account in the recycle bin that carries an open customer's identifier, and what it was merged into
-- reads: open_record, not_linked, deleted_account_key, deleted_account, account, blank; writes: deleted_holder
--
-- A merge loser names its winner, which may have lost a merge itself. UNION keeps each account of a chain once, so a
-- chain that bites its tail ends; none is followed for more than thirty merges.
CREATE TABLE deleted_holder AS
WITH RECURSIVE holder AS (
    SELECT o.record, i.rule, k.account_id, k.identifier
    FROM open_record o
    JOIN not_linked i ON i.side = o.side AND i.record = o.record
    JOIN deleted_account_key k ON k.rule = i.rule AND k.link_key = i.link_key
    LEFT JOIN blank b ON b.folded = k.folded
    WHERE o.side = 'customers' AND b.folded IS NULL
),
merge AS (
    SELECT account_id, account_id AS current_id, 0 AS merges
    FROM (SELECT DISTINCT account_id FROM holder) lost
    UNION
    SELECT m.account_id, d.master_id AS current_id, m.merges + 1 AS merges
    FROM merge m
    JOIN deleted_account d ON d.account_id = m.current_id
    WHERE d.master_id IS NOT NULL AND m.merges < 30
),
survivor AS (
    SELECT m.account_id, min(a.account_id) AS survivor_id
    FROM merge m
    JOIN account a ON a.account_id = m.current_id
    GROUP BY m.account_id
)
SELECT h.record, h.rule, h.account_id, h.identifier, s.survivor_id
FROM holder h
LEFT JOIN survivor s ON s.account_id = h.account_id
