-- purpose: prove that no record was received twice, or without its id: a page that the server repeats must not pass
-- reads: staged_account, staged_contact, staged_owner, staged_note, staged_note_link; writes: none
SELECT
    'account ids received twice' AS problem,
    count(account_id) - count(DISTINCT key_long_id(account_id)) AS records
FROM staged_account
UNION ALL
SELECT
    'accounts received without an id' AS problem,
    count(*) - count(account_id) AS records
FROM staged_account
UNION ALL
SELECT
    'contact ids received twice' AS problem,
    count(contact_id) - count(DISTINCT key_long_id(contact_id)) AS records
FROM staged_contact
UNION ALL
SELECT
    'contacts received without an id' AS problem,
    count(*) - count(contact_id) AS records
FROM staged_contact
UNION ALL
SELECT
    'user ids received twice' AS problem,
    count(*) - count(DISTINCT key_long_id(contact_id)) AS records
FROM staged_owner
UNION ALL
SELECT
    'note ids received twice' AS problem,
    count(*) - count(DISTINCT key_long_id(note_id)) AS records
FROM staged_note
UNION ALL
SELECT
    'links of notes received twice' AS problem,
    count(*) - count(DISTINCT key_long_id(link_id)) AS records
FROM staged_note_link
