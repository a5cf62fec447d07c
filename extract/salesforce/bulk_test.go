package salesforce

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// onKind takes over every request of a kind.
func onKind(kind string, answer func(o *org, n int, w http.ResponseWriter, r *http.Request) bool) func(*org) {
	return func(o *org) {
		o.fault = func(k string, n int, w http.ResponseWriter, r *http.Request) bool {
			return k == kind && answer(o, n, w, r)
		}
	}
}

func TestFaultBulk(t *testing.T) {
	t.Parallel()
	locator := func(value string, present bool) func(*org) {
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
	everyPage := func(change func(http.Header, string) string) func(*org) {
		return onKind(kindPage, func(o *org, _ int, w http.ResponseWriter, r *http.Request) bool {
			from, _ := strconv.Atoi(r.URL.Query().Get("locator"))
			o.sendPage(w, from, change)
			return true
		})
	}
	noCount := everyPage(func(h http.Header, text string) string { h.Del("Sforce-NumberOfRecords"); return text })
	state := func(answers ...string) func(*org) {
		return onKind(kindPoll, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, answers[min(n, len(answers))-1])
			return true
		})
	}
	refuseJob := func(status int, code, message string) func(*org) {
		return onKind(kindCreate, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			sendError(w, status, code, message)
			return true
		})
	}
	job := newOrg(bulkRows).job
	cases := []struct {
		name, why string
		arm       func(*org)
		exit      int // 0: recovered
		texts     []string
		aborts    int
	}{
		{"F046 a page less in the list", "the job's count tells", onKind(kindList, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, `{"resultPages":[{"resultUrl":"/services/data/v66.0/jobs/query/`+testJob+`/results?locator=0"}],"done":true}`)
			return true
		}), exitUnavailable, []string{"processed 2400 rows, received 500"}, 0},
		{"F047 no page count", "the job's count decides", noCount, 0, nil, 0},
		{"F047 page count is no number", "the job's count decides", everyPage(func(h http.Header, text string) string {
			h.Set("Sforce-NumberOfRecords", "many")
			return text
		}), 0, nil, 0},
		{"F047 neither count", "nothing proves the rows", func(o *org) {
			noCount(o)
			pages := o.fault
			o.fault = func(kind string, n int, w http.ResponseWriter, r *http.Request) bool {
				if kind == kindPoll {
					send(w, strings.Replace(job("JobComplete", "0"), `"numberRecordsProcessed":0,`, "", 1))
					return true
				}
				return pages(kind, n, w, r)
			}
		}, exitUnavailable, []string{"ROWS_UNPROVED"}, 0},
		{"job count late", "it is read again before it is believed", state(job("JobComplete", "0"), job("JobComplete", "2400")), 0, nil, 0},
		{"job count missing", "the counts of the pages prove it", state(strings.Replace(job("JobComplete", "0"), `"numberRecordsProcessed":0,`, "", 1)), 0, nil, 0},
		{"job count differs", "it stays different", state(job("JobComplete", "2401")), exitUnavailable, []string{"processed 2401 rows, received 2400"}, 0},
		{"F048 locator null too early", "the job's count tells", locator("null", true), exitUnavailable, []string{"received 1000"}, 0},
		{"F048 locator absent", "absent is not the end", locator("", false), exitUnavailable, []string{"LOCATOR", "page 2"}, 0},
		{"F048 locator empty", "empty is not the end", locator("", true), exitUnavailable, []string{"LOCATOR", "page 2"}, 0},
		{"F048 locator of itself", "a loop", locator(strconv.Itoa(bulkPage), true), exitUnavailable, []string{"LOCATOR_REPEATED"}, 0},
		{"F051 job gone once", "a new job", pageFault(1, notFound), 0, nil, 0},
		{"F051 job gone for good", "one new job, then an error", pageFault(0, notFound), exitUnavailable, []string{"404 NOT_FOUND"}, 0},
		{"F052 failed", "the message is told", state(job("InProgress", "1"), strings.Replace(job("Failed", "0"), `"retries"`, `"errorMessage":"Retried more than fifteen times","retries"`, 1)), exitUnavailable, []string{"failed: Retried more than fifteen times"}, 0},
		{"F052 failed for a field", "the configuration is at fault", state(strings.Replace(job("Failed", "0"), `"retries"`, `"errorMessage":"InvalidBatch : Field name not found : Phnoe","retries"`, 1)), exitUsage, []string{"InvalidBatch : Field name not found : Phnoe"}, 0},
		{"F052 failed without a message", "an error all the same", state(job("Failed", "0")), exitUnavailable, []string{"gives no reason"}, 0},
		{"F053 aborted", "no endless poll", state(job("Aborted", "0")), exitUnavailable, []string{"aborted"}, 0},
		{"F054 unknown state", "an error, and the job is not left running", state(job("Sleeping", "0")), exitUnavailable, []string{"unknown state Sleeping"}, 1},
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
	}
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

func notFound(_ *org, w http.ResponseWriter) {
	sendError(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

// F001, F002: a session that ends is renewed once, whoever notices, and the page is repeated.
func TestFaultSessionEnds(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		end  func(w http.ResponseWriter)
	}{
		{"F001", func(w http.ResponseWriter) { sendError(w, 401, "INVALID_SESSION_ID", "Session expired or invalid") }},
		{"F002", func(w http.ResponseWriter) {
			send400(w, `{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}`)
		}},
		{"F002 XML", func(w http.ResponseWriter) {
			w.WriteHeader(400)
			_, _ = w.Write([]byte(`<?xml version="1.0"?><error xmlns="x"><exceptionCode>InvalidSessionId</exceptionCode></error>`))
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(bulkRows)
			ended := map[string]bool{}
			o.fault = func(kind string, n int, w http.ResponseWriter, r *http.Request) bool {
				o.mutex.Lock()
				if kind == kindPage && n == 3 {
					ended[o.token()] = true
				}
				over := ended[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
				o.mutex.Unlock()
				if over {
					c.end(w)
				}
				return over
			}
			extractAccounts(t.Context(), t, signedIn(t, o), nil).recovered(t, bulkRows)
			if o.count(kindToken) != 2 {
				t.Errorf("%d token calls, want 2", o.count(kindToken))
			}
		})
	}
}

// A session that is refused again is an error of sign-in, told after one new token.
func TestFaultSessionRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(1)
	onKind(kindDescribe, func(_ *org, _ int, w http.ResponseWriter, r *http.Request) bool {
		sendError(w, 401, "INVALID_SESSION_ID", "This session is not valid: "+r.Header.Get("Authorization"))
		return true
	})(o)
	_, err := signedIn(t, o).Describe(t.Context(), "Account")
	refusedWith(t, err, exitRefused, "401 INVALID_SESSION_ID", "[redacted]")
	if o.count(kindToken) != 2 || o.count(kindDescribe) != 2 {
		t.Errorf("%d token calls and %d describes, want 2 of each", o.count(kindToken), o.count(kindDescribe))
	}
}

// F055, F155: a job that nobody waits for any more is aborted, and the cause of a cancelled run is kept.
func TestFaultJobStuck(t *testing.T) {
	t.Parallel()
	why := errors.New("stopped by signal")
	cases := []struct {
		name  string
		limit func(context.Context) (context.Context, context.CancelFunc)
		check func(*testing.T, error)
	}{
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 150*time.Millisecond)
		}, func(t *testing.T, err error) {
			refusedWith(t, err, exitUnavailable, testJob, "no time left")
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v is no deadline", err)
			}
		}},
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			alarm := time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
			return ctx, func() { alarm.Stop(); cancel(nil) }
		}, func(t *testing.T, err error) {
			var coded interface{ ExitCode() int }
			if !errors.Is(err, why) || errors.As(err, &coded) {
				t.Errorf("error %v, want the cause and no exit code", err)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(bulkRows)
			onKind(kindPoll, func(o *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
				send(w, o.job("InProgress", "100"))
				return true
			})(o)
			client := signedIn(t, o)
			ctx, cancel := c.limit(t.Context())
			defer cancel()
			c.check(t, extractAccounts(ctx, t, client, nil).err)
			if o.count(kindAbort) != 1 {
				t.Errorf("%d jobs aborted, want 1", o.count(kindAbort))
			}
		})
	}
}

// The pages of a chain overlap: the second is asked for while the first is still being read.
func TestChainOverlaps(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	o.noList = true
	second := make(chan struct{})
	o.fault = func(kind string, n int, w http.ResponseWriter, r *http.Request) bool {
		if kind != kindPage {
			return false
		}
		if r.URL.Query().Get("locator") == strconv.Itoa(bulkPage) && n == 2 {
			close(second)
			return false
		}
		if n != 1 {
			return false
		}
		o.sendPage(w, 0, func(_ http.Header, text string) string {
			_, _ = w.Write([]byte(text[:100]))
			w.(http.Flusher).Flush()
			select {
			case <-second:
			case <-time.After(5 * time.Second):
				t.Error("the second page was not asked for before the first was read")
			}
			return text[100:]
		})
		return true
	}
	client := signedIn(t, o)
	client.limits.idle = 10 * time.Second
	extractAccounts(t.Context(), t, client, nil).recovered(t, bulkRows)
}
