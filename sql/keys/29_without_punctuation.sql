-- purpose: take the punctuation out of text, the minus sign too, which Unicode does not count in
-- reads: none; writes: key_without_punctuation
CREATE MACRO key_without_punctuation(value) AS
    key_strip_punctuation(CASE WHEN strlen(value) > length(value) THEN replace(value, '−', '-') ELSE value END)
