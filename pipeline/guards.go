package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"crosswalk/sql"
	"crosswalk/transform"
)

// Guard is one limit that a publication must keep, with the value it had. Of says what the value speaks of. Records are
// the ids of the first customers that a tripped guard is about.
type Guard struct {
	Name    string   `json:"name"`
	Of      string   `json:"of,omitempty"`
	Limit   float64  `json:"limit"`
	Value   float64  `json:"value"`
	Tripped bool     `json:"tripped"`
	Forced  bool     `json:"forced"`
	Records []string `json:"records,omitempty"`
}

// guardRecords is how many records a tripped guard names, guardLetters how much of an id.
const (
	guardRecords = 10
	guardLetters = 255
)

func (g Guard) explain() string {
	switch g.Name {
	case "min_link_rate":
		return fmt.Sprintf("min_link_rate: %.2f%% of the customers are linked, the limit is %.2f%%%s", 100*g.Value, 100*g.Limit, g.named())
	case "max_drop":
		return fmt.Sprintf("max_drop: %s fell by %.2f%% since the last publication, the limit is %.2f%%%s", g.Of, 100*g.Value, 100*g.Limit, g.named())
	case "max_moved":
		return fmt.Sprintf("max_moved: %.2f%% of the linked customers moved to another account since the last publication, the limit is %.2f%%%s", 100*g.Value, 100*g.Limit, g.named())
	}
	if g.Name == guardUnchanged {
		return "unchanged_snapshot: the ERP's file is the one that " + g.Of + " was published from; did the export run?"
	}
	return fmt.Sprintf("allow_empty: %s has no rows", g.Of)
}

// named lists the records in question; an id that would break the line is quoted.
func (g Guard) named() string {
	if len(g.Records) == 0 {
		return ""
	}
	ids := make([]string, 0, len(g.Records))
	for _, id := range g.Records {
		ids = append(ids, strconv.Quote(id))
	}
	more := ""
	if len(ids) == guardRecords {
		more = " and more"
	}
	kind := "customers"
	if g.Of == "accounts" || g.Of == "contacts" {
		kind = g.Of
	}
	if g.Name == "min_link_rate" {
		kind = "not linked"
	}
	return " (" + kind + " " + strings.Join(ids, ", ") + more + ")"
}

// guard measures what the link made against the limits. A guard that trips refuses the publication, unless --force
// overrides it, which the manifest tells.
func (r *run) guard(ctx context.Context, database *transform.DB) error {
	gone, err := r.gone(ctx, database)
	if err != nil {
		return err
	}
	r.manifest.Guards = r.measure(gone)
	if err := r.nameRecords(ctx, database); err != nil {
		return err
	}
	return r.judge()
}

func (r *run) judge() error {
	var tripped []Guard
	for i := range r.manifest.Guards {
		guard := &r.manifest.Guards[i]
		guard.Forced = guard.Tripped && r.options.Force
		if guard.Tripped && !guard.Forced {
			tripped = append(tripped, *guard)
		}
	}
	if len(tripped) > 0 {
		return &GuardError{Tripped: tripped}
	}
	return nil
}

// What max_drop speaks of.
const (
	ofLinks     = "linked customers"
	ofCustomers = "customers"
	ofAccounts  = "accounts"
	ofContacts  = "contacts"
)

// measure gives every guard its value. gone is how many of what was there last time are not any more: as many others
// that came make up for none of them.
func (r *run) measure(gone map[string]int64) []Guard {
	limits, now := r.config.Guards, r.manifest.Accounting
	rate, total := 0.0, now.Customers["total"]
	if total > 0 {
		rate = float64(linkedCustomers(now)) / float64(total)
	}
	guards := []Guard{{Name: "min_link_rate", Of: ofCustomers, Limit: limits.MinLinkRate, Value: rate, Tripped: total > 0 && rate < limits.MinLinkRate}}
	guards = append(guards, r.emptiness()...)
	if r.previous == nil {
		return guards
	}
	before := r.previous.Accounting
	for _, pair := range []struct {
		of          string
		before, now int64
	}{
		{ofLinks, linkedCustomers(before), linkedCustomers(now)},
		{ofCustomers, before.Customers["total"], total},
		{ofAccounts, before.Accounts["total"], now.Accounts["total"]},
		{ofContacts, before.Contacts["total"], now.Contacts["total"]},
	} {
		guards = append(guards, dropGuard(pair.of, pair.before, min(pair.now, pair.before-gone[pair.of]), limits.MaxDrop))
	}
	guards = append(guards, Guard{Name: "max_moved", Of: ofLinks, Limit: limits.MaxMoved})
	moved := &guards[len(guards)-1]
	if linked := linkedCustomers(before); linked > 0 && r.manifest.Previous != nil {
		moved.Value = float64(r.manifest.Previous.Moved) / float64(linked)
	}
	moved.Tripped = moved.Value > moved.Limit
	return append(guards, r.unchanged()...)
}

// guardUnchanged is the guard against an export that did not run.
const guardUnchanged = "unchanged_snapshot"

// unchanged is the guard for a snapshot that an earlier date was published from already, byte for byte; none where it is
// another one. It trips only where the configuration refuses.
func (r *run) unchanged() []Guard {
	sum := r.manifest.Inputs.ERP.SHA256
	if sum == "" || sum != r.previous.Inputs.ERP.SHA256 || r.config.Guards.UnchangedSnapshot == "accept" {
		return nil
	}
	guard := Guard{Name: guardUnchanged, Of: r.previous.RunDate, Value: 1, Tripped: r.config.Guards.UnchangedSnapshot == "refuse"}
	if !guard.Tripped {
		r.options.Logger.Warn("the ERP's file is that of an earlier date: did the export run?", "run_date", guard.Of)
	}
	return []Guard{guard}
}

// gone counts what the last publication had and this one has not, by whom or what it was. Nothing is counted where no
// drop is too large, or what was published cannot be read.
func (r *run) gone(ctx context.Context, database *transform.DB) (map[string]int64, error) {
	gone := map[string]int64{}
	if r.previous == nil || r.config.Guards.MaxDrop >= 1 {
		return gone, nil
	}
	for _, of := range []string{ofLinks, ofCustomers, ofAccounts, ofContacts} {
		asked, before, isAsked := r.question(ctx, Guard{Name: "max_drop", Of: of})
		if !isAsked {
			continue
		}
		count, err := database.CountOf(ctx, sql.Guards, asked.name, before, asked.arguments()...)
		if err != nil {
			return nil, err
		}
		gone[of] = count
	}
	return gone, nil
}

// question is which records a guard is about: a statement of the guards folder, what it asks for, and the table of the
// last publication that it compares with.
type question struct {
	name, argument, table string
	columns               []string // of the table
}

var questions = map[string]question{
	"min_link_rate " + ofCustomers: {name: "unlinked_customer"},
	"max_moved " + ofLinks:         {name: "changed_customer", argument: "moved"},
	"max_drop " + ofLinks:          {name: "lost_customer"},
	"max_drop " + ofCustomers:      {name: "changed_customer", argument: "gone"},
	"max_drop " + ofAccounts:       {name: "gone_account", table: "accounts", columns: []string{"account_id"}},
	"max_drop " + ofContacts:       {name: "gone_contact", table: "contacts", columns: []string{"contact_id", "source"}},
}

func (q question) arguments() []any {
	if q.argument == "" {
		return nil
	}
	return []any{q.argument}
}

// question is what a guard asks, and of which table of the last publication; isAsked is false where it asks nothing, or
// what was published cannot be read.
func (r *run) question(ctx context.Context, guard Guard) (asked question, before transform.Relation, isAsked bool) {
	asked, isAsked = questions[guard.Name+" "+guard.Of]
	if !isAsked || asked.table == "" {
		return asked, before, isAsked
	}
	before = r.previous.table(ctx, asked.table)
	for _, column := range asked.columns {
		if !slices.ContainsFunc(before.Columns, func(c transform.Column) bool { return c.Name == column }) {
			return asked, before, false
		}
	}
	return asked, before, true
}

// nameRecords fills in which records the tripped guards are about.
func (r *run) nameRecords(ctx context.Context, database *transform.DB) error {
	for i := range r.manifest.Guards {
		guard := &r.manifest.Guards[i]
		if !guard.Tripped {
			continue
		}
		asked, before, isAsked := r.question(ctx, *guard)
		if !isAsked {
			continue // the limit is told without names
		}
		ids, err := database.RecordsOf(ctx, sql.Guards, asked.name, before, guardRecords, asked.arguments()...)
		if err != nil {
			return err
		}
		for j, id := range ids {
			if letters := []rune(id); len(letters) > guardLetters {
				ids[j] = string(letters[:guardLetters]) + "…"
			}
		}
		guard.Records = ids
	}
	return nil
}

// emptiness trips for an input without a single row, unless that is allowed: far more often a lost permission or a
// wrong org than a company without accounts.
func (r *run) emptiness() []Guard {
	var guards []Guard
	for _, query := range r.manifest.Inputs.Salesforce {
		rows, isAccounted := r.total(query.Object)
		if !isAccounted {
			continue
		}
		guards = append(guards, Guard{
			Name: "allow_empty", Of: "Salesforce " + query.Object, Limit: 1, Value: float64(rows), Tripped: rows == 0 && !r.config.Guards.AllowEmpty,
		})
	}
	return guards
}

func dropGuard(of string, before, now int64, limit float64) Guard {
	drop := 0.0
	if before > 0 && now < before {
		drop = float64(before-now) / float64(before)
	}
	return Guard{Name: "max_drop", Of: of, Limit: limit, Value: drop, Tripped: drop > limit}
}
