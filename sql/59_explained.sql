-- purpose: say of each near miss, and of each record whose key is taken, what stands between the two and what to change
-- reads: near_miss, taken, cause, rule, near_party, near_identifier, typed_identifier, deleted_holder; writes: explained
--
-- What a person types is the field in Salesforce, so that is what to change; where the rule compares the account's own
-- id, it is the column in the ERP. So it is where the identifier of the ERP alone is spoilt, for nobody should type that
-- again, and where the field holds numbers alone and the identifier is none. Where both are spoilt, both are to be set to
-- what is left without that.
CREATE TABLE explained AS
WITH near AS (
    SELECT side, rule, record, candidate, candidate_side, candidate_id, candidate_name, first_cause, second_cause, place, candidates, false AS is_taken
    FROM near_miss
    UNION ALL
    SELECT
        t.side, t.rule, t.record, t.candidate, p.side AS candidate_side, p.id AS candidate_id, p.name AS candidate_name,
        0 AS first_cause, 0 AS second_cause, CAST(NULL AS STRING) AS place, 1 AS candidates, true AS is_taken
    FROM taken t
    JOIN near_party p ON p.record = t.candidate AND p.side = CASE WHEN t.side = 'accounts' THEN 'customers' ELSE 'accounts' END
),
pair AS (
    SELECT
        n.side, n.record, n.candidate_side, n.candidate_id, n.candidate_name, n.first_cause, n.second_cause, n.place, n.candidates, n.is_taken, n.rule,
        CASE WHEN n.side = 'customers' THEN n.record ELSE n.candidate END AS customer,
        CASE WHEN n.side = 'customers' THEN n.candidate ELSE n.record END AS account
    FROM near n
),
told AS (
    SELECT
        p.side, p.record, p.candidate_side, p.candidate_id, p.candidate_name, p.place, p.candidates, p.is_taken,
        p.first_cause, p.second_cause, p.account,
        f.name AS cause, f.words AS first_words, s.words AS second_words,
        r.account_field, r.customer_column, r.is_number_field,
        CASE WHEN p.side = 'customers' THEN r.customers_share ELSE r.accounts_share END AS may_share,
        is_spoilt(p.first_cause, tc.damage) OR is_spoilt(p.second_cause, tc.damage) AS is_spoilt_customer,
        is_spoilt(p.first_cause, ta.damage) OR is_spoilt(p.second_cause, ta.damage) AS is_spoilt_account,
        (p.first_cause = 11 OR p.second_cause = 11) AND is_spoilt(11, tc.damage) AS is_misspelt_customer,
        (p.first_cause = 11 OR p.second_cause = 11) AND is_spoilt(11, ta.damage) AS is_misspelt_account,
        clean_identifier(p.first_cause, p.second_cause, tc.visible, tc.digits) AS clean_customer_identifier,
        clean_identifier(p.first_cause, p.second_cause, ta.visible, ta.digits) AS clean_account_identifier,
        CASE
            WHEN p.first_cause = 11 OR p.second_cause = 11
                THEN coalesce(ta.letter || ' in Salesforce; ', tc.letter || ' in the ERP; ', '')
            ELSE ''
        END AS letter,
        coalesce(c.id, '') AS customer_id,
        ci.identifier AS customer_identifier,
        tc.typed AS customer_text,
        ta.typed AS account_text,
        ci.is_blank AS is_blank_customer,
        coalesce(ai.identifier, h.identifier) AS account_identifier,
        CASE WHEN p.side = 'customers' THEN coalesce(a.is_linked, false) ELSE c.is_linked END AS is_linked,
        CASE
            WHEN p.side = 'customers' THEN 'customer ' || coalesce(a.holder, 'without an id')
            ELSE 'account ' || c.holder
        END AS holder
    FROM pair p
    JOIN rule r ON r.rule = p.rule
    LEFT JOIN cause f ON f.cause = p.first_cause
    LEFT JOIN cause s ON s.cause = p.second_cause
    JOIN near_party c ON c.side = 'customers' AND c.record = p.customer
    LEFT JOIN near_party a ON a.side = 'accounts' AND a.record = p.account
    JOIN near_identifier ci ON ci.side = 'customers' AND ci.rule = p.rule AND ci.record = p.customer
    LEFT JOIN near_identifier ai ON ai.side = 'accounts' AND ai.rule = p.rule AND ai.record = p.account
    LEFT JOIN typed_identifier tc ON tc.side = 'customers' AND tc.rule = p.rule AND tc.record = p.customer
    LEFT JOIN typed_identifier ta ON ta.side = 'accounts' AND ta.rule = p.rule AND ta.record = p.account
    LEFT JOIN deleted_holder h ON h.rule = p.rule AND h.record = p.customer AND h.account_id = p.account
)
SELECT
    side,
    record,
    cause,
    CASE
        WHEN is_taken
            THEN CASE WHEN side = 'customers' THEN 'the account that carries it' ELSE 'the customer that carries it' END
            || ' is linked to ' || holder || ' by an earlier rule'
        ELSE CASE
            WHEN second_cause > 0 THEN first_words || ' and ' || second_words || ' together; '
            WHEN first_cause = 12 THEN place || '; '
            WHEN first_cause = 13 THEN 'the account is in the recycle bin; '
            WHEN first_cause = 14 THEN 'account ' || place || ', which carries it, was merged into this one; '
            ELSE ''
        END
        || letter
        || CAST(candidates AS STRING)
        || CASE WHEN side = 'customers' THEN ' account' ELSE ' customer' END
        || CASE WHEN candidates = 1 THEN ' qualifies' ELSE 's qualify' END
        || CASE WHEN is_linked THEN ', linked already to ' || holder ELSE ', not linked' END
    END AS detail,
    candidate_id,
    candidate_name,
    CASE WHEN side = 'customers' THEN account_identifier ELSE customer_identifier END AS candidate_identifier,
    CASE
        WHEN is_taken THEN CAST(NULL AS STRING)
        WHEN is_linked AND NOT may_share AND side = 'customers'
            THEN 'account ' || account || ' is linked to ' || holder || ': find out which of the two customers it is, and join or correct them in the ERP'
        WHEN is_linked AND NOT may_share
            THEN 'customer ' || customer_id || ' is linked to ' || holder || ': find out which of the two accounts it is, and merge or correct them in Salesforce'
        WHEN first_cause = 13 AND account_field = 'Id'
            THEN 'restore account ' || account || ' from the recycle bin, or set ' || customer_column || ' of customer ' || customer_id || ' to the id of the account that took its place'
        WHEN first_cause = 13
            THEN 'restore account ' || account || ' from the recycle bin, or set ' || account_field || ' of the account that took its place to "' || customer_text || '"'
        WHEN account_field = 'Id'
            THEN 'set ' || customer_column || ' of customer ' || customer_id || ' to "' || account || '"'
        WHEN is_spoilt_customer AND is_spoilt_account AND (NOT has_letters(clean_customer_identifier) OR NOT (is_misspelt_customer AND is_misspelt_account))
            THEN 'set ' || customer_column || ' of customer ' || customer_id || ' and ' || account_field || ' of account ' || account
            || ' to "' || CASE WHEN is_misspelt_customer THEN clean_account_identifier ELSE clean_customer_identifier END || '"'
        WHEN is_blank_customer OR (is_spoilt_customer AND NOT is_spoilt_account)
            OR (is_number_field AND NOT is_plain_number(customer_text) AND account_text IS NOT NULL)
            THEN 'set ' || customer_column || ' of customer ' || customer_id || ' to "' || account_text || '"'
        WHEN is_number_field AND NOT is_plain_number(customer_text)
            THEN account_field || ' of account ' || account || ' holds numbers alone: name a field for text in the rule, or set ' || customer_column || ' of customer ' || customer_id || ' to a number'
        ELSE 'set ' || account_field || ' of account ' || account || ' to "' || customer_text || '"'
    END AS suggestion
FROM told
