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

// A session that ends before the job is deleted leaves no job behind.
func TestFaultSessionEndsAtTheLast(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	onKind(kindDelete, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
		if n == 1 {
			sendError(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
		}
		return n == 1
	})(o)
	extractAccounts(t.Context(), t, signedIn(t, o), nil).recovered(t, bulkRows)
	if o.count(kindDelete) != 2 || o.count(kindToken) != 2 {
		t.Errorf("%d deletions and %d token calls, want 2 of each", o.count(kindDelete), o.count(kindToken))
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
		limit func(ctx context.Context, polled <-chan struct{}) (context.Context, context.CancelFunc)
		check func(*testing.T, error)
	}{
		{"deadline", func(ctx context.Context, _ <-chan struct{}) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 2*time.Second)
		}, func(t *testing.T, err error) {
			refusedWith(t, err, exitUnavailable, testJob, "no time left")
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v is no deadline", err)
			}
		}},
		{"cancelled", func(ctx context.Context, polled <-chan struct{}) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			go func() {
				select {
				case <-polled: // the job is there and somebody waits for it
					cancel(why)
				case <-ctx.Done():
				}
			}()
			return ctx, func() { cancel(nil) }
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
			polled := make(chan struct{}, 1)
			onKind(kindPoll, func(o *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
				send(w, o.job("InProgress", "100"))
				select {
				case polled <- struct{}{}:
				default:
				}
				return true
			})(o)
			client := signedIn(t, o)
			ctx, cancel := c.limit(t.Context(), polled)
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

// TestQuotaHoldsOnTheWay: pages that are smaller than they may be cost more calls than were foreseen. Those count.
func TestQuotaHoldsOnTheWay(t *testing.T) {
	t.Parallel()
	for _, api := range []string{apiBulk, apiREST} {
		for _, busy := range []bool{false, true} {
			o := newOrg(bulkRows)
			o.pageRows = 20
			o.fault = func(kind string, n int, w http.ResponseWriter, _ *http.Request) bool {
				if busy && n > 20 && (kind == kindPage || kind == kindMore) {
					w.Header().Set("Sforce-Limit-Info", "api-usage=80000/100000") // 0.8 is all that may be used
				}
				return false
			}
			client := signedIn(t, o)
			got := extractAccounts(t.Context(), t, client, func(r *Request) { r.API = api })
			if !busy {
				got.recovered(t, bulkRows)
				continue
			}
			refusedWith(t, got.err, exitUnavailable, "API_QUOTA")
			if pages := o.count(kindPage) + o.count(kindMore); pages > 50 {
				t.Errorf("%s: %d pages were asked for", api, pages)
			}
		}
	}
}

// TestEmptyPages: pages without rows that lead on and on are no way to the end.
func TestEmptyPages(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	o.noList = true
	o.fault = func(kind string, n int, w http.ResponseWriter, _ *http.Request) bool {
		if kind != kindPage {
			return false
		}
		w.Header().Set("Content-Type", typeCSV)
		w.Header().Set("Sforce-NumberOfRecords", "0")
		w.Header().Set("Sforce-Locator", "further"+strconv.Itoa(n))
		_, _ = w.Write([]byte(`"Id","IsDeleted","Name"` + "\n"))
		return true
	}
	refusedWith(t, extractAccounts(t.Context(), t, signedIn(t, o), nil).err, exitUnavailable, "EMPTY_PAGE")
	if pages := o.count(kindPage); pages > 10 {
		t.Errorf("%d pages were asked for", pages)
	}
}

// TestJobOfStoppedRun: a run that is stopped while a job is being created hears its id, and deletes it.
func TestJobOfStoppedRun(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("signal")
	o.fault = func(kind string, _ int, _ http.ResponseWriter, _ *http.Request) bool {
		if kind == kindCreate {
			cancel(stop)
			<-time.After(300 * time.Millisecond)
		}
		return false
	}
	client := signedIn(t, o)
	began := time.Now()
	if got := extractAccounts(ctx, t, client, nil); !errors.Is(got.err, stop) || o.count(kindDelete) != 1 {
		t.Errorf("%v, the job was deleted %d times", got.err, o.count(kindDelete))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s to stop", took)
	}
}

// TestMomentOf: the date of a job is kept in the journal; a secret of digits alone is none.
func TestMomentOf(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"2018-12-10T17:50:19.000+0000", "2018-12-10T17:50:19Z", "2018-12-10T17:50:19.000+00:00"} {
		if momentOf(moment) != moment {
			t.Errorf("%q was not kept", moment)
		}
	}
	for _, other := range []string{"", "1234567890123456789", "2018-12-10", "2018-12-10T17:50:19.000+0000 00D!x"} {
		if momentOf(other) != "" {
			t.Errorf("%q was kept", other)
		}
	}
}
