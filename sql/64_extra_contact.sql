-- purpose: take the contacts that a customer has from elsewhere than its own accounts: each person once, by the strongest source
-- reads: ranked_link, contact, child_account, contact_lookup, account_owner, owner; writes: extra_contact
--
-- Contacts of child accounts come first, then those that a lookup field names, in the order of the fields, then the
-- owners. Of several linked accounts of the customer that bring the person by one source the one of the smallest rank
-- is taken. own_account_id is the contact's account, where it has one. Without a configured source there is no row.
CREATE TABLE extra_contact AS
WITH candidate AS (
    SELECT
        l.customer_row,
        l.customer_id,
        l.account_id,
        l.account_rank,
        c.contact_id,
        c.account_id AS own_account_id,
        'child_account' AS source,
        0 AS strength
    FROM child_account a
    JOIN ranked_link l ON l.account_id = a.root_id
    JOIN contact c ON c.account_id = a.account_id
    UNION ALL
    SELECT
        l.customer_row,
        l.customer_id,
        l.account_id,
        l.account_rank,
        c.contact_id,
        c.account_id AS own_account_id,
        n.source,
        n.position AS strength
    FROM contact_lookup n
    JOIN ranked_link l ON l.account_id = n.account_id
    JOIN contact c ON c.contact_id = n.contact_id
    LEFT JOIN ranked_link o ON o.customer_row = l.customer_row AND o.account_id = c.account_id
    WHERE o.customer_row IS NULL
    UNION ALL
    SELECT
        l.customer_row,
        l.customer_id,
        l.account_id,
        l.account_rank,
        u.contact_id,
        CAST(NULL AS STRING) AS own_account_id,
        'owner' AS source,
        1000000 AS strength
    FROM account_owner n
    JOIN ranked_link l ON l.account_id = n.account_id
    JOIN owner u ON u.contact_id = n.contact_id
),
ordered AS (
    SELECT
        customer_row,
        customer_id,
        account_id,
        contact_id,
        own_account_id,
        source,
        row_number() OVER (PARTITION BY customer_row, contact_id ORDER BY strength, account_rank) AS position
    FROM candidate
)
SELECT customer_row, customer_id, account_id, contact_id, own_account_id, source
FROM ordered
WHERE position = 1
