-- purpose: tell whether a value could be an identifier at all: short, with a digit and hardly any space
-- reads: none; writes: is_identifier_like
--
-- Most have no space, @ or colon at all, for which one look is enough.
CREATE MACRO is_identifier_like(value) AS
    length(value) BETWEEN 4 AND 40
    AND (
        regexp_matches(value, '^[^\s@:]*[0-9][^\s@:]*$')
        OR (regexp_matches(value, '[0-9]') AND NOT (regexp_matches(value, '[\s@:]') AND regexp_matches(trim(value), '[\s].*[\s].*[\s]|@|://')))
    )
