-- purpose: tell whether what a near miss is looked for by may be an identifier as it stands, which is no key yet
-- reads: none; writes: is_raw_base
CREATE MACRO is_raw_base(text) AS
    is_account_id_like(text) OR is_decimal_like(text) OR is_misspelt(text)
