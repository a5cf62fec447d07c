-- purpose: give each account its identifier and key under each rule; a blank identifier has no key
-- reads: account_key, blank; writes: account_identifier
--
-- account_key is bound to the configured field and steps. Its key is NULL where the steps reject the identifier (a
-- Salesforce id with a wrong checksum) and empty where they leave nothing of it: neither can link.
CREATE TABLE account_identifier AS
SELECT
    k.rule,
    k.account_id,
    k.identifier,
    CASE WHEN b.folded IS NULL AND k.link_key <> '' THEN k.link_key END AS link_key,
    k.identifier IS NULL OR b.folded IS NOT NULL AS is_blank,
    k.identifier IS NOT NULL AND b.folded IS NULL AND k.link_key IS NULL AS is_rejected
FROM account_key k
LEFT JOIN blank b ON b.folded = k.folded
