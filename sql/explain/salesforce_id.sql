-- purpose: make an id of 15 or 18 characters the long one
-- reads: none; writes: none
SELECT key_salesforce_id(CAST(? AS VARCHAR)) AS id
