package faults

import (
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// Points of section B that the simulator makes itself.

var anyInstance = regexp.MustCompile(`instance_url: \S+`)

// everyCall are the kinds of call of a run by Bulk.
var everyCall = []string{"token", "versions", "describe", "query", "job_create", "job_info", "pages", "results"}

func resetPoints() []point {
	var points []point
	for _, kind := range append(everyCall, "job_delete") {
		points = append(points, point{name: kind, want: recovered(), faults: fmt.Sprintf(`[{"match": {"kind": %q}, "do": {"reset": true}}]`, kind)})
	}
	return points
}

// cutPoints end one answer early at every part of it.
func cutPoints(kind, object, end string, parts int) []point {
	var points []point
	for part := range parts {
		points = append(points, point{
			name: fmt.Sprintf("%s at %d/%d", kind, part, parts), want: recovered(),
			faults: fmt.Sprintf(`[{"match": {"kind": %q, "object": %q}, "do": {"cut_fraction": %g, "end": %q}}]`, kind, object, float64(part)/float64(parts), end),
		})
	}
	return points
}

// rowCuts end a page where it looks whole, once and for ever.
func rowCuts(cut string, rows ...int) []point {
	var points []point
	for _, row := range rows {
		points = append(points, point{
			name: fmt.Sprintf("%s %d", cut, row), want: recovered(),
			faults: fmt.Sprintf(`[{"match": {"kind": "results", "object": "Contact", "nth": 2}, "do": {%q: %d, "end": "close"}}]`, cut, row),
		})
	}
	return append(points, point{
		name: "for ever", want: refused(exitUnavailable, "Contact"), env: []string{"CROSSWALK_LIMITS_DEADLINE=20s"},
		faults: fmt.Sprintf(`[{"match": {"kind": "results", "object": "Contact", "times": -1}, "do": {%q: 20, "end": "close"}}]`, cut),
	})
}

func gzipPoints() []point {
	var points []point
	for _, kind := range []string{"results", "describe", "pages"} {
		for _, damage := range []string{"crc", "cut", "trailing", "false", "double"} {
			points = append(points, point{
				name: kind + " " + damage, want: recoveredOr(exitUnavailable, exitInput),
				faults: fmt.Sprintf(`[{"match": {"kind": %q, "object": "Contact"}, "do": {"gzip": %q}}]`, kind, damage),
			})
		}
	}
	return points
}

func endlessPoints() []point {
	var points []point
	for _, kind := range []string{"token", "describe", "query"} {
		for _, c := range []struct{ name, do string }{
			{"header of 100 MB", `"fill_header": 104857600`}, {"header without an end", `"fill_header": -1`}, {"body without an end", `"fill": -1`},
		} {
			points = append(points, point{
				name: kind + ": " + c.name, want: expectation{codes: []int{exitUnavailable, exitInput}}, env: []string{"CROSSWALK_LIMITS_DEADLINE=20s"}, after: bounded,
				faults: fmt.Sprintf(`[{"match": {"kind": %q, "times": -1}, "do": {%s}}]`, kind, c.do),
			})
		}
	}
	return points
}

func retryAfterPoints() []point {
	strike := func(status, times int, header string) string {
		return fmt.Sprintf(`[{"match": {"kind": "job_info", "times": %d}, "do": {"status": %d, "headers": {%s}}}]`, times, status, header)
	}
	points := []point{
		{name: "429, 1 s", faults: strike(429, 2, `"Retry-After": "1"`), want: recovered()},
		{name: "503, 1 s", faults: strike(503, 2, `"Retry-After": "1"`), want: recovered()},
		{name: "429, absent", faults: strike(429, 2, ""), want: recovered()},
		{name: "429, negative", faults: strike(429, 1, `"Retry-After": "-5"`), want: recovered()},
		{name: "429, no number", faults: strike(429, 1, `"Retry-After": "soon"`), want: recovered()},
		{name: "429, past", faults: strike(429, 1, `"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"`), want: recovered()},
	}
	for _, absurd := range []string{"31536000", "99999999999999999999999", "Wed, 21 Oct 2099 07:28:00 GMT"} {
		points = append(points, point{
			name: "429, " + absurd, faults: strike(429, -1, fmt.Sprintf(`"Retry-After": %q`, absurd)), want: refused(exitUnavailable), after: within(15 * time.Second),
		})
	}
	return append(points, point{name: "429, a date in two seconds", want: recovered(), before: func(w *world) {
		w.org.arm(scripted(w.v, strike(429, 1, fmt.Sprintf(`"Retry-After": %q`, time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat)))))
	}})
}

func outagePoints() []point {
	var points []point
	for _, status := range []int{500, 502, 503, 504} {
		for i, kind := range []string{"describe", "job_create", "results"} {
			points = append(points, point{
				name: fmt.Sprintf("%s %d, %d times", kind, status, 1+i), want: recovered(),
				faults: fmt.Sprintf(`[{"match": {"kind": %q, "times": %d}, "do": {"status": %d, "body": "<html>Bad Gateway</html>"}}]`, kind, 1+i, status),
			})
		}
		points = append(points, point{
			name: fmt.Sprintf("results %d for ever", status), want: refused(exitUnavailable), env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"}, after: within(12 * time.Second),
			faults: fmt.Sprintf(`[{"match": {"kind": "results", "times": -1}, "do": {"status": %d}}]`, status),
		})
	}
	return points
}

// blankPoints are answers without rows that must not pass for an object without rows.
func blankPoints() []point {
	var points []point
	for _, c := range []struct {
		name   string
		status int
		body   string
	}{
		{"503 with a page", 503, "<html><body>maintenance</body></html>"}, {"200 with a page", 200, "<html><body>We are down for maintenance.</body></html>"},
		{"200 with nothing", 200, ""}, {"204", 204, ""}, {"200 with an empty array", 200, "[]"},
	} {
		for _, kind := range []string{"describe", "query", "job_create", "job_info", "pages", "results"} {
			once := fmt.Sprintf(`[{"match": {"kind": %q}, "do": {"status": %d, "body": %q}}]`, kind, c.status, c.body)
			points = append(points, point{name: kind + " once " + c.name, faults: once, want: recoveredOr(exitUnavailable, exitInput)})
		}
		points = append(points, point{
			name: "results for ever " + c.name, want: expectation{codes: []int{exitUnavailable, exitInput}}, env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"},
			faults: fmt.Sprintf(`[{"match": {"kind": "results", "times": -1}, "do": {"status": %d, "body": %q}}]`, c.status, c.body),
		})
	}
	return points
}

func statusPoints() []point {
	var points []point
	for _, c := range []struct {
		status int
		want   expectation
	}{
		{406, recovered()}, {408, recovered()}, {409, refused(exitUnavailable)}, {415, expectation{codes: []int{exitUsage, exitUnavailable}}}, {431, refused(exitUsage, "bulk")},
	} {
		kind := "job_info"
		points = append(points, point{name: fmt.Sprintf("%s %d", kind, c.status), want: c.want, faults: fmt.Sprintf(`[{"match": {"kind": %q}, "do": {"status": %d}}]`, kind, c.status)})
	}
	return points
}
