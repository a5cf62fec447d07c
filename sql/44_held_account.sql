-- purpose: find the accounts below a linked account, at any level: the blank ones among them are held by their parent
-- reads: account, account_link; writes: held_account
--
-- Walks down from the linked parents. UNION keeps each account once, so a hierarchy that bites its tail ends too, and
-- the walk is bounded by the number of accounts that have a parent.
CREATE TABLE held_account AS
WITH RECURSIVE child AS (
    SELECT c.account_id, c.parent_id
    FROM account c
    WHERE c.parent_id IS NOT NULL
),
held AS (
    SELECT c.account_id
    FROM child c
    JOIN account_link l ON l.account_id = c.parent_id
    UNION
    SELECT c.account_id
    FROM held h
    JOIN child c ON c.parent_id = h.account_id
)
SELECT account_id
FROM held
