-- purpose: hold the accounts below a linked one whose contacts roll up to it
-- reads: none; writes: child_account
CREATE TABLE child_account (
    account_id STRING,
    root_id STRING,
    level INTEGER
)
