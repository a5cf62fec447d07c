-- purpose: give each customer its identifier and key under each rule; a blank identifier has no key
-- reads: customer_key, customer, blank; writes: customer_identifier
CREATE TABLE customer_identifier AS
SELECT
    k.rule,
    k.customer_row,
    k.identifier,
    CASE WHEN b.folded IS NULL AND k.link_key <> '' THEN k.link_key END AS link_key,
    k.identifier IS NULL OR b.folded IS NOT NULL AS is_blank,
    k.identifier IS NOT NULL AND b.folded IS NULL AND k.link_key IS NULL AS is_rejected
FROM customer_key k
JOIN customer c ON c.customer_row = k.customer_row
LEFT JOIN blank b ON b.folded = k.folded
