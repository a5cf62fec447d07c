-- purpose: add all others that have the value of an open record's field in the same field, where it is an identifier
-- reads: place_value, held_value, near_key; writes: held_value
--
-- So that a value which many records carry is known as one. What stands in a field is held once.
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
LEFT JOIN held_value h ON h.side = n.side AND h.record = n.record AND h.place = n.place AND h.value = n.value
WHERE h.record IS NULL
