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

// guardRecords is how many records a tripped guard names.
const guardRecords = 10

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
	r.manifest.Guards = r.measure()
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

func (r *run) measure() []Guard {
	limits, now := r.config.Guards, r.manifest.Accounting
	rate := 0.0
	if total := now.Customers["total"]; total > 0 {
		rate = float64(linkedCustomers(now)) / float64(total)
	}
	guards := []Guard{{Name: "min_link_rate", Of: "customers", Limit: limits.MinLinkRate, Value: rate, Tripped: rate < limits.MinLinkRate}}
	guards = append(guards, r.emptiness()...)
	if r.previous == nil {
		return guards
	}
	before := r.previous.Accounting
	for _, pair := range []struct {
		of          string
		before, now int64
	}{
		{"linked customers", linkedCustomers(before), min(linkedCustomers(now), linkedCustomers(before)-r.lost())},
		{"customers", before.Customers["total"], now.Customers["total"]},
		{"accounts", before.Accounts["total"], now.Accounts["total"]},
		{"contacts", before.Contacts["total"], now.Contacts["total"]},
	} {
		guards = append(guards, dropGuard(pair.of, pair.before, pair.now, limits.MaxDrop))
	}
	guards = append(guards, Guard{Name: "max_moved", Of: "linked customers", Limit: limits.MaxMoved})
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

// lost are the customers that lost their link: others may have won one, which makes up for nothing.
func (r *run) lost() int64 {
	if r.manifest.Previous == nil {
		return 0
	}
	return r.manifest.Previous.Lost
}

// question is which records a guard is about: a statement of the guards folder, what it asks for, and the table of the
// last publication that it compares with.
type question struct {
	name, argument, table, column string
}

func (g Guard) question() (asked question, isAsked bool) {
	asked, isAsked = map[string]question{
		"min_link_rate customers":    {name: "unlinked_customer"},
		"max_moved linked customers": {name: "changed_customer", argument: "moved"},
		"max_drop linked customers":  {name: "changed_customer", argument: "lost"},
		"max_drop customers":         {name: "changed_customer", argument: "gone"},
		"max_drop accounts":          {name: "gone_account", table: "accounts", column: "account_id"},
		"max_drop contacts":          {name: "gone_contact", table: "contacts", column: "contact_id"},
	}[g.Name+" "+g.Of]
	return asked, isAsked
}

// nameRecords fills in which records the tripped guards are about.
func (r *run) nameRecords(ctx context.Context, database *transform.DB) error {
	for i := range r.manifest.Guards {
		guard := &r.manifest.Guards[i]
		asked, isAsked := guard.question()
		if !guard.Tripped || !isAsked {
			continue
		}
		var before transform.Relation
		if asked.table != "" {
			before = r.previous.table(asked.table)
			if !slices.ContainsFunc(before.Columns, func(c transform.Column) bool { return c.Name == asked.column }) {
				continue // what was published cannot be read, and the limit is told without names
			}
		}
		var arguments []any
		if asked.argument != "" {
			arguments = append(arguments, asked.argument)
		}
		var err error
		if guard.Records, err = database.RecordsOf(ctx, sql.Guards, asked.name, before, guardRecords, arguments...); err != nil {
			return err
		}
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
