-- purpose: find the accounts one level (the parameter) below the linked accounts, with the linked account above them
-- reads: account, account_link, child_account; writes: child_account
--
-- Runs once for each configured level, until a level is empty. A child that is linked itself is a customer of its own:
-- the walk ends there. So each account is reached once at most, by its one parent, and a hierarchy that bites its tail
-- ends too.
INSERT INTO child_account
WITH step AS (
    SELECT CAST(? AS INTEGER) AS level
),
above AS (
    SELECT account_id, account_id AS root_id, 0 AS level
    FROM account_link
    UNION ALL
    SELECT account_id, root_id, level
    FROM child_account
)
SELECT
    a.account_id,
    p.root_id,
    s.level
FROM account a
JOIN above p ON p.account_id = a.parent_id
JOIN step s ON s.level = p.level + 1
LEFT JOIN account_link l ON l.account_id = a.account_id
WHERE l.account_id IS NULL
