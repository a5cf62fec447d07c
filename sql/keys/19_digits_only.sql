-- purpose: step digits_only: keep the digits 0 to 9
-- reads: none; writes: key_digits_only
--
-- Digits of other scripts are digits after nfkc only where Unicode says so (full-width, superscript).
CREATE MACRO key_digits_only(value) AS
    regexp_replace(value, '[^0-9]+', '', 'g')
