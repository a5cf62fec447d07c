-- purpose: bring the identifiers beyond ASCII into form KC, each text once
-- reads: customer_identifier, account_identifier; writes: compatible_text
CREATE TABLE compatible_text AS
WITH identifier AS (
    SELECT coalesce(link_key, identifier) AS text FROM customer_identifier
    UNION ALL
    SELECT coalesce(link_key, identifier) AS text FROM account_identifier
),
beyond AS (
    SELECT DISTINCT text
    FROM identifier
    WHERE NOT is_plain_text(text) AND length(text) <= 255
)
SELECT text, key_nfkc(text) AS compatible
FROM beyond
