-- purpose: take the check characters from an id of Salesforce, whose two spellings, of 15 and of 18, are one
-- reads: none; writes: key_short_id
CREATE MACRO key_short_id(value) AS
    CASE WHEN length(value) = 18 THEN substring(value, 1, 15) ELSE value END
