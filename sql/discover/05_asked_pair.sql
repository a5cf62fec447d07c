-- purpose: hold the pairs that are measured whether or not they look promising; a key of NULL is every key
-- reads: none; writes: asked_pair
CREATE TABLE asked_pair (
    account_field INTEGER,
    customer_field INTEGER,
    key INTEGER
)
