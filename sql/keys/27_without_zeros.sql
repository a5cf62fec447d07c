-- purpose: take the leading zeros from the first number in text: KD-00417 becomes KD-417, and 000 becomes 0
-- reads: none; writes: key_without_zeros
--
-- Those that begin with another digit have none, and most that have go on with another, for which there is a quicker
-- pattern.
CREATE MACRO key_without_zeros(value) AS
    CASE
        WHEN value >= '1' AND value < ':' THEN value
        WHEN regexp_matches(value, '^[^0-9]*0+[1-9]') THEN regexp_replace(value, '^([^0-9]*)0+([1-9])', '\1\2')
        WHEN regexp_matches(value, '^[^0-9]*00') THEN regexp_replace(value, '^([^0-9]*)0+([0-9])', '\1\2')
        ELSE value
    END
