-- purpose: publish the records that a person should look at
-- reads: customer_result, account_result; writes: exceptions
--
-- Every customer without a link; of the accounts those that carry an identifier in vain. A blank account is a prospect.
CREATE VIEW exceptions AS
SELECT
    'erp' AS side,
    'customer' AS object,
    customer_id AS record_id,
    customer_name AS record_name,
    identifier,
    link_key,
    status,
    reason,
    CAST(NULL AS STRING) AS detail,
    CAST(NULL AS STRING) AS candidate_id,
    CAST(NULL AS STRING) AS candidate_name,
    CAST(NULL AS STRING) AS candidate_identifier,
    CAST(NULL AS STRING) AS suggestion
FROM customer_result
WHERE status NOT IN ('linked', 'linked_many')
UNION ALL
SELECT
    'salesforce' AS side,
    'account' AS object,
    account_id AS record_id,
    account_name AS record_name,
    identifier,
    link_key,
    status,
    reason,
    CAST(NULL AS STRING) AS detail,
    CAST(NULL AS STRING) AS candidate_id,
    CAST(NULL AS STRING) AS candidate_name,
    CAST(NULL AS STRING) AS candidate_identifier,
    CAST(NULL AS STRING) AS suggestion
FROM account_result
WHERE status NOT IN ('linked', 'blank_identifier')
