-- purpose: step salesforce_id: make an id of 15 or 18 characters the long one; anything else has no key
-- reads: none; writes: key_salesforce_id
--
-- Space around the id is trimmed. Case is kept, for ids that differ in case are different. A wrong length, a character
-- that no id has, or a suffix that does not fit the first 15 characters gives NULL.
CREATE MACRO key_salesforce_id(value) AS
    list_transform(
        [key_trim(value)],
        lambda trimmed:
            CASE
                WHEN regexp_matches(trimmed, '^[0-9A-Za-z]{15}$') THEN trimmed || key_salesforce_id_suffix(trimmed)
                WHEN
                    regexp_matches(trimmed, '^[0-9A-Za-z]{18}$')
                    AND substring(trimmed, 16, 3) = key_salesforce_id_suffix(substring(trimmed, 1, 15))
                    THEN trimmed
            END
    )[1]
