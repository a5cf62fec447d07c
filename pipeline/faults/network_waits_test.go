package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"crosswalk/fixtures"
)

// F038, F039, F043: how long the program waits, and how often it asks again.

// tries is how often a request is made that an overloaded org refuses.
const tries = 8

// budget is how many requests a run repeats on top of those that succeed.
const budget = 30

func retryAfterPoints() []point {
	strike := func(kind string, status, times int, header string) string {
		return fmt.Sprintf(`[{"match": {"kind": %q, "nth": 2, "times": %d}, "do": {"status": %d, "headers": {%s}}}]`, kind, times, status, header)
	}
	const backoff, long = firstBackoff, 15 * time.Second
	points := []point{
		{name: "429, 2 s", faults: strike("job_info", 429, 2, `"Retry-After": "2"`), want: recovered(), after: waited(2*time.Second, long)},
		{name: "503, 2 s, on a page", faults: strike("results", 503, 2, `"Retry-After": "2"`), want: recovered(), after: waited(2*time.Second, long)},
		{name: "429, absent", faults: strike("job_info", 429, 2, ""), want: recovered(), after: waited(backoff, long)},
		{name: "429, negative", faults: strike("job_info", 429, 1, `"Retry-After": "-5"`), want: recovered(), after: waited(backoff, long)},
		{name: "429, no number", faults: strike("job_info", 429, 1, `"Retry-After": "soon"`), want: recovered(), after: waited(backoff, long)},
		{name: "429, past", faults: strike("job_info", 429, 1, `"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"`), want: recovered(), after: waited(0, long)},
		dateAhead(),
	}
	for _, absurd := range []string{"31536000", "99999999999999999999999", "Wed, 21 Oct 2099 07:28:00 GMT"} {
		points = append(points, point{
			name: "429, " + absurd, faults: strike("job_info", 429, -1, fmt.Sprintf(`"Retry-After": %q`, absurd)),
			want: refused(exitUnavailable, "429", "later than this run may wait", "run again later"), after: all(within(25*time.Second), gaveUpAtOnce),
		})
	}
	return points
}

// dateAhead asks by a date for three seconds, counted from the moment of the answer.
func dateAhead() point {
	return point{
		name: "429, a date in three seconds", faults: `[{"match": {"kind": "job_info", "nth": 2}, "do": {"status": 429}}]`,
		want: recovered(), after: waited(3*time.Second, 15*time.Second),
		before: func(w *world) {
			w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(dated{rw}, r) })
		},
	}
}

// dated gives an answer with 429 a date and asks for three seconds more.
type dated struct{ http.ResponseWriter }

// WriteHeader adds both.
func (d dated) WriteHeader(status int) {
	if status == http.StatusTooManyRequests {
		now := time.Now().UTC()
		d.Header().Set("Date", now.Format(http.TimeFormat))
		d.Header().Set("Retry-After", now.Add(3*time.Second).Format(http.TimeFormat))
	}
	d.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (d dated) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// gaveUpAtOnce holds that nothing was asked for again after a wait that no run has time for.
func gaveUpAtOnce(w *world, _ outcome) {
	w.v.t.Helper()
	for what, same := range w.byWhat("job_info") {
		for i, c := range same[:len(same)-1] {
			if c.Fault != 0 {
				w.v.errorf("%s was asked for again %s after it was told to wait for a year", what, same[i+1].Time.Sub(c.answered()))
			}
		}
	}
}

func outagePoints() []point {
	var points []point
	for i, status := range []int{500, 502, 503, 504} {
		for j, kind := range []string{"describe", "job_create", "results"} {
			points = append(points, point{
				name: fmt.Sprintf("%s %d, %d times", kind, status, 1+j), want: recovered(), after: waited(firstBackoff, 20*time.Second),
				faults: fmt.Sprintf(`[{"match": {"kind": %q, "times": %d}, "do": {"status": %d, "body": "<html>Bad Gateway</html>"}}]`, kind, 1+j, status),
			})
		}
		kind := []string{"describe", "job_create", "job_info", "pages"}[i]
		points = append(points, asOftenAs(kind, status, tries-1), asOftenAs(kind, status, -1))
	}
	return append(points, point{
		name: "results 503 for ever", want: refused(exitUnavailable, "503"), env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"}, after: all(within(15*time.Second), inBudget(4)),
		faults: `[{"match": {"kind": "results", "times": -1}, "do": {"status": 503}}]`,
	})
}

// asOftenAs strikes one request so often, or for ever. The server asks for no wait, so that all tries fit into seconds.
func asOftenAs(kind string, status, times int) point {
	want, name := recovered(), fmt.Sprintf("%s %d, %d times", kind, status, times)
	if times < 0 {
		want, name = refused(exitUnavailable, fmt.Sprint(status), "Contact"), fmt.Sprintf("%s %d for ever", kind, status)
	}
	return point{
		name: name, want: want,
		faults: fmt.Sprintf(`[{"match": {"kind": %q, "object": "Contact", "times": %d}, "do": {"status": %d, "headers": {"Retry-After": "0"}}}]`, kind, times, status),
		after: func(w *world, _ outcome) {
			for what, same := range w.byWhat(kind) {
				if struck := same[0].Fault != 0; struck && kind != "job_info" && len(same) != tries {
					w.v.errorf("%s was asked for %d times, want %d", what, len(same), tries)
				}
			}
			if now := w.org.now().Fired(0); times < 0 && now != tries {
				w.v.errorf("%d tries, want %d", now, tries)
			}
		},
	}
}

// inBudget holds what a run repeats to its budget, however many pages are under way.
func inBudget(underWay int) func(*world, outcome) {
	return func(w *world, _ outcome) {
		w.v.t.Helper()
		failed := 0
		for what, same := range w.byWhat() {
			struck := 0
			for _, c := range same {
				if c.Fault != 0 {
					struck++
				}
			}
			if failed += struck; struck > tries {
				w.v.errorf("%s was tried %d times, want %d at most", what, struck, tries)
			}
		}
		if failed < 2 || failed > budget+underWay {
			w.v.errorf("%d requests were refused, want 2 to %d: the budget and the %d under way", failed, budget+underWay, underWay)
		}
	}
}

// manyPages has more pages than eight workers can have under way at once.
var manyPages = setting{api: "bulk", options: fixtures.Options{BulkPage: 10}, env: []string{"GOMAXPROCS=8"}}

// stormPoints let each page of both objects fail, when eight workers of each are at it.
func stormPoints() []point {
	const workers = 2 * 8
	return []point{
		{
			name: "pages, and the server asks for no wait", want: refused(exitUnavailable, "503"), after: all(inBudget(workers), crowd),
			faults: `[{"match": {"kind": "results", "times": -1}, "do": {"status": 503, "headers": {"Retry-After": "0"}}}]`,
		},
		{
			name: "pages", want: refused(exitUnavailable, "503"), env: []string{"CROSSWALK_LIMITS_DEADLINE=12s"}, after: all(inBudget(workers), crowd, scattered),
			faults: `[{"match": {"kind": "results", "times": -1}, "do": {"status": 503}}]`,
		},
		{
			name: "all calls", want: refused(exitUnavailable, "503"), env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"}, after: inBudget(1),
			faults: `[{"match": {"path": "/services/data/", "times": -1}, "do": {"status": 503}}]`,
		},
	}
}

// crowd holds that many were under way when the org went down: else nothing could be a storm.
func crowd(w *world, _ outcome) {
	w.v.t.Helper()
	if pages := len(w.byWhat("results")); pages < 6 {
		w.v.errorf("only %d pages were under way: the case proves nothing", pages)
	}
}

// scattered holds that those who wait for the same org do not come back at the same moment.
func scattered(w *world, _ outcome) {
	w.v.t.Helper()
	const apart = 100 * time.Millisecond
	waits := map[int][]time.Duration{} // by number of the try
	for _, same := range w.byWhat("results") {
		for i, c := range same[1:] {
			waits[i] = append(waits[i], c.Time.Sub(same[i].answered()))
		}
	}
	told := []string{}
	for i, all := range waits {
		if len(all) < 4 {
			continue
		}
		if slices.Max(all)-slices.Min(all) > apart {
			return
		}
		told = append(told, fmt.Sprintf("after try %d %s to %s", i+1, slices.Min(all), slices.Max(all)))
	}
	if len(told) > 0 { // else one went ahead and failed, and the others waited on
		w.v.errorf("all came back at once: %s", strings.Join(told, "; "))
	}
}
