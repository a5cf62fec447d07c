-- purpose: tell whether a value is the id of an account in 18 characters with right check characters
-- reads: none; writes: is_long_account_id
CREATE MACRO is_long_account_id(value) AS
    CASE WHEN length(value) = 18 AND is_account_id_like(value) THEN coalesce(key_salesforce_id(value) = value, false) ELSE false END
