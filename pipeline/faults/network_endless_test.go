package faults

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

// F037: answers without an end.

// Bounds of the memory of a run that meets one, the watcher and the job together, in bytes. A page of REST is read whole
// before it is decoded, and may have 2,000 records with a long text area each: two objects at once take that twice.
const (
	endlessMemory = 300 << 20
	grownMemory   = 640 << 20
	pageMemory    = 1800 << 20
)

func endlessPoints() []point {
	var points []point
	for _, c := range []struct{ kind, api string }{{"token", "rest"}, {"describe", "rest"}, {"query", "rest"}, {"job_info", "bulk"}, {"results", "bulk"}} {
		for _, do := range []struct{ name, do string }{
			{"header of 100 MB", `"fill_header": 104857600`}, {"header without an end", `"fill_header": -1`}, {"body without an end", `"fill": -1`},
		} {
			points = append(points, point{
				name: c.kind + ": " + do.name, want: refused(exitUnavailable), env: []string{"CROSSWALK_SALESFORCE_API=" + c.api, "CROSSWALK_LIMITS_DEADLINE=20s"}, after: small(endlessMemory),
				faults: fmt.Sprintf(`[{"match": {"kind": %q, "times": -1}, "do": {%s}}]`, c.kind, do.do),
			})
		}
	}
	row := func(body []byte) []byte { // the last one, with its line end
		return body[bytes.LastIndexByte(body[:len(body)-1], '\n')+1:]
	}
	return append(points,
		withoutEnd("results: rows without an end", "bulk", "/results", func(body []byte) (head, block []byte) { return body, row(body) }),
		withoutEnd("results: a value without an end", "bulk", "/results", func(body []byte) (head, block []byte) {
			return append(body, '"'), []byte("x\n")
		}),
		withoutEnd("query: records without an end", "rest", "/query", func(body []byte) (head, block []byte) {
			first, last := bytes.Index(body, []byte(`[{`))+1, bytes.LastIndex(body, []byte(`}]`))+1
			return append(body[:last:last], ','), append(body[first:last:last], ',')
		}),
		withoutEnd("query: a text without an end", "rest", "/query", func(body []byte) (head, block []byte) {
			return append(body[:bytes.LastIndex(body, []byte(`"`)):len(body)-1], '"'), []byte("x y ")
		}),
	)
}

// withoutEnd lets the answers of a call go on for ever. The count of a page is left out: it would tell too soon.
func withoutEnd(name, api, path string, grow func(body []byte) (head, block []byte)) point {
	var met atomic.Int64
	return point{
		name: name, env: []string{"CROSSWALK_SALESFORCE_API=" + api, "CROSSWALK_LIMITS_DEADLINE=12s"}, want: expectation{codes: []int{exitUnavailable, exitInput}},
		before: func(w *world) {
			w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if !isCall(r.URL.Path, path) || strings.Contains(r.URL.RawQuery, "COUNT") {
					next.ServeHTTP(rw, r)
					return
				}
				met.Add(1)
				r.Header.Del("Accept-Encoding")
				whole := httptest.NewRecorder()
				next.ServeHTTP(whole, r)
				rw.Header().Set("Content-Type", whole.Header().Get("Content-Type"))
				rw.Header().Set("Sforce-Locator", whole.Header().Get("Sforce-Locator"))
				head, block := grow(whole.Body.Bytes())
				_, err := rw.Write(head)
				for block = bytes.Repeat(block, 1+(64<<10)/len(block)); err == nil; {
					_, err = rw.Write(block)
				}
			})
		},
		after: func(w *world, o outcome) {
			most := int64(grownMemory)
			if api == "rest" {
				most = pageMemory
			}
			if small(most)(w, o); met.Load() == 0 {
				w.v.errorf("%s was not asked for: the case proves nothing", path)
			}
		},
	}
}

// small holds a run that met an answer without an end to its memory, in bytes, and its time.
func small(most int64) func(*world, outcome) {
	return func(w *world, o outcome) {
		w.v.t.Helper()
		if o.memory == 0 || o.memory > most || o.took > 40*time.Second {
			w.v.errorf("took %d MB and %s, the bounds are %d MB and 40 s", o.memory>>20, o.took.Round(time.Second), most>>20)
		}
		w.most = max(w.most, o.memory>>20)
		w.v.note = fmt.Sprintf("%d MB at most", w.most)
	}
}
