-- purpose: tell an account's status in one publication
-- reads: read_parquet; writes: none
SELECT status, reason, customer_id AS other_id
FROM read_parquet(?, hive_partitioning := false)
WHERE account_id = ?
ORDER BY status
LIMIT 1
