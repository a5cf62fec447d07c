package pipeline

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"

	"crosswalk/load"
)

const (
	objectCustomer   = "customer"
	objectOfAccount  = "account"
	objectOfContact  = "contact"
	historyDates     = 10 // publications that the history tells
	carriersShown    = 5
	statusAbsent     = "absent"
	statusUnreadable = "unreadable"
	statusDeleted    = "deleted"
)

// records are those that have the id: customers as they are written, then an account or a contact. A customer may well
// have an account's id for its own.
func (e *explanation) records(ctx context.Context, id string) ([]ExplainedRecord, error) {
	found, err := e.customers(ctx, id)
	if err != nil {
		return nil, err
	}
	recordID := e.recordID(ctx, id)
	if recordID == "" {
		return found, nil
	}
	for _, look := range []func(context.Context, string) (*ExplainedRecord, error){e.account, e.contact} {
		record, err := look(ctx, recordID)
		if err != nil {
			return nil, err
		}
		if record != nil {
			found = append(found, *record)
		}
	}
	return found, nil
}

// recordID is the id of 18 characters, or "" where id is none of a Salesforce record.
func (e *explanation) recordID(ctx context.Context, id string) string {
	var long sql.NullString
	err := e.published.Ask(ctx, "salesforce_id", func(scan func(...any) error) error { return scan(&long) }, id)
	if err != nil || !long.Valid {
		return ""
	}
	return long.String
}

// customers are those of the id, rows that agree in all that is told of them as one. What a row has is told of that row
// alone: customers may share id and name.
func (e *explanation) customers(ctx context.Context, id string) ([]ExplainedRecord, error) {
	found, err := e.party(ctx, objectCustomer, "customer", id)
	if err != nil {
		return nil, err
	}
	for i := range found {
		other := func(r ExplainedRecord) bool {
			return r.ID == found[i].ID && r.row.name == found[i].row.name && r.row.identifier != found[i].row.identifier
		}
		found[i].row.isAlone = e.untold == 0 && !slices.ContainsFunc(found, other)
		if err := e.complete(ctx, &found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// account is the published account, or the deleted one that the stage remembers.
func (e *explanation) account(ctx context.Context, id string) (*ExplainedRecord, error) {
	found, err := e.party(ctx, objectOfAccount, "account", id)
	if err != nil || len(found) == 0 {
		return e.deletedAccount(ctx, id, err)
	}
	return &found[0], e.complete(ctx, &found[0])
}

func (e *explanation) deletedAccount(ctx context.Context, id string, err error) (*ExplainedRecord, error) {
	if err != nil {
		return nil, err
	}
	var name, master sql.NullString
	deleted, rows := false, 0
	err = e.published.Ask(ctx, "kept_account", func(scan func(...any) error) error { rows++; return scan(&name, &deleted, &master) }, id)
	if err != nil || rows == 0 || !deleted {
		return nil, err
	}
	record := newRecord(objectOfAccount, id, name.String)
	record.Status, record.Plain, record.Fix = statusDeleted, "is in the recycle bin, so it has no row and never links.", "restore it in Salesforce, where it was deleted by mistake"
	if master.String != "" {
		record.Reason, record.Plain = "merged", "was merged into account "+master.String+", so it has no row and never links."
		record.Fix = "ask for account " + master.String
	}
	return record, nil
}

func newRecord(object, id, name string) *ExplainedRecord {
	return &ExplainedRecord{
		Object: object, ID: id, Name: name, Rows: 1, Identifiers: []ExplainedIdentifier{}, Links: []ExplainedLink{}, Contacts: []ExplainedContact{}, History: []ExplainedHistory{},
	}
}

// publishedRow is what tells a row of the publication from others of its id. An empty text is one, and not nothing.
type publishedRow struct {
	record                      int64 // its number in the publication
	name, identifier, key, rule sql.NullString
	reason                      sql.NullString
	isAlone                     bool // no other row has its id and name, and another identifier
}

// party reads customers or accounts of an id, and counts those that are beyond the limit.
func (e *explanation) party(ctx context.Context, object, question, id string) ([]ExplainedRecord, error) {
	var found []ExplainedRecord
	var all int64
	err := e.published.Ask(ctx, question, func(scan func(...any) error) error {
		var recordID sql.NullString
		record := newRecord(object, "", "")
		row := &record.row
		if err := scan(&row.record, &recordID, &row.name, &row.identifier, &row.key, &record.Status, &row.reason, &row.rule, &record.ContactCount, &record.Rows, &all); err != nil {
			return err
		}
		record.ID, record.Name, record.Reason = recordID.String, row.name.String, row.reason.String
		found = append(found, *record)
		return nil
	}, id)
	if object == objectCustomer {
		e.untold = all - int64(len(found))
	}
	return found, err
}

// complete adds to a customer or an account what it met, its links, its contacts and its history, and puts it in words.
func (e *explanation) complete(ctx context.Context, r *ExplainedRecord) error {
	side := sideOf(r.Object)
	for _, rule := range e.config.Link {
		identifier, err := e.identifier(ctx, rule, side, r.row.record)
		if err != nil {
			return err
		}
		if identifier != nil {
			r.Identifiers = append(r.Identifiers, *identifier)
		}
	}
	for _, add := range []func(context.Context, *ExplainedRecord) error{e.links, e.candidate, e.contactsOf, e.history} {
		if err := add(ctx, r); err != nil {
			return err
		}
	}
	r.Plain, r.Fix = e.plain(r), e.fix(r)
	return nil
}

func sideOf(object string) string {
	if object == objectCustomer {
		return "customers"
	}
	return "accounts"
}

func (e *explanation) links(ctx context.Context, r *ExplainedRecord) error {
	if !r.isLinked() {
		return nil
	}
	side := sideOf(r.Object)
	return e.published.Ask(ctx, "links", func(scan func(...any) error) error {
		var l ExplainedLink
		var customerID, customerName, accountName sql.NullString
		if err := scan(&customerID, &customerName, &l.AccountID, &accountName, &l.Rule, &l.Key, &l.AccountRank, &r.LinkCount); err != nil {
			return err
		}
		l.CustomerID, l.CustomerName, l.AccountName = customerID.String, customerName.String, accountName.String
		if r.Object == objectCustomer { // another row may have its id and key, and another name
			l.CustomerName = r.Name
		}
		r.Links = append(r.Links, l)
		return nil
	}, side, r.ID, r.row.key, r.row.rule, side, r.ID)
}

func (r *ExplainedRecord) isLinked() bool { return strings.HasPrefix(r.Status, "linked") }

func (e *explanation) candidate(ctx context.Context, r *ExplainedRecord) error {
	if r.isLinked() {
		return nil
	}
	side := map[string]string{objectCustomer: "erp", objectOfAccount: "salesforce"}[r.Object]
	return e.published.Ask(ctx, "exception", func(scan func(...any) error) error {
		var detail, id, candidate, identifier, suggestion sql.NullString
		if err := scan(&detail, &id, &candidate, &identifier, &suggestion); err != nil {
			return err
		}
		if id.String != "" || detail.String != "" {
			r.Candidate = &ExplainedCandidate{ID: id.String, Name: candidate.String, Identifier: identifier.String, Cause: r.Reason, Detail: detail.String, Suggestion: suggestion.String}
		}
		return nil
	}, side, r.ID, r.row.name, r.row.identifier, r.Status, r.row.reason)
}

// contactsOf lists the contacts that come to a customer, or that come to customers by an account.
func (e *explanation) contactsOf(ctx context.Context, r *ExplainedRecord) error {
	side := sideOf(r.Object)
	return e.published.Ask(ctx, "contacts", func(scan func(...any) error) error {
		var c ExplainedContact
		var customer, account, name, reason sql.NullString
		if err := scan(&customer, &account, &c.ID, &name, &c.Source, &c.Primary, &reason); err != nil {
			return err
		}
		c.CustomerID, c.AccountID, c.Name, c.PrimaryReason = customer.String, account.String, name.String, reason.String
		r.Contacts = append(r.Contacts, c)
		return nil
	}, side, r.ID, r.ID, r.row.key, r.row.rule, side, r.ID)
}

// history asks the last publications, newest first. One that cannot be read is told as such.
func (e *explanation) history(ctx context.Context, r *ExplainedRecord) error {
	names, err := load.Partitions(e.config.Output.Directory)
	if err != nil {
		return err
	}
	question, file := "history_account", "accounts.parquet"
	args := func(path string) []any { return []any{path, r.ID} }
	if r.Object == objectCustomer {
		question, file = "history_customer", "customers.parquet"
		args = func(path string) []any {
			return []any{r.row.identifier, path, r.ID, r.row.name, r.row.isAlone, r.Status}
		}
	}
	slices.Reverse(names)
	for _, name := range names[:min(historyDates, len(names))] {
		entry := ExplainedHistory{RunDate: strings.TrimPrefix(name, partitionPrefix), Status: statusAbsent}
		path := filepath.Join(e.config.Output.Directory, name, file)
		err := e.published.Ask(ctx, question, func(scan func(...any) error) error {
			var reason, other sql.NullString
			if err := scan(&entry.Status, &reason, &other); err != nil {
				return err
			}
			entry.Reason, entry.LinkedTo = reason.String, other.String
			return nil
		}, args(path)...)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			entry = ExplainedHistory{RunDate: entry.RunDate, Status: statusUnreadable}
		}
		r.History = append(r.History, entry)
	}
	return nil
}
