-- purpose: take the leading zeros from the first number in text: KD-00417 becomes KD-417, and 000 becomes 0
-- reads: none; writes: key_without_zeros
CREATE MACRO key_without_zeros(value) AS
    CASE WHEN contains(value, '0') AND regexp_matches(value, '^[^0-9]*0[0-9]') THEN regexp_replace(value, '^([^0-9]*)0+([0-9])', '\1\2') ELSE value END
