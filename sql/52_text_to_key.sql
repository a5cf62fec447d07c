-- purpose: ask for the keys of the texts that two causes changed, and of accounts' ids, which are no key yet
-- reads: taken_twice, text_to_key; writes: text_to_key
INSERT INTO text_to_key
SELECT rule, value
FROM taken_twice
WHERE value <> '' AND (value <> text OR is_raw)
EXCEPT
SELECT rule, text
FROM text_to_key
