-- purpose: fold an identifier as it is folded before it is compared with the blank ones
-- reads: none; writes: none
SELECT key_casefold(trimmed) AS folded
FROM (
    SELECT key_trim(visible) AS trimmed
    FROM (
        SELECT key_strip_invisible(value) AS visible
        FROM (
            SELECT CAST(? AS VARCHAR) AS value
        ) AS given
    ) AS without_invisible
) AS without_space
