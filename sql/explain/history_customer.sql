-- purpose: tell a customer's status in one publication
-- reads: read_parquet; writes: none
SELECT status, reason, account_id AS other_id, count(*) OVER () AS rows
FROM read_parquet(?, hive_partitioning := false)
WHERE customer_id = ? AND customer_name IS NOT DISTINCT FROM ?
ORDER BY status
LIMIT 1
