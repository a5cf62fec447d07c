-- purpose: take all space out of text, whatever space it is
-- reads: none; writes: key_without_space
CREATE MACRO key_without_space(value) AS
    CASE
        WHEN regexp_matches(value, '[\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]')
            THEN regexp_replace(value, '[\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+', '', 'g')
        ELSE value
    END
