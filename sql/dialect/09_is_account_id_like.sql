-- purpose: tell whether a value has the form of an account's id
-- reads: none; writes: is_account_id_like
CREATE MACRO is_account_id_like(value) AS
    CASE WHEN strlen(value) >= 15 THEN regexp_matches(value, '^\s*001[0-9A-Za-z]{12}([0-9A-Za-z]{3})?\s*$') ELSE false END
