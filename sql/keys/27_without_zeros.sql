-- purpose: take the leading zeros from the first number in text: KD-00417 becomes KD-417, and 000 becomes 0
-- reads: none; writes: key_without_zeros
--
-- Most have none in front, and most that have go on with another digit, for which there is a quicker pattern.
CREATE MACRO key_without_zeros(value) AS
    CASE
        WHEN NOT contains(value, '0') THEN value
        WHEN NOT regexp_matches(value, '^[^0-9]*0[0-9]') THEN value
        WHEN regexp_matches(value, '^[^0-9]*0+[1-9]') THEN regexp_replace(value, '^([^0-9]*)0+([1-9])', '\1\2')
        ELSE regexp_replace(value, '^([^0-9]*)0+([0-9])', '\1\2')
    END
