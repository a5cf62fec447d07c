package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"crosswalk/extract/salesforce/tokenstore"
	"crosswalk/fixtures"
)

// signInOnce opens a client as one run does, and closes it.
func signInOnce(t *testing.T, options Options) error {
	t.Helper()
	c, err := open(t.Context(), options, quickLimits())
	if err == nil {
		c.Close()
	}
	return err
}

func load(t *testing.T, store *tokenstore.Store) tokenstore.Tokens {
	t.Helper()
	stored, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// F006: ten runs in a row. With rotation each leaves another refresh token behind, without it always the same.
func TestFaultRotation(t *testing.T) {
	t.Parallel()
	for _, rotates := range []bool{true, false} {
		f, options, store := connected(t, fixtures.Options{RefreshRotation: rotates})
		first := load(t, store)
		seen := map[string]bool{first.RefreshToken: true}
		for range 10 {
			if err := signInOnce(t, options); err != nil {
				t.Fatalf("rotation %t: %v", rotates, err)
			}
			now := load(t, store)
			seen[now.RefreshToken] = true
			if now.Rotation == tokenstore.RotationOn != rotates || !now.Pending.IsZero() || now.AccessToken == first.AccessToken {
				t.Errorf("rotation %t: known as %q, pending %s", rotates, now.Rotation, now.Pending)
			}
		}
		if want := map[bool]int{true: 11, false: 1}[rotates]; len(seen) != want || f.tokens.Load() != 10 || f.org.RefreshReuses() != 0 {
			t.Errorf("rotation %t: %d refresh tokens, want %d; %d refreshes; %d uses of a dead token", rotates, len(seen), want, f.tokens.Load(), f.org.RefreshReuses())
		}
	}
}

// What the store has when the server has answered is the next token already: no request is made with it before.
func TestNewTokenIsDurableBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	before := load(t, store)
	f.before = func(_ int64, _ http.ResponseWriter, _ *http.Request) bool {
		if during := load(t, store); during.Pending.IsZero() || during.RefreshToken != before.RefreshToken {
			t.Errorf("the refresh is on its way, and the store says pending %s", during.Pending)
		}
		return false
	}
	c, err := newClient(options, quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := load(t, store); after.RefreshToken == before.RefreshToken || !after.Pending.IsZero() {
		t.Error("the new token is used before it is kept")
	}
}

// F004: invalid_grant is final. It is asked once, and the next run does not ask at all.
func TestFaultRefreshRefusedForGood(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	login, err := NewLogin(options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := login.Revoke(t.Context(), Secret(load(t, store).RefreshToken)); err != nil {
		t.Fatal(err)
	}
	for run := range 3 {
		err := signInOnce(t, options)
		refusedWith(t, err, exitRefused, "expired access/refresh token")
		if !strings.Contains(failure(t, err).Hint(), "crosswalk connect") || f.tokens.Load() != 1 {
			t.Errorf("run %d: hint %q, %d token calls", run, failure(t, err).Hint(), f.tokens.Load())
		}
	}
	if _, err := authorized(t, options); err != nil {
		t.Fatal(err)
	}
	if err := signInOnce(t, options); err != nil {
		t.Errorf("after another sign-in: %v", err)
	}
}

// A refusal that somebody can mend at Salesforce is asked again by the next run.
func TestRefusalThatIsNotForGood(t *testing.T) {
	t.Parallel()
	f, options, _ := connected(t, fixtures.Options{RefreshRotation: true})
	f.before = func(n int64, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			refuseToken("invalid_grant", "ip restricted")(w, r)
		}
		return n == 1
	}
	refusedWith(t, signInOnce(t, options), exitRefused, "ip restricted")
	if err := signInOnce(t, options); err != nil {
		t.Errorf("with the restriction gone: %v", err)
	}
}

// F005: what an edge server says instead of the token endpoint costs a wait, and no token.
func TestFaultRefreshRecovers(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(http.ResponseWriter){
		"500":           func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"503":           func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"HTML with 200": func(w http.ResponseWriter) { sendHTML(w, http.StatusOK) },
		"HTML with 503": func(w http.ResponseWriter) { sendHTML(w, http.StatusServiceUnavailable) },
	} {
		f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
		f.before = func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			if n <= 2 {
				broken(w)
			}
			return n <= 2
		}
		if err := signInOnce(t, options); err != nil || f.tokens.Load() != 3 || f.org.RefreshReuses() != 0 {
			t.Errorf("%s: %v, %d token calls", name, err, f.tokens.Load())
		}
		if !load(t, store).Pending.IsZero() {
			t.Errorf("%s: the mark stays", name)
		}
	}
}

// F007: the server answered and the answer got lost. What cannot rotate is sent again; what may have is not, neither by
// this run nor by the next.
func TestFaultAnswerLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		rotates bool
		known   bool // a refresh went well before
		cut     func(w http.ResponseWriter, answer *httptest.ResponseRecorder)
		exit    int
	}{
		{"rotation is known", true, true, nil, exitRefused},
		{"rotation is possible", true, false, nil, exitRefused},
		{"no rotation, as is known", false, true, nil, 0},
		{"no rotation, as nobody knows yet", false, false, nil, exitRefused},
		{"half of the answer", true, true, func(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", typeJSON)
			_, _ = w.Write(answer.Body.Bytes()[:40])
		}, exitRefused},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			f, options, store := connected(t, fixtures.Options{RefreshRotation: c.rotates})
			if c.known {
				if err := signInOnce(t, options); err != nil {
					t.Fatal(err)
				}
				f.tokens.Store(0)
			}
			f.before = func(n int64, w http.ResponseWriter, r *http.Request) bool {
				if n > 1 {
					return false
				}
				answer := httptest.NewRecorder()
				f.org.ServeHTTP(answer, r) // it is done, and nobody hears of it
				if c.cut != nil {
					c.cut(w, answer)
				} else {
					hijacked(t, w, "", true)
				}
				return true
			}
			for run := range 2 {
				err := signInOnce(t, options)
				if c.exit == 0 {
					if err != nil {
						t.Errorf("run %d: %v", run, err)
					}
					continue
				}
				refusedWith(t, err, c.exit, "interrupted")
				if !strings.Contains(failure(t, err).Hint(), "crosswalk connect") || f.tokens.Load() != 1 {
					t.Errorf("run %d: hint %q, %d token calls", run, failure(t, err).Hint(), f.tokens.Load())
				}
			}
			if f.org.RefreshReuses() != 0 {
				t.Errorf("%d uses of a dead token", f.org.RefreshReuses())
			}
			if pending := load(t, store).Pending; pending.IsZero() != (c.exit == 0) {
				t.Errorf("pending %s", pending)
			}
			if _, err := authorized(t, options); err != nil {
				t.Fatal(err)
			}
			if err := signInOnce(t, options); err != nil {
				t.Errorf("after another sign-in: %v", err)
			}
		})
	}
}

// A request that never left is no use of the token.
func TestRefreshThatNeverLeft(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	down := httptest.NewServer(http.NotFoundHandler())
	options.InstanceURL = down.URL
	down.Close()
	refusedWith(t, signInOnce(t, options), exitUnavailable, "connect")
	if !load(t, store).Pending.IsZero() {
		t.Error("the mark of a refresh that was never sent stays")
	}
	options.InstanceURL = f.url
	if err := signInOnce(t, options); err != nil {
		t.Error(err)
	}
}

// A run that is stopped while the answer is on its way keeps it still.
func TestCancelledRunKeepsTheAnswer(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	before := load(t, store)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("signal")
	f.before = func(int64, http.ResponseWriter, *http.Request) bool { cancel(stop); return false }
	if _, err := open(ctx, options, quickLimits()); !errors.Is(err, stop) {
		t.Errorf("got %v, want the cause", err)
	}
	after := load(t, store)
	if after.RefreshToken == before.RefreshToken || !after.Pending.IsZero() {
		t.Error("the answer was lost")
	}
	if err := signInOnce(t, options); err != nil || f.org.RefreshReuses() != 0 {
		t.Error(err)
	}
}

// F008: the new token cannot be saved. This run goes on; a second refresh on top of it is refused until it can be.
func TestFaultTokenNotSaved(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	var log lockedText
	options.Logger = slog.New(slog.NewTextHandler(&log, nil))
	blocked := store.String() + ".next" // a folder there is a file that cannot be written
	f.before = func(int64, http.ResponseWriter, *http.Request) bool {
		if err := errors.Join(os.RemoveAll(blocked), os.Mkdir(blocked, 0o700)); err != nil {
			t.Error(err)
		}
		return false
	}
	c, err := open(t.Context(), options, quickLimits())
	if err != nil {
		t.Fatalf("the run does not go on: %v", err)
	}
	defer c.Close()
	if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "crosswalk connect") || strings.Contains(text, "5Aep861") {
		t.Errorf("log: %s", text)
	}
	session, err := c.sessions.session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.sessions.drop(t.Context(), session)
	var unsaved *tokenstore.Error
	if err := c.signIn(t.Context()); !errors.As(err, &unsaved) || unsaved.ExitCode() != 8 || strings.Contains(err.Error(), "5Aep861") {
		t.Errorf("got %v, want an error of the store", err)
	}
	if f.tokens.Load() != 1 {
		t.Errorf("%d refreshes, want 1", f.tokens.Load())
	}
	f.before = nil
	if err := os.RemoveAll(blocked); err != nil {
		t.Fatal(err)
	}
	if err := c.signIn(t.Context()); err != nil || f.tokens.Load() != 2 || f.org.RefreshReuses() != 0 {
		t.Errorf("with room again: %v, %d refreshes, %d reuses", err, f.tokens.Load(), f.org.RefreshReuses())
	}
	if err := signInOnce(t, options); err != nil {
		t.Errorf("the next run: %v", err)
	}
}

// F009: who waited for another's refresh takes its session.
func TestFaultTwoRefreshAtOnce(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	inside := make(chan struct{})
	f.before = func(int64, http.ResponseWriter, *http.Request) bool { <-inside; return false }
	var group sync.WaitGroup
	for range 4 {
		own := options
		folder, name, _ := strings.Cut(strings.TrimSuffix(store.String(), ".json"), "/x")
		own.Tokens = tokenstore.File(folder, "x"+name)
		group.Go(func() {
			if err := signInOnce(t, own); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(150 * time.Millisecond) // all four have looked at the store, three wait for its lock
	close(inside)
	group.Wait()
	if f.tokens.Load() != 1 || f.org.RefreshReuses() != 0 {
		t.Errorf("%d refreshes, want 1; %d uses of a dead token", f.tokens.Load(), f.org.RefreshReuses())
	}
}

// F001: a session that ends between two requests costs one refresh, whoever of many notices.
func TestFaultSessionEndsUnderRotation(t *testing.T) {
	t.Parallel()
	f, options, _ := connected(t, fixtures.Options{RefreshRotation: true, SessionCalls: 2})
	c, err := open(t.Context(), options, quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 10 {
		if _, err := c.count(t.Context(), "Account", false); err != nil {
			t.Fatal(err)
		}
	}
	if f.org.RefreshReuses() != 0 || f.tokens.Load() < 4 || f.tokens.Load() > 11 {
		t.Errorf("%d refreshes for 11 calls of 2 a session, %d uses of a dead token", f.tokens.Load(), f.org.RefreshReuses())
	}
}

// F167: no word of a token, whatever the endpoint echoes.
func TestRefreshErrorsHoldNoToken(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	f.before = func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		text, _ := io.ReadAll(r.Body)
		send400(w, `{"error":"invalid_grant","error_description":"`+strings.ReplaceAll(string(text), "&", " ")+`"}`)
		return true
	}
	err := signInOnce(t, options)
	refusedWith(t, err, exitRefused, "[redacted]")
	stored := load(t, store)
	for _, secret := range []string{stored.RefreshToken, stored.AccessToken, fixtures.DefaultClientSecret} {
		if strings.Contains(err.Error()+failure(t, err).Hint(), secret) {
			t.Errorf("a secret shows: %v", err)
		}
	}
}

// TestCancelledRunEnds: an answer that does not come is not waited for as long as one that may.
func TestCancelledRunEnds(t *testing.T) {
	t.Parallel()
	f, options, _ := connected(t, fixtures.Options{RefreshRotation: true})
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("signal")
	over := make(chan struct{})
	defer close(over)
	f.before = func(int64, http.ResponseWriter, *http.Request) bool { cancel(stop); <-over; return true }
	limits := quickLimits()
	limits.farewell = 300 * time.Millisecond
	began := time.Now()
	if _, err := open(ctx, options, limits); err == nil || time.Since(began) > 4*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
}

// TestTokenThatNobodyCanSend: it is told at once, and not as a network that fails.
func TestTokenThatNobodyCanSend(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	o.fault = func(kind string, _ int, w http.ResponseWriter, r *http.Request) bool {
		if kind == kindToken {
			send(w, fmt.Sprintf(`{"access_token":"00D!a\nb","token_type":"Bearer","instance_url":"http://%s"}`, r.Host))
		}
		return kind == kindToken
	}
	_, err := open(t.Context(), testOptions(serve(t, o)), quickLimits())
	refusedWith(t, err, exitUnavailable, "ACCESS_TOKEN")
}
