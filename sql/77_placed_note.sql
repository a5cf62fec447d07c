-- purpose: bring the notes on linked accounts and on published contacts to customer level, each note once for a customer
-- reads: note, note_parent, ranked_link, contact, extra_contact; writes: placed_note
--
-- A note on several records of a customer shows the one that comes first: an account, by its rank, then a contact of an
-- account, then a contact from elsewhere. Private notes stay where they are.
CREATE TABLE placed_note AS
WITH attached AS (
    SELECT n.note_id, n.source, p.parent_id
    FROM note n
    JOIN note_parent p ON p.note_id = n.note_id AND p.source = n.source
    WHERE NOT n.is_private
),
candidate AS (
    SELECT l.customer_row, l.customer_id, l.account_id, l.account_rank, n.note_id, n.source, n.parent_id, 1 AS strength
    FROM attached n
    JOIN ranked_link l ON l.account_id = n.parent_id
    UNION ALL
    SELECT l.customer_row, l.customer_id, l.account_id, l.account_rank, n.note_id, n.source, n.parent_id, 2 AS strength
    FROM attached n
    JOIN contact c ON c.contact_id = n.parent_id
    JOIN ranked_link l ON l.account_id = c.account_id
    UNION ALL
    SELECT l.customer_row, l.customer_id, l.account_id, l.account_rank, n.note_id, n.source, n.parent_id, 3 AS strength
    FROM attached n
    JOIN extra_contact e ON e.contact_id = n.parent_id
    JOIN ranked_link l ON l.customer_row = e.customer_row AND l.account_id = e.account_id
    WHERE e.source <> 'owner'
),
ordered AS (
    SELECT
        customer_id,
        account_id,
        note_id,
        source,
        parent_id,
        row_number() OVER (PARTITION BY customer_row, note_id, source ORDER BY strength, account_rank, parent_id) AS position
    FROM candidate
)
SELECT customer_id, account_id, note_id, source, parent_id
FROM ordered
WHERE position = 1
