-- purpose: make the id of an account in 18 characters that in 15, whether or not its check characters are right
-- reads: none; writes: key_short_salesforce_id
--
-- An O may have been typed for a 0 of its beginning.
CREATE MACRO key_short_salesforce_id(value) AS
    CASE WHEN length(value) = 18 AND regexp_matches(value, '^[0Oo][0Oo][1IiLl][0-9A-Za-z]{12}[A-Za-z0-5]{3}$') THEN substring(value, 1, 15) ELSE value END
