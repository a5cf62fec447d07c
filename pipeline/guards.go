package pipeline

import "fmt"

// Guard is one limit that a publication must keep, with the value it had. Of says what the value speaks of.
type Guard struct {
	Name    string  `json:"name"`
	Of      string  `json:"of,omitempty"`
	Limit   float64 `json:"limit"`
	Value   float64 `json:"value"`
	Tripped bool    `json:"tripped"`
	Forced  bool    `json:"forced"`
}

func (g Guard) explain() string {
	switch g.Name {
	case "min_link_rate":
		return fmt.Sprintf("min_link_rate: %.2f%% of the customers are linked, the limit is %.2f%%", 100*g.Value, 100*g.Limit)
	case "max_drop":
		return fmt.Sprintf("max_drop: %s fell by %.2f%% since the last publication, the limit is %.2f%%", g.Of, 100*g.Value, 100*g.Limit)
	}
	return fmt.Sprintf("allow_empty: %s has no rows", g.Of)
}

// guard measures what the link made against the limits. A guard that trips refuses the publication, unless --force
// overrides it, which the manifest tells.
func (r *run) guard() error {
	r.manifest.Guards = r.measure()
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
		{"linked customers", linkedCustomers(before), linkedCustomers(now)},
		{"customers", before.Customers["total"], now.Customers["total"]},
		{"accounts", before.Accounts["total"], now.Accounts["total"]},
		{"contacts", before.Contacts["total"], now.Contacts["total"]},
	} {
		guards = append(guards, dropGuard(pair.of, pair.before, pair.now, limits.MaxDrop))
	}
	return guards
}

// emptiness trips for an input without a single row, unless that is allowed: far more often a lost permission or a
// wrong org than a company without accounts.
func (r *run) emptiness() []Guard {
	var guards []Guard
	for _, query := range r.manifest.Inputs.Salesforce {
		rows := r.total(query.Object)
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
