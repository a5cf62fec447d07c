-- purpose: choose the primary contact of each customer and name the criterion that set it apart from the runner-up
-- reads: contact_order; writes: primary_contact
CREATE TABLE primary_contact AS
WITH ordered AS (
    SELECT
        customer_row,
        contact_id,
        first_weight,
        second_weight,
        third_weight,
        fourth_weight,
        first_criterion,
        second_criterion,
        third_criterion,
        fourth_criterion,
        row_number() OVER (
            PARTITION BY customer_row
            ORDER BY first_weight, second_weight, third_weight, fourth_weight, contact_id
        ) AS position
    FROM contact_order
),
best AS (
    SELECT
        customer_row,
        contact_id,
        first_weight,
        second_weight,
        third_weight,
        fourth_weight,
        first_criterion,
        second_criterion,
        third_criterion,
        fourth_criterion,
        position
    FROM ordered
    WHERE position <= 2
)
SELECT
    p.customer_row,
    p.contact_id,
    CASE
        WHEN o.contact_id IS NULL THEN 'only_contact'
        WHEN o.first_weight <> p.first_weight THEN p.first_criterion
        WHEN o.second_weight <> p.second_weight THEN p.second_criterion
        WHEN o.third_weight <> p.third_weight THEN p.third_criterion
        WHEN o.fourth_weight <> p.fourth_weight THEN p.fourth_criterion
        ELSE 'smallest_id'
    END AS primary_reason
FROM best p
LEFT JOIN best o ON o.customer_row = p.customer_row AND o.position = 2
WHERE p.position = 1
