-- purpose: hold the links as the rules find them
-- reads: none; writes: link
CREATE TABLE link (
    customer_row BIGINT,
    account_id STRING,
    rule INTEGER,
    link_key STRING
)
