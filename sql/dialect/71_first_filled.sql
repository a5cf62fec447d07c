-- purpose: take the ERP's value where it says anything, else that of the primary account; and tell whose value it is
-- reads: key_trim; writes: first_filled
--
-- Stands apart because engines define functions differently.
CREATE MACRO first_filled(erp_value, salesforce_value) AS
    CASE
        WHEN key_trim(erp_value) <> '' THEN erp_value
        WHEN key_trim(salesforce_value) <> '' THEN salesforce_value
    END
