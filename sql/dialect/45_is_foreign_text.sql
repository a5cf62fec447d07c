-- purpose: tell an identifier whose letters are those of Greek or Cyrillic, two at least and none of ASCII: it means them
-- reads: none; writes: is_foreign_text
CREATE MACRO is_foreign_text(identifier) AS
    regexp_matches(identifier, '[\x{370}-\x{52F}].*[\x{370}-\x{52F}]') AND NOT regexp_matches(identifier, '[A-Za-z]')
