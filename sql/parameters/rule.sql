-- purpose: hold the link rules in the order in which they are tried, and on which side sharing is legitimate
-- reads: none; writes: rule
CREATE TABLE rule (
    rule INTEGER,
    name STRING,
    accounts_share BOOLEAN,
    customers_share BOOLEAN,
    account_field STRING,
    customer_column STRING,
    is_customer_id BOOLEAN,
    is_number_field BOOLEAN
)
