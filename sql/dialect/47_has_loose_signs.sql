-- purpose: tell whether signs stand at the ends of an identifier, as a spreadsheet leaves them
-- reads: none; writes: has_loose_signs
CREATE MACRO has_loose_signs(identifier) AS
    regexp_matches(identifier, '^[''"`´(\[<#]|[)\]>''"`´.,;:]$')
