-- purpose: make a key of what each cause leaves of the texts
-- reads: taken_text, keyed_text; writes: without_cause
--
-- What the steps of the rule refuse stays as it is.
CREATE TABLE without_cause AS
SELECT
    t.rule,
    t.text,
    t.cause,
    t.value,
    CASE WHEN t.value <> t.text OR t.is_raw THEN coalesce(k.link_key, t.value) ELSE t.value END AS link_key
FROM taken_text t
LEFT JOIN keyed_text k ON k.rule = t.rule AND k.text = t.value
