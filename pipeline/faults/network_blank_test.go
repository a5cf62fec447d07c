package faults

import (
	"fmt"
	"time"
)

// F040 and F041: answers that have no rows, and statuses that say what is wrong.

// blankPoints are answers without rows that must not pass for an object without rows: each once, which is got over, and
// for ever, which is told by what came.
func blankPoints() []point {
	const backoff, long = firstBackoff, 20 * time.Second
	var points []point
	for _, c := range []struct {
		name   string
		status int
		body   string
		says   string
	}{
		{"503 with a page", 503, "<html><body>maintenance</body></html>", "an HTML page"},
		{"200 with a page", 200, "<html><body>We are down for maintenance.</body></html>", "an HTML page in place of an answer"},
		{"200 with nothing", 200, "", "text/plain in place of"}, {"204", 204, "", "without content"}, {"200 with an empty array", 200, "[]", ""},
	} {
		for _, kind := range []string{"describe", "query", "job_create", "job_info", "pages", "results"} {
			points = append(points, point{name: kind + " once " + c.name, want: recovered(), faults: blank(kind, "", 1, c.status, c.body), after: waited(backoff, long)})
		}
		for _, kind := range []string{"query", "query_more"} {
			points = append(points, point{
				name: kind + " of REST once " + c.name, want: recovered(), env: []string{"CROSSWALK_SALESFORCE_API=rest"},
				faults: blank(kind, patternOf[kind], 1, c.status, c.body), after: waited(backoff, long),
			})
		}
		points = append(points,
			point{
				name: "results for ever " + c.name, want: refused(exitUnavailable, c.says), env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"},
				faults: blank("results", "", -1, c.status, c.body), after: inBudget(4),
			},
			point{
				name: "query of REST for ever " + c.name, want: blankForEver(c.body, c.says), env: []string{"CROSSWALK_SALESFORCE_API=rest", "CROSSWALK_LIMITS_DEADLINE=4s"},
				faults: blank("query", patternOf["query"], -1, c.status, c.body), after: inBudget(2),
			})
	}
	return points
}

// patternOf are patterns that tell a query for rows from one for their number.
var patternOf = map[string]string{"query": "IsDeleted", "query_more": ""}

func blank(kind, pattern string, times, status int, body string) string {
	return fmt.Sprintf(`[{"match": {"kind": %q, "regexp": %q, "times": %d}, "do": {"status": %d, "body": %q}}]`, kind, pattern, times, status, body)
}

// blankForEver is how a query ends: an empty array is JSON, and what cannot be read in it is the answer's form.
func blankForEver(body, says string) expectation {
	if body == "[]" {
		return refused(exitInput)
	}
	return refused(exitUnavailable, says)
}

// statusPoints are told by what they mean: what passes is tried again, what is the configuration's is its, and nothing
// that cannot pass is tried twice.
func statusPoints() []point {
	rest := []string{"CROSSWALK_SALESFORCE_API=rest"}
	var points []point
	for _, c := range []struct {
		kind   string
		status int
		want   expectation
		env    []string
	}{
		{"job_info", 406, recovered(), nil},
		{"job_info", 408, recovered(), nil},
		{"job_info", 409, refused(exitUnavailable, "409", "API version", "run again"), nil},
		{"results", 409, refused(exitUnavailable, "409", "API version", "run again"), nil},
		{"job_create", 415, refused(exitUnavailable, "415", "run again"), nil},
		{"job_info", 415, refused(exitUnavailable, "415", "run again"), nil},
		{"query", 431, refused(exitUsage, "431", "too long for a URL", "salesforce.api: bulk"), rest},
		{"query", 406, recovered(), rest},
		{"query", 408, recovered(), rest},
	} {
		after := waited(firstBackoff, 20*time.Second)
		if c.want.codes[0] != 0 {
			after = notAgain(c.kind)
		}
		points = append(points, point{
			name: fmt.Sprintf("%s %d", c.kind, c.status), want: c.want, env: c.env, after: after,
			faults: blank(c.kind, patternOf[c.kind], 1, c.status, ""),
		})
	}
	return points
}

// notAgain holds that a request which was refused for good was made once.
func notAgain(kind string) func(*world, outcome) {
	return func(w *world, _ outcome) {
		w.v.t.Helper()
		for what, same := range w.byWhat(kind) {
			if last := same[len(same)-1]; last.Fault == 0 && same[0].Fault != 0 {
				w.v.errorf("%s was refused for good, and asked for again", what)
			}
		}
	}
}
