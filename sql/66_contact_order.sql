-- purpose: weigh the contacts of each linked customer by the criteria for the primary contact; smaller is better
-- reads: contact, ranked_link, extra_contact, owner, contact_lookup, primary_criterion; writes: contact_order
--
-- lookup: a lookup field of one of the customer's accounts names the contact. billing_title: the title is one of
-- accounts payable, billing, finance and the like. has_email. oldest: CreatedDate, unknown last. A criterion that is
-- not configured weighs nothing. The weights stand in the configured order.
CREATE VIEW contact_order AS
WITH criterion AS (
    SELECT
        max(CASE WHEN position = 1 THEN criterion END) AS first_criterion,
        max(CASE WHEN position = 2 THEN criterion END) AS second_criterion,
        max(CASE WHEN position = 3 THEN criterion END) AS third_criterion,
        max(CASE WHEN position = 4 THEN criterion END) AS fourth_criterion
    FROM primary_criterion
),
named AS (
    SELECT DISTINCT l.customer_row, n.contact_id
    FROM contact_lookup n
    JOIN ranked_link l ON l.account_id = n.account_id
),
person AS (
    SELECT l.customer_row, c.contact_id, c.title, c.has_email, c.created_microseconds
    FROM contact c
    JOIN ranked_link l ON l.account_id = c.account_id
    UNION ALL
    SELECT e.customer_row, c.contact_id, c.title, c.has_email, c.created_microseconds
    FROM extra_contact e
    JOIN contact c ON c.contact_id = e.contact_id
    WHERE e.source <> 'owner'
    UNION ALL
    SELECT e.customer_row, u.contact_id, u.title, u.has_email, u.created_microseconds
    FROM extra_contact e
    JOIN owner u ON u.contact_id = e.contact_id
    WHERE e.source = 'owner'
),
weighed AS (
    SELECT
        c.customer_row,
        c.contact_id,
        CASE WHEN n.contact_id IS NULL THEN 1 ELSE 0 END AS lookup,
        CASE WHEN is_billing_title(c.title) THEN 0 ELSE 1 END AS billing_title,
        CASE WHEN c.has_email THEN 0 ELSE 1 END AS has_email,
        coalesce(c.created_microseconds, 9223372036854775807) AS oldest
    FROM person c
    LEFT JOIN named n ON n.customer_row = c.customer_row AND n.contact_id = c.contact_id
)
SELECT
    w.customer_row,
    w.contact_id,
    CASE k.first_criterion
        WHEN 'lookup' THEN w.lookup WHEN 'billing_title' THEN w.billing_title
        WHEN 'has_email' THEN w.has_email WHEN 'oldest' THEN w.oldest ELSE 0
    END AS first_weight,
    CASE k.second_criterion
        WHEN 'lookup' THEN w.lookup WHEN 'billing_title' THEN w.billing_title
        WHEN 'has_email' THEN w.has_email WHEN 'oldest' THEN w.oldest ELSE 0
    END AS second_weight,
    CASE k.third_criterion
        WHEN 'lookup' THEN w.lookup WHEN 'billing_title' THEN w.billing_title
        WHEN 'has_email' THEN w.has_email WHEN 'oldest' THEN w.oldest ELSE 0
    END AS third_weight,
    CASE k.fourth_criterion
        WHEN 'lookup' THEN w.lookup WHEN 'billing_title' THEN w.billing_title
        WHEN 'has_email' THEN w.has_email WHEN 'oldest' THEN w.oldest ELSE 0
    END AS fourth_weight,
    k.first_criterion,
    k.second_criterion,
    k.third_criterion,
    k.fourth_criterion
FROM weighed w
CROSS JOIN criterion k
