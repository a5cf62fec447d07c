-- purpose: find what the exceptions say of a record
-- reads: published_exceptions; writes: none
--
-- Customers may share id and name, so the row is known by its identifier, status and reason too.
SELECT detail, candidate_id, candidate_name, candidate_identifier, suggestion
FROM published_exceptions
WHERE
    side = ? AND record_id = ? AND record_name IS NOT DISTINCT FROM ?
    AND identifier IS NOT DISTINCT FROM ? AND status = ? AND reason IS NOT DISTINCT FROM ?
ORDER BY candidate_id
LIMIT 1
