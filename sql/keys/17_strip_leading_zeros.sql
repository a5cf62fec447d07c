-- purpose: step strip_leading_zeros: 00123 becomes 123, and zeros alone become one zero
-- reads: none; writes: key_strip_leading_zeros
CREATE MACRO key_strip_leading_zeros(value) AS
    CASE WHEN starts_with(value, '0') THEN regexp_replace(value, '(?s)^0+(.)', '\1') ELSE value END
