-- purpose: tell a customer's status in one publication
-- reads: read_parquet; writes: none
--
-- Customers may share id and name: the one with the same identifier is it. Where the id and the name have one identifier
-- alone, then and now (the last parameter but one), it is the same customer, whose identifier was corrected since.
WITH found AS (
    SELECT
        status,
        reason,
        account_id AS other_id,
        identifier IS NOT DISTINCT FROM ? AS is_same,
        min(coalesce(identifier, '')) OVER () = max(coalesce(identifier, '')) OVER () AS is_alone
    FROM read_parquet(?, hive_partitioning := false)
    WHERE customer_id = ? AND customer_name IS NOT DISTINCT FROM ?
)
SELECT status, reason, other_id
FROM found
WHERE is_same OR (is_alone AND ?)
ORDER BY status <> ?, status
LIMIT 1
