-- purpose: publish the notes at customer level with their text
-- reads: placed_note, note_text; writes: notes
CREATE VIEW notes AS
SELECT
    p.customer_id,
    p.account_id,
    p.note_id,
    p.parent_id,
    t.title,
    t.body,
    t.created_at,
    t.modified_at,
    p.source
FROM placed_note p
JOIN note_text t ON t.note_id = p.note_id AND t.source = p.source
