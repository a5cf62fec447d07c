-- purpose: step strip_prefix:TEXT: remove the text from the beginning, once
-- reads: none; writes: key_strip_prefix
CREATE MACRO key_strip_prefix(value, prefix) AS
    CASE WHEN starts_with(value, prefix) THEN substring(value, length(prefix) + 1) ELSE value END
