-- purpose: publish the records that a person should look at
-- reads: customer, customer_outcome, account, account_outcome; writes: exceptions
--
-- Every customer without a link; of the accounts those that carry an identifier in vain. A blank account is a prospect.
CREATE VIEW exceptions AS
SELECT
    'erp' AS side,
    'customer' AS object,
    c.customer_id AS record_id,
    c.customer_name AS record_name,
    o.identifier,
    o.link_key,
    o.status,
    o.reason,
    CAST(NULL AS STRING) AS detail,
    CAST(NULL AS STRING) AS candidate_id,
    CAST(NULL AS STRING) AS candidate_name,
    CAST(NULL AS STRING) AS candidate_identifier,
    CAST(NULL AS STRING) AS suggestion
FROM customer c
JOIN customer_outcome o ON o.customer_row = c.customer_row
WHERE o.status NOT IN ('linked', 'linked_many')
UNION ALL
SELECT
    'salesforce' AS side,
    'account' AS object,
    a.account_id AS record_id,
    a.account_name AS record_name,
    o.identifier,
    o.link_key,
    o.status,
    o.reason,
    CAST(NULL AS STRING) AS detail,
    CAST(NULL AS STRING) AS candidate_id,
    CAST(NULL AS STRING) AS candidate_name,
    CAST(NULL AS STRING) AS candidate_identifier,
    CAST(NULL AS STRING) AS suggestion
FROM account a
JOIN account_outcome o ON o.account_id = a.account_id
WHERE o.status NOT IN ('linked', 'blank_identifier')
