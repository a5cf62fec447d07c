-- purpose: hold the columns that are looked at: fields of the accounts, columns of the customers
-- reads: none; writes: discovered_column
CREATE TABLE discovered_column (
    side VARCHAR,
    field INTEGER,
    holds_record_ids BOOLEAN
)
