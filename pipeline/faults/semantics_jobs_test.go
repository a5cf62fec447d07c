package faults

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Section C: how a query ends that Salesforce does not bring to an end, and how often it was asked for.

// jobs holds how many Bulk jobs of an object were asked for.
func jobs(object string, want int) func(*world, outcome) {
	return ofObject("job_create", object, "", want, want)
}

// polls holds that the state of an object's job was asked for so often at most: a state that is final is final.
func polls(object string, most int) func(*world, outcome) {
	return ofObject("job_info", object, "", 1, most)
}

// queries holds how often the rows of an object were asked for by REST, from the first of them.
func queries(object string, least, most int) func(*world, outcome) {
	return ofObject("query", object, "IsDeleted", least, most)
}

// readNothing holds that no row of an object was asked for.
func readNothing(object string) func(*world, outcome) {
	return all(ofObject("results", object, "", 0, 0), ofObject("query", object, "IsDeleted", 0, 0))
}

func ofObject(kind, object, part string, least, most int) func(*world, outcome) {
	return func(w *world, _ outcome) {
		w.v.t.Helper()
		found := 0
		for _, r := range w.requests(kind) {
			if r.Object == object && strings.Contains(r.Query, part) {
				found++
			}
		}
		if found < least || found > most {
			w.v.errorf("%d requests of kind %s for %s, want %d to %d", found, kind, object, least, most)
		}
	}
}

func onJobOf(object, change string) string {
	return fmt.Sprintf(`[{"match": {"kind": "job_info", "object": %q, "times": -1}, "do": {"job": {%s}}}]`, object, change)
}

// abortedPoints are jobs that somebody in the org ended, at once and after a while: the run ends with them.
func abortedPoints() []point {
	says := []string{"Contact", "aborted", "someone in the org", "Bulk Data Load Jobs"}
	return []point{
		{
			name: "aborted", want: refused(exitUnavailable, says...), faults: onJobOf("Contact", `"state": "Aborted"`),
			after: all(polls("Contact", 1), jobs("Contact", 1), readNothing("Contact"), within(30*time.Second)),
		},
		{
			name: "aborted after a while", want: refused(exitUnavailable, says...), after: all(polls("Contact", 3), jobs("Contact", 1), readNothing("Contact"), within(30*time.Second)),
			faults: `[{"match": {"kind": "job_info", "object": "Contact", "times": 2}, "do": {"job": {"state": "InProgress"}}},
				{"match": {"kind": "job_info", "object": "Contact", "nth": 3, "times": -1}, "do": {"job": {"state": "Aborted"}}}]`,
		},
	}
}

// stuckJob never ends: each job that was asked for is told to stop, and then removed.
func stuckJob() point {
	var mutex sync.Mutex
	told := map[string]string{} // state that was asked for, by path
	return point{
		name: "InProgress past the deadline", faults: onJob(`"state": "InProgress"`), env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"},
		want: refused(exitUnavailable, "no time left", "limits.deadline"),
		before: func(w *world) {
			w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if r.Method == http.MethodPatch {
					body, _ := io.ReadAll(r.Body)
					r.Body = io.NopCloser(bytes.NewReader(body))
					mutex.Lock()
					told[r.URL.Path] = string(body)
					mutex.Unlock()
				}
				next.ServeHTTP(rw, r)
			})
		},
		after: func(w *world, o outcome) {
			mutex.Lock()
			defer mutex.Unlock()
			created := len(w.requests("job_create"))
			if created == 0 || len(told) != created {
				w.v.errorf("%d jobs were created, %d told to stop", created, len(told))
			}
			for path, body := range told {
				if body != `{"state":"Aborted"}` {
					w.v.errorf("%s was told %q", path, body)
				}
			}
			w.asked("job_abort", created, created)
			within(25*time.Second)(w, o)
		},
	}
}

// locatorPoints have what Sforce-Locator may hold. null is the end, at the end and nowhere else; without a locator nobody
// knows whether that was the end; one that came before leads round in a circle.
func locatorPoints() []point {
	last := func(value string) string {
		return fmt.Sprintf(`[{"match": {"kind": "results", "object": "Contact", "nth": 5}, "do": {"headers": {"Sforce-Locator": %s}}}]`, value)
	}
	ended := ofObject("results", "Contact", "", 5, 5)
	return []point{
		{name: "null at the end", want: recovered(), faults: last(`"null"`), after: ended},
		{name: "null too early", want: refused(exitUnavailable, "Contact", "ROWS_MISSING", "received 47"), faults: onPage(-1, `"headers": {"Sforce-Locator": "null"}`), after: ofObject("results", "Contact", "", 1, 1)},
		{name: "absent", want: refused(exitUnavailable, "Contact", "no Sforce-Locator"), faults: onPage(-1, `"headers": {"Sforce-Locator": null}`), after: ofObject("results", "Contact", "", 1, 1)},
		{name: "absent at the end", want: refused(exitUnavailable, "Contact", "page 5", "no Sforce-Locator"), faults: last("null"), after: ended},
		{name: "empty", want: refused(exitUnavailable, "Contact", "no Sforce-Locator"), faults: onPage(-1, `"headers": {"Sforce-Locator": ""}`), after: ofObject("results", "Contact", "", 1, 1)},
		{name: "empty at the end", want: refused(exitUnavailable, "Contact", "page 5", "no Sforce-Locator"), faults: last(`""`), after: ended},
		{
			name: "the same again", want: refused(exitUnavailable, "Contact", "LOCATOR_REPEATED", "page 2"), after: ofObject("results", "Contact", "", 2, 2),
			faults: `[{"match": {"kind": "results", "object": "Contact", "nth": 2, "times": -1}, "do": {"headers": {"Sforce-Locator": "{locator}"}}}]`,
		},
		{name: "another host's", want: refused(exitUnavailable, "Contact"), faults: onPage(-1, `"headers": {"Sforce-Locator": "http://evil.example/"}`), after: ofObject("results", "Contact", "", 1, 4)},
	}
}

// misspelt names a field in the configuration that the org does not have.
func misspelt(api string) point {
	return point{
		name: "a misspelt field by " + api, env: []string{"CROSSWALK_SALESFORCE_API=" + api}, config: replaced("erp:\n", "  objects: {Contact: {fields: [Name, Phnoe]}}\nerp:\n"),
		before: func(w *world) { w.org.arm(nil) },
		want:   refused(exitUsage, "Contact.Phnoe", "does not exist", "did you mean Phone", "correct the name in the configuration"),
		after:  all(jobs("Contact", 0), readNothing("Contact"), readNothing("Account")),
	}
}
