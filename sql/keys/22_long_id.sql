-- purpose: give an id of Salesforce that has 15 characters its check characters, for both spellings are one record
-- reads: none; writes: key_long_id
CREATE MACRO key_long_id(value) AS
    CASE WHEN length(value) = 15 THEN value || key_salesforce_id_suffix(value) ELSE value END
