package salesforce

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"crosswalk/extract/salesforce/tokenstore"
	"crosswalk/fixtures"
)

// front is a simulator behind a door at which a test can stand: it sees each request before the org does.
type front struct {
	org    *fixtures.Server
	url    string
	tokens atomic.Int64 // requests to the token endpoint
	// before takes over the n-th token request, from 1, where it returns true.
	before func(n int64, w http.ResponseWriter, r *http.Request) bool
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/services/oauth2/token" {
		if n := f.tokens.Add(1); f.before != nil && f.before(n, w, r) {
			return
		}
	}
	f.org.ServeHTTP(w, r)
}

func newFront(t *testing.T, o fixtures.Options) *front {
	t.Helper()
	if o.Directory == "" && o.Generate == nil {
		o.Generate = &fixtures.Generator{Accounts: 3, Seed: 1}
	}
	o.Consent = fixtures.ConsentAllow
	org, err := fixtures.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{org: org}
	server := httptest.NewServer(f)
	t.Cleanup(func() { org.Close(); server.Close() })
	f.url = server.URL
	return f
}

// options are those of a person's sign-in, with a store of their own.
func (f *front) options(t *testing.T) (Options, *tokenstore.Store) {
	t.Helper()
	o := testOptions(f.url)
	o.Login, o.ClientID, o.ClientSecret = LoginWebServer, fixtures.DefaultClientID, fixtures.DefaultClientSecret
	o.Tokens = tokenstore.File(filepath.Join(t.TempDir(), "tokens"), "x")
	return o, o.Tokens
}

// cameBack is what the browser of a person who allows everything comes back with.
func cameBack(t *testing.T, address string) url.Values {
	t.Helper()
	browser := http.Client{CheckRedirect: refuseRedirect}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	browser.CloseIdleConnections()
	defer func() { _ = response.Body.Close() }()
	back, err := url.Parse(response.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), fixtures.DefaultRedirect+"?") {
		t.Fatalf("%d, back to %q, %v", response.StatusCode, back, err)
	}
	return back.Query()
}

// connected is a front at which somebody signed in.
func connected(t *testing.T, o fixtures.Options) (*front, Options, *tokenstore.Store) {
	t.Helper()
	f := newFront(t, o)
	options, store := f.options(t)
	who, err := authorized(t, options)
	if err != nil {
		t.Fatal(err)
	}
	if len(who.OrganizationID) != 18 || len(who.UserID) != 18 || who.InstanceURL != f.url {
		t.Fatalf("signed in as %v", who)
	}
	f.tokens.Store(0)
	return f, options, store
}

func authorized(t *testing.T, options Options) (Identity, error) {
	t.Helper()
	login, err := NewLogin(options)
	if err != nil {
		t.Fatal(err)
	}
	attempt := login.Authorize(fixtures.DefaultRedirect)
	code, err := attempt.Answer(cameBack(t, attempt.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return attempt.Exchange(t.Context(), code)
}

func TestAuthorizationAsksForNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	f := newFront(t, fixtures.Options{})
	options, _ := f.options(t)
	login, err := NewLogin(options)
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(login.Authorize(fixtures.DefaultRedirect).URL())
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	if got := query.Get("scope"); got != "api refresh_token" {
		t.Errorf("scope %q", got)
	}
	if query.Get("code_challenge_method") != "S256" || len(query.Get("code_challenge")) != 43 || len(query.Get("state")) < 22 || query.Has("client_secret") {
		t.Errorf("authorize with %v", query)
	}
	if other := login.Authorize(fixtures.DefaultRedirect).URL(); other == address.String() {
		t.Error("two attempts share state and verifier")
	}
}

// F017: what does not carry the state is nobody's, with or without a code or an error.
func TestFaultForeignAnswer(t *testing.T) {
	t.Parallel()
	f := newFront(t, fixtures.Options{})
	options, _ := f.options(t)
	login, err := NewLogin(options)
	if err != nil {
		t.Fatal(err)
	}
	attempt := login.Authorize(fixtures.DefaultRedirect)
	state := attempt.state.Reveal()
	for _, c := range []struct {
		why   string
		query url.Values
	}{
		{"nothing", url.Values{}},
		{"no state", url.Values{"code": {"x"}}},
		{"another state", url.Values{"code": {"x"}, "state": {"x"}}},
		{"part of the state", url.Values{"code": {"x"}, "state": {state[:10]}}},
		{"two states", url.Values{"code": {"x"}, "state": {state, "x"}}},
		{"an error of somebody else", url.Values{"error": {"access_denied"}, "state": {"x"}}},
		{"no code", url.Values{"state": {state}}},
		{"two codes", url.Values{"state": {state}, "code": {"a", "b"}}},
	} {
		if _, err := attempt.Answer(c.query); err != ErrForeign { //nolint:errorlint // it is the very one
			t.Errorf("%s: got %v, want ErrForeign", c.why, err)
		}
	}
	if f.tokens.Load() != 0 {
		t.Errorf("%d token calls", f.tokens.Load())
	}
}

// F018: the code is bound to the verifier and good once.
func TestFaultCodeOfAnotherAttempt(t *testing.T) {
	t.Parallel()
	f := newFront(t, fixtures.Options{})
	options, store := f.options(t)
	login, err := NewLogin(options)
	if err != nil {
		t.Fatal(err)
	}
	mine, other := login.Authorize(fixtures.DefaultRedirect), login.Authorize(fixtures.DefaultRedirect)
	code, err := mine.Answer(cameBack(t, mine.URL()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.Exchange(t.Context(), code)
	refusedWith(t, err, exitRefused, "invalid code verifier")
	if _, err := mine.Exchange(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	_, err = mine.Exchange(t.Context(), code)
	refusedWith(t, err, exitRefused, "expired authorization code")
	if !strings.Contains(failure(t, err).Hint(), "connect") || strings.Contains(err.Error(), code.Reveal()) {
		t.Errorf("%v, hint %q", err, failure(t, err).Hint())
	}
	if _, err := store.Load(t.Context()); err != nil {
		t.Error(err)
	}
}

// F019: each refusal that comes back through the browser says what to do.
func TestFaultDenied(t *testing.T) {
	t.Parallel()
	f := newFront(t, fixtures.Options{})
	options, _ := f.options(t)
	login, err := NewLogin(options)
	if err != nil {
		t.Fatal(err)
	}
	attempt := login.Authorize(fixtures.DefaultRedirect)
	for _, c := range []struct{ code, hint string }{
		{"access_denied", "press Allow"},
		{"access-denied", "press Allow"}, // the spelling of Salesforce's own sample
		{"OAUTH_APP_BLOCKED", "unblock"},
		{"OAUTH_APP_ACCESS_DENIED", "permission set"},
		{"OAUTH_EC_APP_NOT_FOUND", "not in this org"},
		{"OAUTH_APPROVAL_ERROR_GENERIC", "Login History"},
		{"redirect_uri_mismatch", "callback URL"},
		{"invalid_scope", "scope"},
		{"something_new", "Login History"},
		{"<script>", "Login History"},
	} {
		_, err := attempt.Answer(url.Values{"error": {c.code}, "error_description": {"told\x1b[2J\nby\tSalesforce"}, "state": {attempt.state.Reveal()}})
		refusedWith(t, err, exitRefused, "told [2J by Salesforce")
		if !strings.Contains(failure(t, err).Hint(), c.hint) || strings.Contains(err.Error(), "<script>") {
			t.Errorf("%s: %v, hint %q", c.code, err, failure(t, err).Hint())
		}
	}
}

// F072: a grant of the wrong org is given back and never kept.
func TestFaultWrongOrganization(t *testing.T) {
	t.Parallel()
	f := newFront(t, fixtures.Options{})
	options, store := f.options(t)
	options.OrganizationID = "00Dxx0000000002"
	_, err := authorized(t, options)
	if err == nil || !strings.Contains(err.Error(), "00Dxx0000000002") || failure(t, err).ExitCode() != exitUsage {
		t.Fatalf("got %v", err)
	}
	if _, err := store.Load(t.Context()); err == nil {
		t.Error("the grant of another org was kept")
	}
	if f.org.Calls("revoke") != 1 {
		t.Errorf("%d revocations, want 1", f.org.Calls("revoke"))
	}
	options.Login, options.OrganizationID = LoginClientCredentials, "00Dxx0000000002AAA"
	_, err = open(t.Context(), options, quickLimits())
	refusedWith(t, err, exitUsage, "ORGANIZATION")
	options.OrganizationID = ""
	c, err := open(t.Context(), options, quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	who, err := c.Identity(t.Context())
	c.Close()
	if err != nil || len(who.OrganizationID) != 18 {
		t.Fatalf("%v %v", who, err)
	}
	options.OrganizationID = who.OrganizationID[:15]
	if c, err = open(t.Context(), options, quickLimits()); err != nil {
		t.Fatalf("15 characters of the same org: %v", err)
	}
	c.Close()
}

func TestNoRefreshTokenIsToldByItsScope(t *testing.T) {
	t.Parallel()
	f := newFront(t, fixtures.Options{})
	f.before = func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		tokenAnswer(`{"access_token":"canary","token_type":"Bearer","instance_url":"http://HOST"}`)(w, r)
		return true
	}
	options, _ := f.options(t)
	_, err := authorized(t, options)
	refusedWith(t, err, exitRefused, "no refresh token")
	if !strings.Contains(failure(t, err).Hint(), "offline_access") {
		t.Errorf("hint %q", failure(t, err).Hint())
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	login, err := NewLogin(options)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		known, err := login.Revoke(t.Context(), Secret(stored.RefreshToken))
		if err != nil || known != want && want {
			t.Errorf("known %t, %v; want %t", known, err, want)
		}
	}
	if known, err := login.Revoke(t.Context(), "5Aep861nobodys"); known || err != nil {
		t.Errorf("a token of nobody's: known %t, %v", known, err)
	}
	_, err = open(t.Context(), options, quickLimits())
	refusedWith(t, err, exitRefused, "invalid_grant")
	_ = f
}

// F162: no OAuth endpoint is followed anywhere: the other host sees no request at all.
func TestFaultOAuthRedirect(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	victim := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
		f.before = func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", victim)
			w.WriteHeader(status)
			return true
		}
		_, err := open(t.Context(), options, quickLimits())
		refusedWith(t, err, exitRefused, "a redirect, which is never followed")
		if stored, err := store.Load(t.Context()); err != nil || !stored.Pending.IsZero() {
			t.Errorf("%d: %v, pending %s: a redirect refreshes nothing", status, err, stored.Pending)
		}
		login, err := NewLogin(options)
		if err != nil {
			t.Fatal(err)
		}
		login.door.base, err = url.Parse(serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", victim)
			w.WriteHeader(status)
		})))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := login.Revoke(t.Context(), "canary-refresh"); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%d: revoke elsewhere: %v", status, err)
		}
	}
	if stolen.Load() != 0 {
		t.Errorf("the other host got %d requests", stolen.Load())
	}
}
