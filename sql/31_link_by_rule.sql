-- purpose: link by one rule (the parameter): equal keys, not refused, of records that are still free
-- reads: customer_identifier, account_identifier, refused_key, rule, link; writes: link
--
-- Runs once for each rule, in order. A customer that an earlier rule linked is not linked again; an account that an
-- earlier rule linked may take further customers only where the rule lets customers share it.
INSERT INTO link
SELECT
    c.customer_row,
    a.account_id,
    c.rule,
    c.link_key
FROM customer_identifier c
JOIN account_identifier a ON a.rule = c.rule AND a.link_key = c.link_key
JOIN rule r ON r.rule = c.rule
LEFT JOIN refused_key k ON k.rule = c.rule AND k.link_key = c.link_key
LEFT JOIN (SELECT DISTINCT customer_row FROM link) linked_customer
    ON linked_customer.customer_row = c.customer_row
LEFT JOIN (SELECT DISTINCT account_id FROM link) linked_account
    ON linked_account.account_id = a.account_id
WHERE
    c.rule = ?
    AND k.link_key IS NULL
    AND linked_customer.customer_row IS NULL
    AND (r.customers_share OR linked_account.account_id IS NULL)
