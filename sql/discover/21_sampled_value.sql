-- purpose: take the values whose coarse key falls into the sample, each once, with the number of its records
-- reads: column_value, discovery_pass; writes: sampled_value
--
-- The sample is of keys and not of records: whoever shares a key, on whichever side and in whichever spelling, is in it
-- together or not at all. So shares and links that are counted in it are those of the whole, but for chance.
CREATE OR REPLACE TABLE sampled_value AS
WITH folded AS (
    SELECT side, field, value, discover_coarse_key(value) AS coarse
    FROM column_value
    WHERE length(value) <= 80
)
SELECT f.side, f.field, f.value, f.coarse, count(*) AS records
FROM folded f
CROSS JOIN discovery_pass p
WHERE p.modulus = 1 OR hash(f.coarse) % p.modulus = 0
GROUP BY f.side, f.field, f.value, f.coarse
