-- purpose: ask for the keys of the texts that a cause changed, and of those that are no key yet
-- reads: taken_text; writes: text_to_key
--
-- A cause may undo what kept a step of the rule from its work: without its letters, CUST-00417 has leading zeros that the
-- rule strips. So the steps are taken again. keyed_text has the keys.
INSERT INTO text_to_key
SELECT DISTINCT rule, value
FROM taken_text
WHERE value <> ''
