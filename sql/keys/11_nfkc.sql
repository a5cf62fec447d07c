-- purpose: step nfkc: bring text into Unicode normalisation form KC, so that full-width and composed spellings agree
-- reads: compatible_character; writes: key_nfkc
--
-- NFKC is NFC after each character was replaced by its compatibility decomposition. ASCII is returned as it is. Of other
-- text the distinct characters that are replaced are looked up, each written before what it becomes, and replaced one
-- after the other: no decomposition has such a character in it, so their order makes no difference.
CREATE MACRO key_nfkc(value) AS
    CASE
        WHEN strlen(value) = length(value) THEN value
        WHEN NOT key_has_compatible_character(value) THEN key_nfc(value)
        ELSE key_nfc(list_reduce(
            (
                SELECT list(m.character || m.replacement)
                FROM (SELECT unnest(list_distinct(string_split(key_compatible_text(value), ''))) AS character) AS part
                JOIN compatible_character m ON m.character = part.character
            ),
            lambda text, mapping: replace(text, substring(mapping, 1, 1), substring(mapping, 2)),
            value
        ))
    END
