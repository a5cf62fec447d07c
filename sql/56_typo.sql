-- purpose: keep the pairs one edit apart whose names are as good as equal, and that have nobody else in reach
-- reads: typo_pair, near_name; writes: typo
--
-- Numbers that people give out in a row are one edit apart as a rule, so the names decide: the same legal form, the same
-- digits, hardly a letter between them. Where a character is another one, as it is in a row, they must agree in full,
-- abbreviated at most; else one may say more than the other. No word may be more that sets one company of a house apart,
-- such as Holding. Where an identifier is shorter than six characters the names are equal.
CREATE TABLE typo AS
WITH measured AS (
    SELECT
        t.rule,
        t.account,
        t.customer,
        t.length,
        t.is_other_character,
        name_distance(a.core, c.core) AS distance,
        name_similarity(a.core, c.core) AS similarity
    FROM typo_pair t
    JOIN near_name a ON a.side = 'accounts' AND a.record = t.account
    JOIN near_name c ON c.side = 'customers' AND c.record = t.customer
    WHERE (a.form = c.form OR a.form = '' OR c.form = '') AND a.number = c.number AND a.role = c.role
),
alike AS (
    SELECT
        rule,
        account,
        customer,
        length,
        count(*) OVER (PARTITION BY rule, account) AS customers,
        count(*) OVER (PARTITION BY rule, customer) AS accounts
    FROM measured
    WHERE distance = 0 OR (length >= 6 AND (distance <= 1 OR similarity >= CASE WHEN is_other_character THEN 0.9 ELSE 0.85 END))
)
SELECT 'customers' AS side, rule, customer AS record, account AS candidate, length
FROM alike
WHERE customers = 1 AND accounts = 1
UNION ALL
SELECT 'accounts' AS side, rule, account AS record, customer AS candidate, length
FROM alike
WHERE customers = 1 AND accounts = 1
