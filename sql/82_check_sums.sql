-- purpose: prove that every input has exactly one status and that the counts of the outputs agree with each other
-- reads: accounting, totals, ranked_link, customer_result, account_link, extra_contact, primary_contact; writes: none
SELECT
    'customers without exactly one status' AS problem,
    abs((SELECT customers FROM totals) - (SELECT coalesce(sum(records), 0) FROM accounting WHERE object = 'customer')) AS records
UNION ALL
SELECT
    'accounts without exactly one status' AS problem,
    abs((SELECT accounts FROM totals) - (SELECT coalesce(sum(records), 0) FROM accounting WHERE object = 'account')) AS records
UNION ALL
SELECT
    'contacts without exactly one status' AS problem,
    abs((SELECT contacts FROM totals) - (SELECT coalesce(sum(records), 0) FROM accounting WHERE object = 'contact')) AS records
UNION ALL
SELECT
    'notes without exactly one status' AS problem,
    abs((SELECT notes FROM totals) - (SELECT coalesce(sum(records), 0) FROM accounting WHERE object = 'note')) AS records
UNION ALL
SELECT
    'contacts counted at accounts but not published, or the reverse' AS problem,
    abs(
        (SELECT coalesce(sum(contact_count), 0) FROM account_link)
        + (
            SELECT count(DISTINCT e.contact_id)
            FROM extra_contact e
            LEFT JOIN account_link l ON l.account_id = e.own_account_id
            WHERE e.source <> 'owner' AND l.account_id IS NULL
        )
        - (SELECT coalesce(sum(records), 0) FROM accounting WHERE object = 'contact' AND status = 'published')
    ) AS records
UNION ALL
SELECT
    'customers linked twice to one account' AS problem,
    (SELECT count(*) FROM ranked_link) - (SELECT count(*) FROM (SELECT DISTINCT customer_row, account_id FROM ranked_link) pairs) AS records
UNION ALL
SELECT
    'customers with contacts but without a primary contact, or the reverse' AS problem,
    abs(
        (SELECT count(*) FROM customer_result WHERE contact_count > 0)
        - (SELECT count(*) FROM primary_contact)
    ) AS records
