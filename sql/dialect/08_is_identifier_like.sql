-- purpose: tell whether a value could be an identifier at all: short, with a digit and hardly any space
-- reads: none; writes: is_identifier_like
CREATE MACRO is_identifier_like(value) AS
    length(value) BETWEEN 4 AND 40 AND regexp_matches(value, '[0-9]') AND NOT (regexp_matches(value, '[\s@:]') AND regexp_matches(trim(value), '[\s].*[\s].*[\s]|@|://'))
