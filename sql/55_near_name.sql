-- purpose: take apart the names of the records that a near miss may bring together
-- reads: near_party, near_mention, typo_pair; writes: near_name
CREATE TABLE near_name AS
WITH mentioned AS (
    SELECT side, record
    FROM near_mention
    UNION ALL
    SELECT 'accounts' AS side, account AS record
    FROM typo_pair
    UNION ALL
    SELECT 'customers' AS side, customer AS record
    FROM typo_pair
),
needed AS (
    SELECT DISTINCT side, record
    FROM mentioned
),
worded AS (
    SELECT p.side, p.record, name_words(p.name) AS words
    FROM near_party p
    JOIN needed n ON n.side = p.side AND n.record = p.record
    WHERE p.name IS NOT NULL
)
SELECT side, record, name_core(words) AS core, name_form(words) AS form, name_number(words) AS number, name_role(words) AS role
FROM worded
