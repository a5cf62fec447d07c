-- purpose: step nfkc: bring text into Unicode normalisation form KC, so that full-width and composed spellings agree
-- reads: compatible_character; writes: key_nfkc
--
-- NFKC is NFC after each character was replaced by its compatibility decomposition. ASCII is returned as it is, and
-- only text that holds such a character is taken apart, which is a join and not one long expression.
CREATE MACRO key_nfkc(value) AS
    CASE
        WHEN strlen(value) = length(value) THEN value
        WHEN NOT key_has_compatible_character(value) THEN key_nfc(value)
        ELSE key_nfc((
            SELECT string_agg(coalesce(m.replacement, part.character), '' ORDER BY part.position)
            FROM (
                SELECT
                    unnest(string_split(key_compatible_text(value), '')) AS character,
                    generate_subscripts(string_split(key_compatible_text(value), ''), 1) AS position
            ) AS part
            LEFT JOIN compatible_character m ON m.character = part.character
        ))
    END
