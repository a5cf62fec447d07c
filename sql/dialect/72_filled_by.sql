-- purpose: name the system whose value first_filled takes: erp, salesforce, or NULL where neither says anything
-- reads: key_trim; writes: filled_by
--
-- Stands apart because engines define functions differently.
CREATE MACRO filled_by(erp_value, salesforce_value) AS
    CASE
        WHEN key_trim(erp_value) <> '' THEN 'erp'
        WHEN key_trim(salesforce_value) <> '' THEN 'salesforce'
    END
