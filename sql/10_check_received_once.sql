-- purpose: prove that no account and no contact was received twice: a page that the server repeats must not pass
-- reads: staged_account, staged_contact; writes: none
SELECT
    'account ids received twice' AS problem,
    count(*) - count(DISTINCT account_id) AS records
FROM staged_account
UNION ALL
SELECT
    'contact ids received twice' AS problem,
    count(*) - count(DISTINCT contact_id) AS records
FROM staged_contact
