-- purpose: publish the records that a person should look at, with what would link them
-- reads: customer_result, account_result, explained; writes: exceptions
--
-- Every customer without a link; of the accounts those that carry an identifier in vain, or in another field. A blank
-- account is a prospect.
CREATE VIEW exceptions AS
SELECT
    'erp' AS side,
    'customer' AS object,
    r.customer_id AS record_id,
    r.customer_name AS record_name,
    r.identifier,
    r.link_key,
    r.status,
    r.reason,
    e.detail,
    e.candidate_id,
    e.candidate_name,
    e.candidate_identifier,
    e.suggestion
FROM customer_result r
LEFT JOIN explained e ON e.side = 'customers' AND e.record = CAST(r.customer_row AS STRING)
WHERE r.status NOT IN ('linked', 'linked_many')
UNION ALL
SELECT
    'salesforce' AS side,
    'account' AS object,
    r.account_id AS record_id,
    r.account_name AS record_name,
    r.identifier,
    r.link_key,
    r.status,
    r.reason,
    e.detail,
    e.candidate_id,
    e.candidate_name,
    e.candidate_identifier,
    e.suggestion
FROM account_result r
LEFT JOIN explained e ON e.side = 'accounts' AND e.record = r.account_id
WHERE r.status NOT IN ('linked', 'blank_identifier')
