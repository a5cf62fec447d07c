package transform

import (
	"fmt"
	"strings"
)

// Sources of a note, as the output calls them.
const (
	sourceNote        = "Note"
	sourceContentNote = "ContentNote"
)

// What tells of a note whether it is private. A stage without it is refused: a note that nobody knows to be public is
// not published.
const (
	columnPrivate = "IsPrivate"
	columnPrivacy = "SharingPrivacy" // a picklist, and NULL as long as nobody has chosen
)

// noteViews are the notes of both kinds, the records that they hang on, and their text.
func (p Plan) noteViews() []view {
	links := "SELECT CAST(NULL AS VARCHAR) AS link_id, CAST(NULL AS VARCHAR) AS note_id, CAST(NULL AS VARCHAR) AS parent_id WHERE false"
	if len(p.NoteLinks.Columns) > 0 {
		links = fmt.Sprintf(`SELECT "Id" AS link_id, "ContentDocumentId" AS note_id, "LinkedEntityId" AS parent_id FROM (%s)`, p.NoteLinks.scan())
	}
	parents := []string{fmt.Sprintf("SELECT note_id, %s AS source, parent_id FROM staged_note_link", quoteText(sourceContentNote))}
	if len(p.Notes.Columns) > 0 {
		parents = append(parents, fmt.Sprintf(`SELECT "Id" AS note_id, %s AS source, "ParentId" AS parent_id FROM (%s)`, quoteText(sourceNote), p.Notes.scan()))
	}
	return []view{
		{"staged_note", p.stagedNoteQuery()},
		{"staged_note_link", links},
		{"note", "SELECT note_id, source, is_private FROM staged_note WHERE NOT is_deleted"},
		{"note_parent", strings.Join(parents, " UNION ALL ")},
		{"note_text", p.noteTextQuery()},
	}
}

// stagedNoteQuery tells which notes there are. A content note that is private on records is as private as a note that
// says so itself.
func (p Plan) stagedNoteQuery() string {
	queries := []string{"SELECT CAST(NULL AS VARCHAR) AS note_id, CAST(NULL AS VARCHAR) AS source, false AS is_private, false AS is_deleted WHERE false"}
	if len(p.Notes.Columns) > 0 {
		queries = append(queries, fmt.Sprintf(`SELECT "Id" AS note_id, %s AS source, %s AS is_private, %s AS is_deleted FROM (%s)`,
			quoteText(sourceNote), fmt.Sprintf("coalesce(%s, true)", quoteName(columnPrivate)), p.Notes.deleted(), p.Notes.scan()))
	}
	if len(p.ContentNotes.Columns) > 0 {
		queries = append(queries, fmt.Sprintf(`SELECT "Id" AS note_id, %s AS source, coalesce(%s, '') = 'P' AS is_private, %s AS is_deleted FROM (%s)`,
			quoteText(sourceContentNote), p.ContentNotes.text(columnPrivacy), p.ContentNotes.deleted(), p.ContentNotes.scan()))
	}
	return strings.Join(queries, " UNION ALL ")
}

func (p Plan) noteTextQuery() string {
	queries := []string{"SELECT CAST(NULL AS VARCHAR) AS note_id, CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS title, CAST(NULL AS VARCHAR) AS body, " +
		"CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS created_at, CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS modified_at WHERE false"}
	text := func(r Relation, source, body string) {
		if len(r.Columns) > 0 {
			queries = append(queries, fmt.Sprintf(`SELECT "Id" AS note_id, %s AS source, %s AS title, %s AS body, %s AS created_at, %s AS modified_at FROM (%s)`,
				quoteText(source), r.text("Title"), r.text(body), r.moment("CreatedDate"), r.moment("LastModifiedDate"), r.scan()))
		}
	}
	text(p.Notes, sourceNote, "Body")
	text(p.ContentNotes, sourceContentNote, "TextPreview")
	return strings.Join(queries, " UNION ALL ")
}

// moment is a time, or NULL where the stage lacks it or holds no time.
func (r Relation) moment(name string) string {
	if column, found := r.column(name); !found || !strings.HasPrefix(column.Type, "timestamp") {
		return "CAST(NULL AS TIMESTAMP WITH TIME ZONE)"
	}
	return quoteName(name)
}
