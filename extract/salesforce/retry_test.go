package salesforce

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// inMemory carries requests to a handler without a network, so that a synctest bubble can tell when all wait.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	r.Host = r.URL.Host
	m.handler.ServeHTTP(w, r)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

// bubbled is a client with the standard limits, for use under synctest.
func bubbled(t *testing.T, handler http.Handler) *Client {
	t.Helper()
	base := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	options, err := testOptions(base.String()).check()
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{options: options, limits: standardLimits(), log: slog.New(slog.DiscardHandler), memory: memory.DefaultAllocator, origins: &origins{}, pacer: &pacer{}}
	if err := c.connect(base, inMemory{handler}); err != nil {
		t.Fatal(err)
	}
	if err := c.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// F038: Retry-After is honoured, within reason.
func TestFaultRetryAfter(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		header     string // NOW+n is a date n seconds ahead
		budget     time.Duration
		least, far time.Duration
		fails      string
	}{
		{name: "seconds", header: "30", least: 30 * time.Second, far: 31 * time.Second},
		{name: "date", header: "NOW+45", least: 45 * time.Second, far: 47 * time.Second},
		{name: "past date", header: "NOW+-45", least: 0, far: time.Second},
		{name: "absent", header: "", least: 250 * time.Millisecond, far: time.Second},
		{name: "negative is not asked", header: "-5", least: 250 * time.Millisecond, far: time.Second},
		{name: "a year", header: "31536000", far: 0, fails: "later than this run may wait"},
		{name: "a number beyond any", header: strings.Repeat("9", 40), far: 0, fails: "later than this run may wait"},
		{name: "longer than the run has left", header: "120", budget: time.Minute, far: 0, fails: "the next attempt is due in 2m"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := newOrg(1)
				onKind(kindDescribe, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
					if n > 1 {
						return false
					}
					header := c.header
					if ahead, ok := strings.CutPrefix(header, "NOW+"); ok {
						seconds, _ := strconv.Atoi(ahead)
						// The server's clock is an hour ahead of ours: only the difference may count.
						clock := time.Now().Add(time.Hour)
						w.Header().Set("Date", clock.UTC().Format(http.TimeFormat))
						header = clock.Add(time.Duration(seconds) * time.Second).UTC().Format(http.TimeFormat)
					}
					w.Header().Set("Retry-After", header)
					sendError(w, http.StatusTooManyRequests, "", "")
					return true
				})(o)
				client := bubbled(t, o)
				ctx := t.Context()
				if c.budget > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.budget)
					defer cancel()
				}
				began := time.Now()
				_, err := client.Describe(ctx, "Account")
				if waited := time.Since(began); waited < c.least || waited > c.far+c.far/4+time.Second {
					t.Errorf("waited %s, want %s to %s", waited, c.least, c.far)
				}
				if c.fails != "" {
					refusedWith(t, err, exitUnavailable, c.fails)
				} else if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A connection that keeps breaking when the time is over is told as what it is, not as an org that is overloaded.
func TestGivesUpOnAConnection(t *testing.T) {
	t.Parallel()
	var again *repeat
	if !errors.As(unreached("describe", "Account", io.ErrUnexpectedEOF), &again) {
		t.Fatal("a connection that broke is not repeated")
	}
	client := signedIn(t, newOrg(1))
	client.limits.firstRetry = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := client.pause(ctx, "describe", "Account", again, client.waits())
	refusedWith(t, err, exitUnavailable, "later than this run may wait")
	if hint := failure(t, err).Hint(); !strings.Contains(hint, "network") {
		t.Errorf("hint %q", hint)
	}
}

// F039: k failures are survived up to a limit, and the waits stay within a minute and a half.
func TestFaultServerErrors(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 502, 503, 504, 408, 420, 425, 429, 406} {
		for _, failures := range []int{1, 3, 7, 8} {
			synctest.Test(t, func(t *testing.T) {
				o := newOrg(1)
				onKind(kindDescribe, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
					if n <= failures {
						w.WriteHeader(status)
					}
					return n <= failures
				})(o)
				client := bubbled(t, o)
				began := time.Now()
				_, err := client.Describe(t.Context(), "Account")
				if waited := time.Since(began); waited > 2*time.Minute {
					t.Errorf("%d x %d: waited %s", failures, status, waited)
				}
				if failures < overloaded.attempts {
					if err != nil {
						t.Errorf("%d x %d: %v", failures, status, err)
					}
					return
				}
				refusedWith(t, err, exitUnavailable, strconv.Itoa(status))
				if o.count(kindDescribe) != overloaded.attempts {
					t.Errorf("%d requests, want %d", o.count(kindDescribe), overloaded.attempts)
				}
			})
		}
	}
}

// F043: eight workers against an org that is down ask no more than the budget of the client, and not all at once.
func TestFaultRetryStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mutex sync.Mutex
		perSecond := map[int64]int{}
		o := newOrg(1)
		onKind(kindDescribe, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			mutex.Lock()
			perSecond[time.Now().Unix()]++
			mutex.Unlock()
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		})(o)
		client := bubbled(t, o)
		const workers = 8
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				err := client.fetch(t.Context(), request{op: "describe", method: http.MethodGet, path: client.versioned("sobjects", "Account", "describe")}, &Describe{})
				refusedWith(t, err, exitUnavailable, "503")
			})
		}
		group.Wait()
		if got := o.count(kindDescribe); got > workers+int(budgetFull) {
			t.Errorf("%d requests, want at most %d", got, workers+int(budgetFull))
		}
		for second, n := range perSecond {
			if n > 2*workers {
				t.Errorf("%d requests in second %d", n, second)
			}
		}
	})
}

// A storm that passes leaves budget for the next one.
func TestBudgetComesBack(t *testing.T) {
	t.Parallel()
	p := &pacer{}
	for range int(budgetFull) {
		if !p.spend() {
			t.Fatal("the budget ended early")
		}
	}
	if p.spend() {
		t.Fatal("the budget has no end")
	}
	p.succeed()
	p.succeed()
	if !p.spend() || p.spend() {
		t.Error("two successes earn one repeat")
	}
}

// Polls come fast at first and never more often than every ten seconds later on.
func TestPollBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(1)
		began := time.Now()
		var polls []time.Duration
		onKind(kindPoll, func(o *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			polls = append(polls, time.Since(began))
			if time.Since(began) < 20*time.Minute {
				send(w, o.job("InProgress", "0"))
				return true
			}
			return false
		})(o)
		client := bubbled(t, o)
		began = time.Now()
		extractAccounts(t.Context(), t, client, func(r *Request) { r.API = "bulk" }).recovered(t, 1)
		if first := polls[0]; first > 300*time.Millisecond {
			t.Errorf("first poll after %s", first)
		}
		if len(polls) > 20*6+20 || len(polls) < 20*5 {
			t.Errorf("%d polls in twenty minutes", len(polls))
		}
		if last := polls[len(polls)-1] - polls[len(polls)-2]; last > 11*time.Second {
			t.Errorf("last polls are %s apart", last)
		}
	})
}

// F055: a job that is never done ends with the deadline, to the second, and is aborted.
func TestFaultJobStuckForHours(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(1)
		onKind(kindPoll, func(o *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			send(w, o.job("InProgress", "0"))
			return true
		})(o)
		client := bubbled(t, o)
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Hour, errors.New("limits.deadline of 2h"))
		defer cancel()
		began := time.Now()
		got := extractAccounts(ctx, t, client, func(r *Request) { r.API = "bulk" })
		refusedWith(t, got.err, exitUnavailable, testJob, "limits.deadline of 2h")
		if took := time.Since(began); took > 2*time.Hour+5*time.Second {
			t.Errorf("took %s", took)
		}
		if o.count(kindAbort) != 1 {
			t.Errorf("%d aborts, want 1", o.count(kindAbort))
		}
	})
}

// The wait of a cancelled run ends at once.
func TestRetryStopsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(1)
		onKind(kindDescribe, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		})(o)
		client := bubbled(t, o)
		why := errors.New("stopped by signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second, func() { cancel(why) })
		began := time.Now()
		_, err := client.Describe(ctx, "Account")
		if !errors.Is(err, why) || time.Since(began) != 10*time.Second {
			t.Errorf("error %v after %s", err, time.Since(began))
		}
	})
}

// Errors that are not Salesforce's, such as a full disk, are never repeated.
func TestDoKeepsForeignErrors(t *testing.T) {
	t.Parallel()
	c := signedIn(t, newOrg(1))
	full := errors.New("disk full")
	var made atomic.Int64
	err := c.do(t.Context(), "x", "Account", func(context.Context) error { made.Add(1); return full })
	if !errors.Is(err, full) || made.Load() != 1 {
		t.Errorf("%v after %d attempts", err, made.Load())
	}
}
