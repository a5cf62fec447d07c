-- purpose: make a key of what a cause leaves of the texts that it changes
-- reads: taken_text, keyed_text; writes: without_cause
--
-- What the steps of the rule refuse stays as it is.
CREATE TABLE without_cause AS
SELECT t.rule, t.text, t.cause, coalesce(k.link_key, t.value) AS link_key
FROM taken_text t
LEFT JOIN keyed_text k ON k.rule = t.rule AND k.text = t.value
