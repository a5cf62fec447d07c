package faults

import (
	"fmt"
	"regexp"
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
