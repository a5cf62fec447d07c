-- purpose: ask for the keys of the texts that two causes changed
-- reads: taken_twice, text_to_key; writes: text_to_key
INSERT INTO text_to_key
SELECT rule, value
FROM taken_twice
WHERE value <> '' AND value <> text
EXCEPT
SELECT rule, text
FROM text_to_key
