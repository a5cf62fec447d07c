-- purpose: step strip_decimal: 123.0 and 123.00 become 123, the mark that a spreadsheet leaves on an integer
-- reads: none; writes: key_strip_decimal
CREATE MACRO key_strip_decimal(value) AS
    regexp_replace(value, '^([0-9]+)\.0+$', '\1')
