package salesforce

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// bulkFault is one thing that goes wrong with a bulk query, and what becomes of it.
type bulkFault struct {
	name, why string
	arm       func(*org)
	exit      int // 0: recovered
	texts     []string
	aborts    int
}

func testBulkFaults(t *testing.T, cases []bulkFault) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(bulkRows)
			c.arm(o)
			got := extractAccounts(t.Context(), t, signedIn(t, o), func(r *Request) { r.API = "bulk" })
			switch {
			case c.exit == 0:
				got.recovered(t, bulkRows)
			case c.texts == nil:
				if got.err == nil {
					t.Error(c.why)
				}
			default:
				refusedWith(t, got.err, c.exit, c.texts...)
			}
			if o.count(kindAbort) != c.aborts {
				t.Errorf("%s: %d jobs aborted, want %d", c.why, o.count(kindAbort), c.aborts)
			}
		})
	}
}

// The counts of the list, of the pages and of the job prove the rows, or there is an error.
func TestFaultBulkCounts(t *testing.T) {
	t.Parallel()
	testBulkFaults(t, []bulkFault{
		{"F046 a page less in the list", "the job's count tells", onKind(kindList, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, `{"resultPages":[{"resultUrl":"/services/data/v66.0/jobs/query/`+testJob+`/results?locator=0"}],"done":true}`)
			return true
		}), exitUnavailable, []string{"processed 2400 rows, received 500"}, 0},
		{"F047 no page count", "the job's count decides", noPageCount, 0, nil, 0},
		{"F047 page count is no number", "the job's count decides", everyPage(func(h http.Header, text string) string {
			h.Set("Sforce-NumberOfRecords", "many")
			return text
		}), 0, nil, 0},
		{"F047 neither count", "nothing proves the rows", func(o *org) {
			noPageCount(o)
			pages := o.fault
			o.fault = func(kind string, n int, w http.ResponseWriter, r *http.Request) bool {
				if kind == kindPoll {
					send(w, strings.Replace(testJobAnswer("JobComplete", "0"), `"numberRecordsProcessed":0,`, "", 1))
					return true
				}
				return pages(kind, n, w, r)
			}
		}, exitUnavailable, []string{"ROWS_UNPROVED"}, 0},
		{"job count late", "it is read again before it is believed", jobState(testJobAnswer("JobComplete", "0"), testJobAnswer("JobComplete", "2400")), 0, nil, 0},
		{"job count missing", "the counts of the pages prove it", jobState(strings.Replace(testJobAnswer("JobComplete", "0"), `"numberRecordsProcessed":0,`, "", 1)), 0, nil, 0},
		{"job count differs", "it stays different", jobState(testJobAnswer("JobComplete", "2401")), exitUnavailable, []string{"processed 2401 rows, received 2400"}, 0},
	})
}

// F045: a row that follows a full batch is noticed by the count of its page, which ends with the batch.
func TestFaultRowAfterFullBatch(t *testing.T) {
	t.Parallel()
	const announced = maxBatchRows
	o := newOrg(announced + 1)
	o.pageRows = announced + 1
	everyPage(func(h http.Header, text string) string {
		h.Set("Sforce-NumberOfRecords", strconv.Itoa(announced))
		return text
	})(o)
	got := extractAccounts(t.Context(), t, signedIn(t, o), func(r *Request) { r.API = "bulk" })
	refusedWith(t, got.err, exitUnavailable, "announced 65536 rows, received 65537")
}

// F048: only a locator that says null ends the chain.
func TestFaultBulkLocators(t *testing.T) {
	t.Parallel()
	testBulkFaults(t, []bulkFault{
		{"F048 locator null too early", "the job's count tells", pageLocator("null", true), exitUnavailable, []string{"received 1000"}, 0},
		{"F048 locator absent", "absent is not the end", pageLocator("", false), exitUnavailable, []string{"LOCATOR", "page 2"}, 0},
		{"F048 locator empty", "empty is not the end", pageLocator("", true), exitUnavailable, []string{"LOCATOR", "page 2"}, 0},
		{"F048 locator of itself", "a loop", pageLocator(strconv.Itoa(bulkPage), true), exitUnavailable, []string{"LOCATOR_REPEATED", "page 2"}, 0},
		{"a locator of the greatest length", "it goes into the journal", pageLocator(strings.Repeat("x", longestLocator), true), exitUnavailable, []string{"LOCATOR_REPEATED", "page 3"}, 0},
		{"a locator longer than that", "it does not", pageLocator(strings.Repeat("x", longestLocator+1), true), exitUnavailable, []string{"LOCATOR", "page 2 names a locator that is none"}, 0},
	})
}

// F051 to F054: a job that does not end well.
func TestFaultBulkJobStates(t *testing.T) {
	t.Parallel()
	testBulkFaults(t, []bulkFault{
		{"F051 job gone once", "a new job", pageFault(1, notFound), 0, nil, 0},
		{"F051 job gone for good", "one new job, then an error", pageFault(0, notFound), exitUnavailable, []string{"404 NOT_FOUND"}, 0},
		{"F052 failed", "the message is told", jobState(testJobAnswer("InProgress", "1"), strings.Replace(testJobAnswer("Failed", "0"), `"retries"`, `"errorMessage":"Retried more than fifteen times","retries"`, 1)), exitUnavailable, []string{"failed: Retried more than fifteen times"}, 0},
		{"F052 failed for a field", "the configuration is at fault", jobState(strings.Replace(testJobAnswer("Failed", "0"), `"retries"`, `"errorMessage":"InvalidBatch : Field name not found : Phnoe","retries"`, 1)), exitUsage, []string{"InvalidBatch : Field name not found : Phnoe"}, 0},
		{"F052 failed without a message", "an error all the same", jobState(testJobAnswer("Failed", "0")), exitUnavailable, []string{"gives no reason"}, 0},
		{"F052 failed with a secret in its message", "what a server echoes is not told on", jobState(strings.Replace(testJobAnswer("Failed", "0"), `"retries"`, `"errorMessage":"bad secret `+testSecret+`","retries"`, 1)), exitUnavailable, []string{"bad secret [redacted]"}, 0},
		{"F053 aborted", "no endless poll", jobState(testJobAnswer("Aborted", "0")), exitUnavailable, []string{"aborted"}, 0},
		{"F054 unknown state", "an error, and the job is not left running", jobState(testJobAnswer("Sleeping", "0")), exitUnavailable, []string{"unknown state Sleeping"}, 1},
	})
}

// F041, F059, F064, F065: what Salesforce refuses is told, or waited for.
func TestFaultBulkRefused(t *testing.T) {
	t.Parallel()
	testBulkFaults(t, []bulkFault{
		{"F059 field", "named", refuseJob(400, "INVALID_FIELD", "\nName,Phnoe FROM Account\n     ^\nERROR at Row:1:Column:13\nNo such column 'Phnoe' on entity 'Account'."), exitUsage, []string{"400 INVALID_FIELD: No such column 'Phnoe'"}, 0},
		{"F059 query", "the configuration is at fault", refuseJob(400, "MALFORMED_QUERY", "unexpected token"), exitUsage, []string{"MALFORMED_QUERY"}, 0},
		{"F059 compound", "the configuration is at fault", refuseJob(400, "API_ERROR", "Selecting compound data not supported in Bulk Query"), exitUsage, []string{"compound data"}, 0},
		{"F059 entity", "the configuration is at fault", refuseJob(400, "INVALIDENTITY", "Entity 'X' is not supported by the Bulk API"), exitUsage, []string{"INVALIDENTITY"}, 0},
		{"F064 daily", "no wait helps today", refuseJob(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), exitUnavailable, []string{"TotalRequests"}, 0},
		{"F065 jobs", "the limit is named", refuseJob(400, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (10000) per 24 hrs has been reached"), exitUnavailable, []string{"(10000) per 24 hrs"}, 0},
		{"F041 406, then good", "Salesforce does that at times", onKind(kindCreate, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
			if n < 3 {
				sendError(w, 406, "", "")
			}
			return n < 3
		}), 0, nil, 0},
		{"F064 concurrent, then good", "it passes", onKind(kindPoll, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
			if n < 3 {
				sendError(w, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
			}
			return n < 3
		}), 0, nil, 0},
	})
}

// The list of result pages may be wrong, without end, or not there.
func TestFaultBulkLists(t *testing.T) {
	t.Parallel()
	testBulkFaults(t, []bulkFault{
		{"job id is a path", "an id that could lead elsewhere is refused", onKind(kindCreate, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, `{"id":"../../sobjects","state":"UploadComplete"}`)
			return true
		}), exitMalformed, nil, 0},
		{"result page elsewhere", "nothing is sent to a host that an answer names", onKind(kindList, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, `{"resultPages":[{"resultUrl":"https://evil.example/services/data/v66.0/jobs/query/x/results?locator=0"}],"done":true}`)
			return true
		}), exitUnavailable, []string{"another host"}, 0},
		{"list without end", "a loop", onKind(kindList, func(_ *org, _ int, w http.ResponseWriter, r *http.Request) bool {
			pages := ""
			if r.URL.RawQuery == "" {
				pages = `{"resultUrl":"/services/data/v66.0/jobs/query/x/results?locator=0"}`
			}
			send(w, `{"resultPages":[`+pages+`],"nextRecordsUrl":"/services/data/v66.0/jobs/query/x/resultpages?locator=7","done":false}`)
			return true
		}), exitUnavailable, []string{"LIST_REPEATED"}, 0},
		{"list not done", "it does not go on", onKind(kindList, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, `{"resultPages":[{"resultUrl":"/services/data/v66.0/jobs/query/x/results?locator=0"}],"done":false}`)
			return true
		}), exitUnavailable, []string{"NEXT_MISSING"}, 0},
		{"list in the other spelling", "both are documented", onKind(kindList, func(o *org, _ int, w http.ResponseWriter, r *http.Request) bool {
			from, _ := strconv.Atoi(r.URL.Query().Get("locator"))
			next := ""
			if from > 0 && !strings.HasSuffix(r.URL.Path, "/resultpages") {
				http.NotFound(w, r) // the place is called as the server called it
				return true
			}
			if from+bulkPage < o.rows {
				next = `"nextRecordUrl":"/services/data/v66.0/jobs/query/x/resultpages?locator=` + strconv.Itoa(from+bulkPage) + `",`
			}
			send(w, `{"resultPages":[{"resultLink":"/services/data/v66.0/jobs/query/x/results?locator=`+strconv.Itoa(from)+`"}],`+next+`"done":`+strconv.FormatBool(next == "")+`}`)
			return true
		}), 0, nil, 0},
		{"list without its keys", "the chain of locators serves", onKind(kindList, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, `{"pages":[]}`)
			return true
		}), 0, nil, 0},
		{"list not implemented", "the chain of locators serves", onKind(kindList, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusNotImplemented)
			return true
		}), 0, nil, 0},
	})
}

// pageLocator has the second page of a chain name another successor.
func pageLocator(value string, present bool) func(*org) {
	return func(o *org) {
		o.noList = true
		pageFault(0, func(o *org, w http.ResponseWriter) {
			o.sendPage(w, bulkPage, func(h http.Header, text string) string {
				h.Set("Sforce-Locator", value)
				if !present {
					h.Del("Sforce-Locator")
				}
				return text
			})
		})(o)
	}
}

func everyPage(change func(http.Header, string) string) func(*org) {
	return onKind(kindPage, func(o *org, _ int, w http.ResponseWriter, r *http.Request) bool {
		from, _ := strconv.Atoi(r.URL.Query().Get("locator"))
		o.sendPage(w, from, change)
		return true
	})
}

// noPageCount leaves out the header that counts a page's rows.
func noPageCount(o *org) {
	everyPage(func(h http.Header, text string) string { h.Del("Sforce-NumberOfRecords"); return text })(o)
}

// testJobAnswer is how the org describes a job of bulkRows rows.
func testJobAnswer(state, processed string) string { return newOrg(bulkRows).job(state, processed) }

// jobState answers polls one after the other, the last one for ever.
func jobState(answers ...string) func(*org) {
	return onKind(kindPoll, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
		send(w, answers[min(n, len(answers))-1])
		return true
	})
}

func refuseJob(status int, code, message string) func(*org) {
	return onKind(kindCreate, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
		sendError(w, status, code, message)
		return true
	})
}

func notFound(_ *org, w http.ResponseWriter) {
	sendError(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}
