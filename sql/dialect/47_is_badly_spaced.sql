-- purpose: tell whether there is space around an identifier, or space within it that no keyboard has
-- reads: none; writes: is_badly_spaced
CREATE MACRO is_badly_spaced(identifier) AS
    key_trim(identifier) <> identifier
    OR regexp_matches(identifier, '[\x{9}-\x{D}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]')
