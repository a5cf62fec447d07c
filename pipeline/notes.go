package pipeline

import (
	"context"
	"slices"

	"crosswalk/extract"
	"crosswalk/extract/salesforce"
	"crosswalk/transform"
)

const (
	objectUser        = "User"
	objectNote        = "Note"
	objectContentNote = "ContentNote"
	objectContentLink = "ContentDocumentLink"
	fieldContent      = "ContentDocumentId" // of a link: the note, or any other document
	fieldLinked       = "LinkedEntityId"    // of a link: the record it hangs on
)

// noteObjects are the two kinds of notes and what each cannot do without.
var noteObjects = map[string][]string{objectNote: nil, objectContentNote: {objectContentLink}}

// noteKinds are the kinds of notes in the order in which they are told.
var noteKinds = []string{objectNote, objectContentNote}

// noteFields are what is read of a note, where the user may see it.
var noteFields = map[string][]string{
	objectNote:        {"Id", "ParentId", "Title", "Body", "CreatedDate", "LastModifiedDate", "IsPrivate", fieldIsDeleted},
	objectContentNote: {"Id", "Title", "TextPreview", "CreatedDate", "LastModifiedDate", "SharingPrivacy", fieldIsDeleted},
}

// noteKeys are those of them that must be there: what a note hangs on, and whether it is private.
var noteKeys = map[string][]string{objectNote: {"Id", "ParentId", "IsPrivate"}, objectContentNote: {"Id", "SharingPrivacy"}}

// notesOf lists the kinds of notes that the org has and the user may read: enhanced notes are a feature that many orgs
// lack. A kind that is not there is told, and stays away.
func (r *run) notesOf(ctx context.Context, org *salesforce.Client) ([]string, error) {
	if !r.config.Salesforce.Notes {
		return nil, nil
	}
	visible, err := org.Objects(ctx)
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, kind := range noteKinds {
		missing := slices.DeleteFunc(append([]string{kind}, noteObjects[kind]...), func(name string) bool { return slices.Contains(visible, name) })
		if len(missing) > 0 {
			r.options.Logger.WarnContext(ctx, "notes of a kind left out: the org does not have them, or the user may not read them", "object", kind, "absent", missing)
			continue
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

// wantedNoteFields are the fields of a kind of notes that the describe shows, and its keys in any case.
func wantedNoteFields(kind string, describe *salesforce.Describe) []string {
	var wanted []string
	for _, field := range noteFields[kind] {
		if slices.Contains(noteKeys[kind], field) || describe.Has(field) {
			wanted = append(wanted, field)
		}
	}
	return wanted
}

// endNotes ends the stage's part of notes once those are there that were asked for: what the enhanced ones hang on, and
// which kinds the org does not have. Without that record a stage would not tell an org without notes from a night when
// nobody asked for them.
func (r *run) endNotes(ctx context.Context, org *salesforce.Client, requests []salesforce.Request, stage *extract.Stage) error {
	if !r.config.Salesforce.Notes {
		return nil
	}
	for _, kind := range noteKinds {
		asked := slices.ContainsFunc(requests, func(request salesforce.Request) bool { return request.Object == kind })
		var err error
		switch {
		case !asked:
			err = stage.CommitAbsent(sourceSalesforce, kind)
		case kind == objectContentNote:
			err = r.extractLinks(ctx, org, stage)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// extractLinks reads what the enhanced notes hang on. Salesforce gives the links only for ids, 200 a call, so those are
// asked for of which there are fewer: the notes, or the accounts and contacts. Both ways give the same links of notes to
// accounts and contacts.
func (r *run) extractLinks(ctx context.Context, org *salesforce.Client, stage *extract.Stage) error {
	describe, err := org.Describe(ctx, objectContentLink)
	if err != nil {
		return err
	}
	schema, err := org.Schema(ctx, describe, []string{"Id", fieldContent, fieldLinked}, nil)
	if err != nil {
		return err
	}
	request := salesforce.LinkedRequest{Object: objectContentLink, Schema: schema, Progress: r.progress.meter(objectContentLink)}
	notes, err := tablesOf(stage, objectContentNote)
	if err != nil {
		return err
	}
	records, err := tablesOf(stage, objectAccount, objectContact)
	if err != nil {
		return err
	}
	asked := notes
	request.Field, request.Count = fieldContent, rowsOf(notes)
	if others := rowsOf(records); others < request.Count {
		asked, request.Field, request.Count = records, fieldLinked, others
	}
	request.IDs = func(ctx context.Context, take func(string) error) error {
		for _, table := range asked {
			if err := stage.Texts(ctx, table, "Id", take); err != nil {
				return err
			}
		}
		return nil
	}
	table, err := stage.NewTable(sourceSalesforce, objectContentLink, schema)
	if err != nil {
		return err
	}
	query, err := org.ExtractLinked(ctx, request, table)
	if err != nil {
		return err
	}
	return table.CommitQuery(query)
}

func tablesOf(stage *extract.Stage, objects ...string) ([]extract.Table, error) {
	var tables []extract.Table
	for _, object := range objects {
		table, err := stage.Table(sourceSalesforce, object)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}

func rowsOf(tables []extract.Table) (sum int64) {
	for _, table := range tables {
		sum += table.Rows
	}
	return sum
}

// planNotes adds the notes that the stage holds, and tells which kinds it does not. A stage of an older crosswalk lists
// only the kinds that were there: one of them tells that notes were asked for, none tells nothing.
func planNotes(plan *transform.Plan, stage *recorded) (absent []string, err error) {
	plan.PublishNotes = true
	asked := false
	add := func(object string, relation *transform.Relation) bool {
		table, err := stage.Table(sourceSalesforce, object)
		if err != nil {
			return false
		}
		asked = true
		*relation = relationOf(stage, table)
		return len(table.Columns) > 0
	}
	if !add(objectNote, &plan.Notes) {
		absent = append(absent, objectNote)
	}
	if !add(objectContentNote, &plan.ContentNotes) || !add(objectContentLink, &plan.NoteLinks) {
		plan.ContentNotes = transform.Relation{}
		absent = append(absent, objectContentNote)
	}
	if !asked {
		return nil, &transform.PlanError{Subject: "notes", Problem: "nobody asked for them when the stage was recorded", Code: 5}
	}
	return absent, nil
}
