package salesforce

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

const restRows = 1_700 // four pages of 500

// restFault is one thing that goes wrong with a REST query, and what becomes of it.
type restFault struct {
	name, why string
	arm       func(*org)
	exit      int // 0: recovered
	text      string
	queries   int // how often the query was put; 0 is not looked at
}

func testRESTFaults(t *testing.T, cases []restFault) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(restRows)
			c.arm(o)
			got := extractAccounts(t.Context(), t, signedIn(t, o), nil)
			if c.exit == 0 {
				got.recovered(t, restRows)
			} else {
				refusedWith(t, got.err, c.exit, "Account", c.text)
			}
			if c.queries != 0 && o.count(kindQuery) != c.queries {
				t.Errorf("%s: the query was put %d times, want %d", c.why, o.count(kindQuery), c.queries)
			}
		})
	}
}

// oneRecord is a record as it stands in a page.
const oneRecord = `{"attributes":{"type":"Account","url":"/x"},"Id":"001xx9999999999AAA","IsDeleted":false,"Name":"x"}`

// moreFault takes over one of the pages behind the first.
func moreFault(at int, answer func(w http.ResponseWriter)) func(*org) {
	return onKind(kindMore, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
		if n == at {
			answer(w)
		}
		return n == at
	})
}

func always(kind string, body string) func(*org) {
	return onKind(kind, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool { send(w, body); return true })
}

// A session, a locator or a connection that is lost costs a repetition, never a row.
func TestFaultRESTInterrupted(t *testing.T) {
	t.Parallel()
	testRESTFaults(t, []restFault{
		{"F066 session ended in mid-cursor", "the cursor belongs to the session", moreFault(2, func(w http.ResponseWriter) {
			sendError(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
		}), 0, "", 2},
		{"F066 session ended before the cursor", "the first page is repeated, nothing restarts", onKind(kindQuery, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
			if n == 1 {
				sendError(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
			}
			return n == 1
		}), 0, "", 2},
		{"F067 locator invalid on the last page", "restart without duplicates", moreFault(3, func(w http.ResponseWriter) {
			sendError(w, 400, "INVALID_QUERY_LOCATOR", "invalid query locator")
		}), 0, "", 2},
		{"F067 locator invalid for ever", "two restarts", onKind(kindMore, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			sendError(w, 400, "INVALID_QUERY_LOCATOR", "invalid query locator")
			return true
		}), exitUnavailable, "INVALID_QUERY_LOCATOR", 3},
		{"F039 503 in mid-cursor", "the same page is asked for again", moreFault(2, func(w http.ResponseWriter) { sendHTML(w, 503) }), 0, "", 1},
		{"F029 page cut", "the same page is asked for again", moreFault(2, func(w http.ResponseWriter) {
			hijacked(t, w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"totalSize\":1700,\"done\":false,\"records\":["+oneRecord, false)
		}), 0, "", 1},
		{"F040 HTML with 200", "never no rows", moreFault(1, func(w http.ResponseWriter) { sendHTML(w, 200) }), 0, "", 1},
		{"F040 empty answer", "never no rows", moreFault(1, func(w http.ResponseWriter) { w.Header().Set("Content-Type", typeJSON) }), 0, "", 1},
	})
}

// A page that contradicts the query, or another page, is refused.
func TestFaultRESTPages(t *testing.T) {
	t.Parallel()
	testRESTFaults(t, []restFault{
		{"total changes", "the cursor is another", always(kindMore, `{"totalSize":1701,"done":true,"records":[`+oneRecord+`]}`), exitUnavailable, "totalSize was 1700", 1},
		{"done too early", "rows are missing", always(kindMore, `{"totalSize":1700,"done":true,"records":[`+oneRecord+`]}`), exitUnavailable, "totalSize is 1700, received 501", 1},
		{"not done, no next", "rows are missing", always(kindMore, `{"totalSize":1700,"done":false,"records":[`+oneRecord+`]}`), exitMalformed, "next", 1},
		{"same cursor again", "a loop", always(kindMore, `{"totalSize":1700,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/0r8xx0000000001-500","records":[`+oneRecord+`]}`), exitUnavailable, "CURSOR_REPEATED", 1},
		{"empty page", "a cursor that stands still", always(kindMore, `{"totalSize":1700,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/0r8xx0000000001-501","records":[]}`), exitUnavailable, "EMPTY_PAGE", 1},
		{"cursor elsewhere", "nothing is sent to a host that an answer names", always(kindMore, `{"totalSize":1700,"done":false,"nextRecordsUrl":"https://evil.example/services/data/v66.0/query/x-1","records":[`+oneRecord+`]}`), exitUnavailable, "another host", 1},
		{"more rows than said", "the page is not the query's", always(kindQuery, `{"totalSize":1,"done":true,"records":[`+oneRecord+`,`+oneRecord+`]}`), exitMalformed, "totalSize", 0},
		{"count and cursor disagree", "rows are missing", always(kindQuery, `{"totalSize":1,"done":true,"records":[`+oneRecord+`]}`), exitUnavailable, "COUNT() said 1700", 1},
	})
}

func TestRESTAsksForLargePages(t *testing.T) {
	t.Parallel()
	o := newOrg(restRows)
	var asked atomic.Int64
	o.fault = func(kind string, _ int, _ http.ResponseWriter, r *http.Request) bool {
		if (kind == kindQuery || kind == kindMore) && r.Header.Get("Sforce-Query-Options") == "batchSize=2000" {
			asked.Add(1)
		}
		return false
	}
	extractAccounts(t.Context(), t, signedIn(t, o), nil).recovered(t, restRows)
	if asked.Load() != 4 {
		t.Errorf("%d of 4 pages were asked for with their size", asked.Load())
	}
}

// A query that does not fit into a URL is for Bulk, whose query travels in a body.
func TestChooseByLength(t *testing.T) {
	t.Parallel()
	c := signedIn(t, newOrg(1))
	e := &Extraction{client: c, object: "Account"}
	var fields []string
	for i := range 900 {
		fields = append(fields, fmt.Sprintf("A_Long_Custom_Field_%d__c", i))
	}
	e.soql = "SELECT " + strings.Join(fields, ", ") + " FROM Account"
	if api, err := e.choose(apiAuto, 3); err != nil || api != apiBulk {
		t.Errorf("auto: %s, %v", api, err)
	}
	_, err := e.choose(apiREST, 3)
	refusedWith(t, err, exitUsage, "too long for a URL")
}
