package faults

import (
	"fmt"
	"time"
)

// F037: answers without an end.

// endlessMemory bounds a run that meets one, the watcher and the job together, in bytes.
const endlessMemory = 300 << 20

func endlessPoints() []point {
	var points []point
	for _, c := range []struct{ kind, api string }{{"token", "rest"}, {"describe", "rest"}, {"query", "rest"}, {"job_info", "bulk"}, {"results", "bulk"}} {
		for _, do := range []struct{ name, do string }{
			{"header of 100 MB", `"fill_header": 104857600`}, {"header without an end", `"fill_header": -1`}, {"body without an end", `"fill": -1`},
		} {
			points = append(points, point{
				name: c.kind + ": " + do.name, want: refused(exitUnavailable), env: []string{"CROSSWALK_SALESFORCE_API=" + c.api, "CROSSWALK_LIMITS_DEADLINE=20s"}, after: small,
				faults: fmt.Sprintf(`[{"match": {"kind": %q, "times": -1}, "do": {%s}}]`, c.kind, do.do),
			})
		}
	}
	return points
}

// small holds a run that met an answer without an end to its memory and its time.
func small(w *world, o outcome) {
	w.v.t.Helper()
	if o.memory == 0 || o.memory > endlessMemory || o.took > 40*time.Second {
		w.v.errorf("took %d MB and %s, the bounds are %d MB and 40 s", o.memory>>20, o.took.Round(time.Second), endlessMemory>>20)
	}
	w.v.note = fmt.Sprintf("%d MB at most", max(w.most, o.memory>>20))
	w.most = max(w.most, o.memory>>20)
}
