package transform

import (
	"fmt"
	"strings"
)

// sourceViews are where contacts come from besides the accounts that are linked: the lookup fields, in their order, and
// the owners, which have the columns of a contact.
func (p Plan) sourceViews() []view {
	return []view{
		{"contact_lookup", p.lookupQuery()},
		{"account_owner", p.accountOwnerQuery()},
		{"staged_owner", p.ownerQuery()},
		{"owner", "SELECT * FROM staged_owner"},
		{"owner_contact", p.ownerContactQuery()},
	}
}

// lookupPrefix stands before the name of the field in the source of a contact.
const lookupPrefix = "lookup:"

func (p Plan) lookupQuery() string {
	if len(p.Lookups) == 0 {
		return "SELECT CAST(NULL AS VARCHAR) AS account_id, CAST(NULL AS VARCHAR) AS contact_id, CAST(NULL AS VARCHAR) AS source, CAST(NULL AS INTEGER) AS position WHERE false"
	}
	queries := make([]string, 0, len(p.Lookups))
	for i, field := range p.Lookups {
		queries = append(queries, fmt.Sprintf(`SELECT "Id" AS account_id, %[1]s AS contact_id, %[2]s AS source, %[3]d AS position FROM salesforce_account WHERE %[1]s IS NOT NULL`,
			p.Accounts.text(field), quoteText(lookupPrefix+field), i+1))
	}
	return strings.Join(queries, " UNION ALL ")
}

func (p Plan) hasOwners() bool { return len(p.Owners.Columns) > 0 }

func (p Plan) accountOwnerQuery() string {
	if !p.hasOwners() {
		return "SELECT CAST(NULL AS VARCHAR) AS account_id, CAST(NULL AS VARCHAR) AS contact_id WHERE false"
	}
	return `SELECT "Id" AS account_id, "OwnerId" AS contact_id FROM salesforce_account WHERE "OwnerId" IS NOT NULL`
}

// ownerQuery says of a user what the view contact says of a contact.
func (p Plan) ownerQuery() string {
	if !p.hasOwners() {
		return "SELECT CAST(NULL AS VARCHAR) AS contact_id, CAST(NULL AS VARCHAR) AS title, false AS has_email, CAST(NULL AS BIGINT) AS created_microseconds WHERE false"
	}
	return fmt.Sprintf(`SELECT "Id" AS contact_id, %s AS title, coalesce(%s, '') <> '' AS has_email, %s AS created_microseconds FROM (%s)`,
		p.Owners.text("Title"), p.Owners.text("Email"), p.Owners.microseconds("CreatedDate"), p.Owners.scan())
}

// ownerContactQuery gives the users the columns of the contacts. What a user lacks, or keeps as another type, is NULL.
func (p Plan) ownerContactQuery() string {
	if !p.hasOwners() {
		return "SELECT * FROM salesforce_contact WHERE false"
	}
	selected := make([]string, 0, len(p.Contacts.Columns))
	for _, column := range p.Contacts.Columns {
		value := fmt.Sprintf("CAST(NULL AS %s)", column.sqlType())
		if own, found := p.Owners.column(column.Name); found && own.Type == column.Type && !ofContactAlone[strings.ToLower(column.Name)] {
			value = quoteName(own.Name)
		}
		selected = append(selected, value+" AS "+quoteName(column.Name))
	}
	return fmt.Sprintf("SELECT %s FROM (%s)", strings.Join(selected, ", "), p.Owners.scan())
}

// ofContactAlone are fields that mean something else in a user: the account of a portal's user is not the one he owns.
var ofContactAlone = map[string]bool{"accountid": true, "isdeleted": true}

// checkSources refuses a plan whose sources the stage does not hold.
func (p Plan) checkSources() error {
	if p.ChildLevels < 0 {
		return &PlanError{Subject: "child accounts", Problem: fmt.Sprintf("%d levels", p.ChildLevels), Code: exitConfig}
	}
	needs := []struct {
		wanted   bool
		relation Relation
		name     string
		columns  []string
	}{
		{p.ChildLevels > 0, p.Accounts, "accounts", []string{"ParentId"}},
		{p.hasOwners(), p.Accounts, "accounts", []string{"OwnerId"}},
		{p.hasOwners(), p.Owners, "users", []string{"Id"}},
		{len(p.Notes.Columns) > 0, p.Notes, "notes", []string{"Id", "ParentId", columnPrivate}},
		{len(p.ContentNotes.Columns) > 0, p.ContentNotes, "content notes", []string{"Id", columnPrivacy}},
		{len(p.ContentNotes.Columns) > 0, p.NoteLinks, "links of notes", []string{"Id", "ContentDocumentId", "LinkedEntityId"}},
	}
	for _, need := range needs {
		for _, column := range need.columns {
			if _, found := need.relation.column(column); need.wanted && !found {
				return missing(need.name, column)
			}
		}
	}
	if private, found := p.Notes.column(columnPrivate); found && private.sqlType() != "BOOLEAN" {
		return &PlanError{Subject: "notes", Problem: fmt.Sprintf("column %q of the stage is of type %s, and not boolean", private.Name, private.Type), Code: exitInput}
	}
	return nil
}
