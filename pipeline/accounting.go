package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"crosswalk/extract"
	"crosswalk/transform"
)

// account takes over what the link counted, and what each input said of itself.
func (r *run) account(stage *recorded, counted *transform.Accounting) {
	r.manifest.Accounting = Accounting{
		Customers: withTotal(counted.Customers, customerStatuses), Accounts: withTotal(counted.Accounts, accountStatuses),
		Contacts: withTotal(counted.Contacts, contactStatuses),
	}
	if r.plan.PublishNotes {
		r.manifest.Accounting.Notes = withTotal(counted.Notes, noteStatuses)
		r.options.Logger.Info("notes counted", "published_rows", counted.Notes["published"], "private_rows", counted.Notes["private"],
			"parent_not_published_rows", counted.Notes["parent_not_published"])
	}
	r.readRows = counted.Read
	r.outputRows = map[string]int64{
		"links": counted.LinkRows, "contacts": counted.ContactRows, "notes": counted.NoteRows, "exceptions": exceptional(r.manifest.Accounting),
	}
	r.manifest.Inputs.Salesforce = nil
	for _, table := range stage.Tables() {
		switch {
		case table.Query != nil:
			r.manifest.Inputs.Salesforce = append(r.manifest.Inputs.Salesforce, *table.Query)
		case table.Snapshot != nil:
			r.manifest.Inputs.ERP = ERPInput{Snapshot: *table.Snapshot, ExactDuplicatesDropped: counted.ExactDuplicatesDropped}
		}
	}
}

// compare takes over how the customers changed since the last publication.
func (r *run) compare(changes transform.Changes) {
	previous := r.manifest.Previous
	previous.Linked, previous.Lost, previous.Moved = changes["linked"], changes["lost"], changes["moved"]
	previous.Status, previous.New, previous.Gone = changes["status"], changes["new"], changes["gone"]
	for _, customers := range changes {
		r.outputRows["changes"] += customers
	}
}

// reconcile holds every count against the next one on the way from the server to the link. Any that disagrees fails
// the run: complete or not at all.
func (r *run) reconcile(tables []extract.Table) error {
	for _, table := range tables {
		var rows int64
		for _, part := range table.Parts {
			rows += part.Rows
		}
		name := table.Source + "." + table.Name
		r.check(name+": rows of the parts = rows of the table", rows, table.Rows)
		if query := table.Query; query != nil {
			r.check(name+": announced = received", query.Announced, query.Received)
			r.check(name+": received = staged", query.Received, query.Staged)
			r.check(name+": staged = rows of the table", query.Staged, table.Rows)
			if kind, isRead := readKinds[table.Name]; isRead {
				r.check(name+": rows of the table = read by the link", table.Rows, r.readRows[kind])
			}
			if total, isAccounted := r.total(table.Name); isAccounted {
				r.check(name+": living rows = accounted", table.Rows-query.Deleted, total)
			}
		}
		if snapshot := table.Snapshot; snapshot != nil {
			r.check(name+": rows of the snapshot = rows of the table", snapshot.Rows, table.Rows)
			r.check(name+": rows - exact duplicates = accounted", snapshot.Rows-r.manifest.Inputs.ERP.ExactDuplicatesDropped, r.manifest.Accounting.Customers["total"])
		}
	}
	if notes := r.manifest.Accounting.Notes; notes != nil {
		r.check("notes: living rows = accounted", livingNotes(tables), notes["total"])
		r.check("notes: rows of the tables = read by the link", stagedNotes(tables), r.readRows["notes"])
	}
	slices.SortFunc(r.manifest.Checks, func(a, b Check) int { return strings.Compare(a.Name, b.Name) })
	return r.verdict()
}

// reconcileOutputs holds the published rows against the accounting.
func (r *run) reconcileOutputs() error {
	for _, output := range r.manifest.Outputs {
		table, _, _ := strings.Cut(output.Name, ".")
		switch table {
		case "customers":
			r.check(output.Name+": rows = customers", output.Rows, r.manifest.Accounting.Customers["total"])
		case "accounts":
			r.check(output.Name+": rows = accounts", output.Rows, r.manifest.Accounting.Accounts["total"])
		default:
			r.check(output.Name+": rows = rows of the link", output.Rows, r.outputRows[table])
		}
	}
	return r.verdict()
}

func (r *run) check(name string, left, right int64) {
	r.manifest.Checks = append(r.manifest.Checks, Check{Name: name, Left: left, Right: right, Holds: left == right})
}

func (r *run) verdict() error {
	var problems []string
	for _, check := range r.manifest.Checks {
		if !check.Holds {
			problems = append(problems, fmt.Sprintf("%s: %d, %d", check.Name, check.Left, check.Right))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return &IncompleteError{Problems: problems}
}

// total is the number of records that the link accounted for of an object of Salesforce, where each of its records has
// a status of its own: users and the links of notes have none, and the two kinds of notes one in common.
func (r *run) total(object string) (records int64, isAccounted bool) {
	switch object {
	case objectAccount:
		return r.manifest.Accounting.Accounts["total"], true
	case objectContact:
		return r.manifest.Accounting.Contacts["total"], true
	}
	return 0, false
}

// readKinds are the objects whose records the link reads as a kind of their own; the two kinds of notes are one.
var readKinds = map[string]string{objectAccount: "accounts", objectContact: "contacts", objectUser: "owners", objectContentLink: "note_links"}

func stagedNotes(tables []extract.Table) (rows int64) {
	for _, table := range tables {
		if table.Query != nil && (table.Name == objectNote || table.Name == objectContentNote) {
			rows += table.Rows
		}
	}
	return rows
}

// livingNotes counts the staged notes of both kinds that are not deleted.
func livingNotes(tables []extract.Table) (rows int64) {
	for _, table := range tables {
		if table.Query != nil && (table.Name == objectNote || table.Name == objectContentNote) {
			rows += table.Rows - table.Query.Deleted
		}
	}
	return rows
}

// withTotal has every status as a key, and their sum, which is then held against what was staged.
func withTotal(counts map[string]int64, statuses []string) map[string]int64 {
	complete := map[string]int64{"total": 0}
	for _, status := range statuses {
		complete[status] = 0
	}
	for status, count := range counts {
		complete[status] = count
		complete["total"] += count
	}
	return complete
}

// exceptional counts the records that a person should look at: customers without a link, and accounts that carry an
// identifier in vain.
func exceptional(a Accounting) int64 {
	return a.Customers["total"] - linkedCustomers(a) + a.Accounts["key_collision"] + a.Accounts["duplicate_identifier"] + a.Accounts["near_miss"] + a.Accounts["not_found"]
}

// linkedCustomers are those with one account or several.
func linkedCustomers(accounting Accounting) int64 {
	return accounting.Customers["linked"] + accounting.Customers["linked_many"]
}
