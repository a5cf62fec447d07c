-- purpose: hold the steps that turn an identifier into a key, in order, for each rule
-- reads: none; writes: key_step
CREATE TABLE key_step (
    rule INTEGER,
    position INTEGER,
    step STRING,
    argument STRING
)
