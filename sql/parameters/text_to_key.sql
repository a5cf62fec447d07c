-- purpose: hold the texts that the steps of a rule are taken on again; the view keyed_text has their keys
-- reads: none; writes: text_to_key
CREATE TABLE text_to_key (
    rule INTEGER,
    text STRING
)
