-- purpose: take the id of an account out of what stands around it, such as the address of its page; else empty
-- reads: none; writes: account_id_within
CREATE MACRO account_id_within(value) AS
    CASE
        WHEN contains(value, '001')
            THEN regexp_extract(value, '(?:^|[^0-9A-Za-z])(001[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)(?:[^0-9A-Za-z]|$)', 1)
        ELSE ''
    END
