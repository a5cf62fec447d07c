-- purpose: compute the three characters that make a Salesforce id of 15 characters one of 18
-- reads: none; writes: key_salesforce_id_suffix
--
-- One character for five: bit n is set where the n-th of them is a capital. So two ids that differ in case only have
-- different suffixes, and the long id survives a comparison that ignores case.
CREATE MACRO key_salesforce_id_suffix(id) AS
    list_transform(
        [id],
        lambda short:
            substring(
                'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
                1
                + CASE WHEN substring(short, 1, 1) BETWEEN 'A' AND 'Z' THEN 1 ELSE 0 END
                + CASE WHEN substring(short, 2, 1) BETWEEN 'A' AND 'Z' THEN 2 ELSE 0 END
                + CASE WHEN substring(short, 3, 1) BETWEEN 'A' AND 'Z' THEN 4 ELSE 0 END
                + CASE WHEN substring(short, 4, 1) BETWEEN 'A' AND 'Z' THEN 8 ELSE 0 END
                + CASE WHEN substring(short, 5, 1) BETWEEN 'A' AND 'Z' THEN 16 ELSE 0 END,
                1
            )
            || substring(
                'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
                1
                + CASE WHEN substring(short, 6, 1) BETWEEN 'A' AND 'Z' THEN 1 ELSE 0 END
                + CASE WHEN substring(short, 7, 1) BETWEEN 'A' AND 'Z' THEN 2 ELSE 0 END
                + CASE WHEN substring(short, 8, 1) BETWEEN 'A' AND 'Z' THEN 4 ELSE 0 END
                + CASE WHEN substring(short, 9, 1) BETWEEN 'A' AND 'Z' THEN 8 ELSE 0 END
                + CASE WHEN substring(short, 10, 1) BETWEEN 'A' AND 'Z' THEN 16 ELSE 0 END,
                1
            )
            || substring(
                'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
                1
                + CASE WHEN substring(short, 11, 1) BETWEEN 'A' AND 'Z' THEN 1 ELSE 0 END
                + CASE WHEN substring(short, 12, 1) BETWEEN 'A' AND 'Z' THEN 2 ELSE 0 END
                + CASE WHEN substring(short, 13, 1) BETWEEN 'A' AND 'Z' THEN 4 ELSE 0 END
                + CASE WHEN substring(short, 14, 1) BETWEEN 'A' AND 'Z' THEN 8 ELSE 0 END
                + CASE WHEN substring(short, 15, 1) BETWEEN 'A' AND 'Z' THEN 16 ELSE 0 END,
                1
            )
    )[1]
