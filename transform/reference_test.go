package transform_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"crosswalk/transform"
)

// This file says in plain Go, with loops and maps, what the statements say in SQL. It is slow and shares nothing with
// them; where the two disagree on any input, one of them is wrong.

// refRecord is an account or a customer. Under each rule it has an identifier, which may be NULL, and a key, which may
// be none.
type refRecord struct {
	id, name, parent, created *string
	identifiers               []*string
	keys                      []string
	blank, rejected           []bool
	row                       []string
	cells                     map[string]*string
	lookups                   []string
}

type refLink struct{ customer, account, rule int }

// refused is why a key links nobody.
type refused struct{ status, reason string }

type refWorld struct {
	plan      transform.Plan
	accounts  []refRecord
	deleted   []refRecord // accounts in the recycle bin
	customers []refRecord
	contacts  []map[string]*string
	users     []map[string]*string
	refused   []map[string]refused
	links     []refLink
	published map[string][]map[string]*string // by account id

	customerMisses, accountMisses []nearMiss // by place
}

// null reads a cell of a test's table.
func null(cell string) *string {
	switch cell {
	case "":
		return nil
	case `""`:
		return new(string)
	default:
		return &cell
	}
}

func rowsOf(rows table) []map[string]*string {
	var found []map[string]*string
	for _, row := range rows[1:] {
		cells := map[string]*string{}
		for i, column := range rows[0] {
			cells[column] = null(row[i])
		}
		found = append(found, cells)
	}
	return found
}

// referenceLink links the tables by the rules of the plan.
func referenceLink(t *testing.T, plan transform.Plan, accounts, contacts, customers table) *refWorld {
	t.Helper()
	w := &refWorld{plan: plan, published: map[string][]map[string]*string{}}
	for _, cells := range rowsOf(accounts) {
		record := refRecord{cells: cells, id: cells["Id"], name: cells["Name"], parent: cells["ParentId"], created: cells["CreatedDate"]}
		for _, lookup := range plan.Lookups {
			if cells[lookup] != nil {
				record.lookups = append(record.lookups, *cells[lookup])
			}
		}
		for _, rule := range plan.Rules {
			w.identify(t, &record, rule, cells[rule.AccountField])
		}
		if deleted := cells["IsDeleted"]; deleted != nil && *deleted == "true" {
			w.deleted = append(w.deleted, record)
			continue
		}
		w.accounts = append(w.accounts, record)
	}
	seen := map[string]bool{}
	for i, cells := range rowsOf(customers) {
		row := customers[i+1]
		if seen[strings.Join(row, "\x1f")] {
			continue
		}
		seen[strings.Join(row, "\x1f")] = true
		record := refRecord{cells: cells, id: cells[plan.CustomerID], name: cells[plan.CustomerName], row: row}
		for _, rule := range plan.Rules {
			w.identify(t, &record, rule, cells[rule.CustomerColumn])
		}
		w.customers = append(w.customers, record)
	}
	for _, cells := range rowsOf(contacts) {
		if deleted := cells["IsDeleted"]; deleted == nil || *deleted != "true" {
			w.contacts = append(w.contacts, cells)
		}
	}
	w.refuse(t)
	w.link()
	w.publish()
	w.customerMisses, w.accountMisses = w.nearMisses()
	return w
}

func (w *refWorld) identify(t *testing.T, record *refRecord, rule transform.Rule, identifier *string) {
	t.Helper()
	record.identifiers = append(record.identifiers, identifier)
	blank := identifier == nil
	if !blank {
		blank = slices.ContainsFunc(w.plan.Blanks, func(b string) bool { return foldBlank(b) == foldBlank(*identifier) })
	}
	key, ok := "", true
	if !blank {
		key, ok = takeSteps(t, rule.Steps, *identifier)
	}
	record.blank = append(record.blank, blank)
	record.rejected = append(record.rejected, !blank && !ok)
	record.keys = append(record.keys, key)
}

func foldBlank(value string) string {
	value, _ = stepMeaning("strip_invisible", value)
	value, _ = stepMeaning("trim", value)
	value, _ = stepMeaning("casefold", value)
	return value
}

func takeSteps(t *testing.T, key []string, value string) (string, bool) {
	t.Helper()
	steps, err := transform.KeySteps(key...)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		var ok bool
		if value, ok = stepMeaning(step, value); !ok {
			return "", false
		}
	}
	return value, true
}

func stepMeaning(step, value string) (string, bool) {
	if prefix, found := strings.CutPrefix(step, "strip_prefix:"); found {
		return strings.TrimPrefix(value, prefix), true
	}
	i := slices.IndexFunc(references, func(r stepReference) bool { return r.expression == "key_"+step+"(value)" })
	return references[i].want(value)
}

// refuse finds the keys in conflict, rule by rule.
func (w *refWorld) refuse(t *testing.T) {
	t.Helper()
	for number, rule := range w.plan.Rules {
		found := map[string]refused{}
		w.refuseSide(t, found, number, w.accounts, "accounts", rule.Many == "accounts" || rule.Many == "both")
		w.refuseSide(t, found, number, w.customers, "customers", rule.Many == "customers" || rule.Many == "both")
		w.refused = append(w.refused, found)
	}
}

// refuseSide is called for the accounts first, so that the customers' conflict of the same kind replaces theirs.
func (w *refWorld) refuseSide(t *testing.T, found map[string]refused, number int, records []refRecord, side string, mayShare bool) {
	t.Helper()
	if mayShare {
		return
	}
	groups := map[string][]string{}
	for _, record := range records {
		if record.keys[number] != "" {
			groups[record.keys[number]] = append(groups[record.keys[number]], *record.identifiers[number])
		}
	}
	for key, identifiers := range groups {
		distinct := slices.Compact(slices.Sorted(slices.Values(identifiers)))
		switch {
		case len(identifiers) < 2:
		case len(distinct) > 1:
			found[key] = refused{"key_collision", collapsedBy(t, w.plan.Rules[number].Steps, distinct)}
		case found[key].status != "key_collision":
			found[key] = refused{"duplicate_identifier", side}
		}
	}
}

func collapsedBy(t *testing.T, key []string, values []string) string {
	t.Helper()
	steps, err := transform.KeySteps(key...)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		for i := range values {
			values[i], _ = stepMeaning(step, values[i])
		}
		if values = slices.Compact(slices.Sorted(slices.Values(values))); len(values) == 1 {
			return step
		}
	}
	return "never"
}

func (w *refWorld) link() {
	for number, rule := range w.plan.Rules {
		earlier := slices.Clone(w.links)
		for c, customer := range w.customers {
			for a, account := range w.accounts {
				key := customer.keys[number]
				_, isRefused := w.refused[number][key]
				if key == "" || key != account.keys[number] || isRefused {
					continue
				}
				customerTaken := slices.ContainsFunc(earlier, func(l refLink) bool { return l.customer == c })
				accountTaken := slices.ContainsFunc(earlier, func(l refLink) bool { return l.account == a })
				if customerTaken || accountTaken && rule.Many != "customers" && rule.Many != "both" {
					continue
				}
				w.links = append(w.links, refLink{c, a, number})
			}
		}
	}
}

func (w *refWorld) publish() {
	for _, contact := range w.contacts {
		if contact["AccountId"] == nil {
			continue
		}
		for a, account := range w.accounts {
			if *account.id == *contact["AccountId"] && slices.ContainsFunc(w.links, func(l refLink) bool { return l.account == a }) {
				w.published[*account.id] = append(w.published[*account.id], contact)
			}
		}
	}
}

// ranked are the links of a customer, primary account first.
func (w *refWorld) ranked(customer int) []refLink {
	links := slices.Collect(func(yield func(refLink) bool) {
		for _, l := range w.links {
			if l.customer == customer && !yield(l) {
				return
			}
		}
	})
	slices.SortFunc(links, func(x, y refLink) int {
		a, b := w.accounts[x.account], w.accounts[y.account]
		return cmp.Or(cmp.Compare(len(w.published[*b.id]), len(w.published[*a.id])), nullLast(a.created, b.created), cmp.Compare(*a.id, *b.id))
	})
	return links
}

func nullLast(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	default:
		return cmp.Compare(*a, *b)
	}
}

func shown(value *string) string {
	if value == nil {
		return ""
	}
	if *value == "" {
		return `""`
	}
	return *value
}
