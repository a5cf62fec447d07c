-- purpose: add all others that have the value of an open record's field in the same field, where it is an identifier
-- reads: place_value, held_value, near_key, open_record; writes: held_value
--
-- So that a value which many records carry is known as one. That of an open record's identifier is there already.
INSERT INTO held_value
WITH met AS (
    SELECT h.value
    FROM held_value h
    JOIN near_key k ON k.value = h.value
    WHERE h.is_open AND NOT k.is_open
    EXCEPT
    SELECT value
    FROM near_key
    WHERE is_open
),
others AS (
    SELECT p.side, coalesce(p.account_id, CAST(p.customer_row AS STRING)) AS record, p.place, p.value
    FROM place_value p
    JOIN met m ON m.value = p.value
    WHERE p.side <> 'ids'
)
SELECT n.side, n.record, n.place, n.value, false AS is_open
FROM others n
LEFT JOIN open_record o ON o.side = n.side AND o.record = n.record
WHERE o.record IS NULL
