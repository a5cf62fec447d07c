-- purpose: tell which customers changed since the last publication, by their link and their status
-- reads: customer_result, previous_publication, previous_customer; writes: changes
--
-- new and gone: the customer is on one side only. linked and lost: a link was won or lost. moved: another primary
-- account, or, where the status stayed, another set of accounts. status: any other change of status. before and after
-- are statuses, for moved the accounts. Customers are told apart by their id; one without an id cannot be followed,
-- rows that share an id count as one, linked where any of them is. Without a last publication nothing has changed.
CREATE TABLE changes AS
WITH now AS (
    SELECT
        customer_id,
        max(CASE WHEN status IN ('linked', 'linked_many') THEN 1 ELSE 0 END) AS is_linked,
        coalesce(min(CASE WHEN status IN ('linked', 'linked_many') THEN status END), min(status)) AS status,
        min(account_id) AS account_id,
        min(joined_text(account_ids)) AS accounts
    FROM customer_result
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),
before AS (
    SELECT
        customer_id,
        max(CASE WHEN status IN ('linked', 'linked_many') THEN 1 ELSE 0 END) AS is_linked,
        coalesce(min(CASE WHEN status IN ('linked', 'linked_many') THEN status END), min(status)) AS status,
        min(account_id) AS account_id,
        min(accounts) AS accounts
    FROM previous_customer
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),
compared AS (
    SELECT
        coalesce(n.customer_id, b.customer_id) AS customer_id,
        coalesce(n.account_id, b.account_id) AS account_id,
        CASE
            WHEN b.customer_id IS NULL THEN 'new'
            WHEN n.customer_id IS NULL THEN 'gone'
            WHEN b.is_linked < n.is_linked THEN 'linked'
            WHEN b.is_linked > n.is_linked THEN 'lost'
            WHEN b.account_id <> n.account_id THEN 'moved'
            WHEN b.status <> n.status THEN 'status'
            WHEN b.accounts <> n.accounts THEN 'moved'
        END AS change,
        b.status AS status_before,
        n.status AS status_after,
        b.accounts AS accounts_before,
        n.accounts AS accounts_after
    FROM now n
    FULL OUTER JOIN before b ON b.customer_id = n.customer_id
)
SELECT
    c.customer_id,
    c.account_id,
    c.change,
    CASE WHEN c.change = 'moved' THEN c.accounts_before ELSE c.status_before END AS before,
    CASE WHEN c.change = 'moved' THEN c.accounts_after ELSE c.status_after END AS after
FROM compared c
CROSS JOIN previous_publication p
WHERE c.change IS NOT NULL
