package faults

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// request is one as the simulator has it in its log.
type request struct {
	Time     time.Time `json:"time"`
	Kind     string    `json:"kind"`
	Method   string    `json:"method"`
	Path     string    `json:"path"`
	Query    string    `json:"query"`
	Object   string    `json:"object"`
	Job      string    `json:"job"`
	Status   int       `json:"status"`
	Fault    int       `json:"fault"`
	Duration float64   `json:"duration_seconds"`
}

// answered is when the answer was out.
func (c request) answered() time.Time {
	return c.Time.Add(time.Duration(c.Duration * float64(time.Second)))
}

// what it asked for, and of which object.
func (c request) what() string { return c.Method + " " + c.Path + "?" + c.Query + " " + c.Object }

// requests are those of the run that was struck, in the order in which they came; all kinds where none is named.
func (w *world) requests(kinds ...string) []request {
	w.v.t.Helper()
	w.org.mutex.Lock()
	log := w.org.log.String()
	w.org.mutex.Unlock()
	var found []request
	for line := range strings.Lines(log) {
		var c request
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			w.v.errorf("the simulator's log: %v in %q", err, line)
		}
		if len(kinds) == 0 || slices.Contains(kinds, c.Kind) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b request) int { return a.Time.Compare(b.Time) })
	return found
}

// asked holds how often a kind of request came.
func (w *world) asked(kind string, least, most int) {
	w.v.t.Helper()
	if got := len(w.requests(kind)); got < least || got > most {
		w.v.errorf("%d requests of kind %s, want %d to %d", got, kind, least, most)
	}
}

// askedOf is asked in the form of an after.
func askedOf(kind string, least, most int) func(*world, outcome) {
	return func(w *world, _ outcome) { w.v.t.Helper(); w.asked(kind, least, most) }
}

// all are several things that must hold after a point.
func all(checks ...func(*world, outcome)) func(*world, outcome) {
	return func(w *world, o outcome) {
		w.v.t.Helper()
		for _, check := range checks {
			check(w, o)
		}
	}
}

// byWhat are the calls of a kind by what they asked for: a request and its repetitions.
func (w *world) byWhat(kinds ...string) map[string][]request {
	w.v.t.Helper()
	found := map[string][]request{}
	for _, c := range w.requests(kinds...) {
		found[c.what()] = append(found[c.what()], c)
	}
	return found
}

// pagesRepeated holds that what was refused was asked for again, and that every page came once.
func pagesRepeated(w *world, _ outcome) {
	w.v.t.Helper()
	refused := 0
	for what, same := range w.byWhat() {
		if same[0].Kind == "job_delete" {
			continue // a farewell, which is tried once
		}
		good := 0
		for i, c := range same {
			if c.Status == 200 || c.Status == 201 {
				good++
			}
			if c.Status == 400 || c.Status == 401 {
				if refused++; i == len(same)-1 {
					w.v.errorf("%s was refused, and not asked for again", what)
				}
			}
		}
		if same[0].Kind == "results" && good != 1 {
			w.v.errorf("%s was answered %d times, want once", what, good)
		}
	}
	if refused == 0 {
		w.v.errorf("nothing was refused: the case proves nothing")
	}
	w.asked("results", 7, 7+refused)
	w.asked("job_create", 2, 2+refused)
}

// waited holds that after each answer that struck nothing at all was asked for before a time had passed, but what was on
// its way by then, and that something was asked for after it.
func waited(least, most time.Duration) func(*world, outcome) {
	const onItsWay = 300 * time.Millisecond
	return func(w *world, _ outcome) {
		w.v.t.Helper()
		calls, struck := w.requests(), 0
		for _, s := range calls {
			if s.Fault == 0 {
				continue
			}
			struck++
			next := time.Time{}
			for _, c := range calls {
				since := c.Time.Sub(s.answered())
				if least > 2*onItsWay && since > onItsWay && since < least-5*time.Millisecond { // the log has milliseconds
					w.v.errorf("%s came %s after the server asked to wait %s", c.what(), since, least)
				}
				if since > 0 && c.what() == s.what() && next.IsZero() {
					next = c.Time
				}
			}
			if wait := next.Sub(s.answered()); next.IsZero() || wait < least-5*time.Millisecond || wait > most {
				w.v.errorf("%s was asked for again after %s, want %s to %s", s.what(), wait, least, most)
			}
		}
		if struck == 0 {
			w.v.errorf("nothing was struck: the case proves nothing")
		}
	}
}

// retries are the repeated requests that the published manifest counts.
func (w *world) retries() int {
	w.v.t.Helper()
	var m struct{ API struct{ Retries int } }
	if err := json.Unmarshal(w.read("out", "run_date="+faultDate, "manifest.json"), &m); err != nil {
		w.v.errorf("manifest: %v", err)
	}
	return m.API.Retries
}

// accountingOf is what a published manifest counts, by object and status.
func (w *world) accountingOf(date string) map[string]map[string]int64 {
	w.v.t.Helper()
	var m manifest
	if err := json.Unmarshal(w.read("out", "run_date="+date, "manifest.json"), &m); err != nil {
		w.v.errorf("manifest: %v", err)
	}
	return m.Accounting
}

// causes is how many customers the published manifest counts for each cause.
func (w *world) causes() map[string]int64 {
	w.v.t.Helper()
	var m struct {
		Causes struct{ Customers map[string]int64 }
	}
	if err := json.Unmarshal(w.read("out", "run_date="+faultDate, "manifest.json"), &m); err != nil {
		w.v.errorf("manifest: %v", err)
	}
	return m.Causes.Customers
}
