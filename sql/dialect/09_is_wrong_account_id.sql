-- purpose: tell whether a value has the form of an account's id and wrong check characters
-- reads: none; writes: is_wrong_account_id
--
-- Of an id in small letters only that cannot be told: its key was folded.
CREATE MACRO is_wrong_account_id(value) AS
    CASE WHEN length(value) = 18 AND is_account_id_like(value) THEN value <> lower(value) AND key_salesforce_id(value) IS NULL ELSE false END
