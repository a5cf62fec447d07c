package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"crosswalk/extract/salesforce/tokenstore"
	"crosswalk/fixtures"
)

// freePort is a port that nobody listens on, on either loopback address.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// seat is a person at a terminal, a simulated org, and the configuration between them.
type seat struct {
	org      *fixtures.Server
	config   *Config
	options  ConnectOptions
	callback string
	notes    lockedNotes
	done     chan struct{}
	who      *Connected
	err      error
}

type lockedNotes struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (l *lockedNotes) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *lockedNotes) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

func newSeat(t *testing.T, o fixtures.Options) *seat {
	t.Helper()
	s := &seat{done: make(chan struct{})}
	port := freePort(t)
	s.callback = fmt.Sprintf("http://localhost:%d/callback", port)
	o.Redirects, o.Directory = []string{s.callback}, "../fixtures/org"
	org, err := fixtures.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(org)
	t.Cleanup(func() { org.Close(); server.Close() })
	s.org = org
	s.config, err = readText(t, minimal+fmt.Sprintf("salesforce: {source: org, login: web_server, instance_url: %q, client_id: %s, client_secret: %s, callback_port: %d}\n",
		server.URL, fixtures.DefaultClientID, fixtures.DefaultClientSecret, port), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.options = ConnectOptions{
		Timeout: 20 * time.Second, Version: "test", Logger: slog.New(slog.DiscardHandler), Input: strings.NewReader(""),
		Notes: &s.notes, LookupEnv: noVariables,
	}
	return s
}

// begin starts to connect and gives the address that the person is sent to.
func (s *seat) begin(ctx context.Context, t *testing.T) string {
	t.Helper()
	go func() {
		defer close(s.done)
		s.who, s.err = Connect(ctx, s.config, s.options)
	}()
	t.Cleanup(func() { <-s.done })
	for range 500 {
		if address := authorizeAddress.FindString(s.notes.String()); address != "" {
			return address
		}
		select {
		case <-s.done:
			t.Fatalf("ended before it said where to go: %v", s.err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("never said where to go")
	return ""
}

var authorizeAddress = regexp.MustCompile(`http://\S+/services/oauth2/authorize\S+`)

// browser keeps no connection when it has its page.
var browser = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// visit is what a browser does, redirects included.
func visit(t *testing.T, address string) (status int, header http.Header, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, response.Request.URL.Path + "\n" + string(body)
}

func hintAndExit(err error) string { return fmt.Sprintf("%d %s", ExitCode(err), Hint(err)) }

func TestConnect(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow})
	status, header, page := visit(t, s.begin(t.Context(), t))
	<-s.done
	if s.err != nil || status != http.StatusOK || !strings.HasPrefix(page, outcomePath+"\n") || !strings.Contains(page, "<h1>Connected</h1>") {
		t.Fatalf("%v; page %d %s", s.err, status, page)
	}
	if strings.Contains(page, "aPrx") || strings.Contains(page, "<script") {
		t.Error("the page holds the code, or a script")
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-store", "X-Frame-Options": "DENY",
	} {
		if !strings.Contains(header.Get(name), want) {
			t.Errorf("%s: %q, want %q in it", name, header.Get(name), want)
		}
	}
	stored, err := tokenStore(s.config).Load(t.Context())
	if err != nil || stored.RefreshToken == "" || stored.Scope != "api refresh_token" {
		t.Errorf("stored: %v, scope %q", err, stored.Scope)
	}
	var printed strings.Builder
	if err := s.who.Print(&printed); err != nil || !strings.Contains(printed.String(), "connected: user 005") || strings.Contains(printed.String(), stored.RefreshToken) {
		t.Errorf("%v: %s", err, printed.String())
	}
	if info, err := os.Stat(tokenStore(s.config).String()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

// F017: what does not carry the state is refused, asks for no token, and the right one may still come. F019: after it,
// nothing is taken any more.
func TestFaultWrongStateKeepsWaiting(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow})
	address := s.begin(t.Context(), t)
	for _, query := range []string{"", "?code=x&state=wrong", "?code=x", "?error=access_denied&state=wrong", "?state="} {
		if status, _, page := visit(t, s.callback+query); status != http.StatusBadRequest || !strings.Contains(page, "Not an answer") {
			t.Errorf("%q: %d", query, status)
		}
	}
	if s.org.Calls("token") != 0 {
		t.Errorf("%d token calls", s.org.Calls("token"))
	}
	base := strings.TrimSuffix(s.callback, callbackPath)
	for _, path := range []string{"/", "/favicon.ico", outcomePath, "/callback/x"} {
		if status, _, _ := visit(t, base+path); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
	for why, want := range map[string]int{"POST": http.StatusMethodNotAllowed, "rebound.evil.example": http.StatusMisdirectedRequest} {
		strange, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.callback, nil)
		if err != nil {
			t.Fatal(err)
		}
		if why == http.MethodPost {
			strange.Method = why
		} else {
			strange.Host = why
		}
		response, err := browser.Do(strange)
		if err != nil || response.StatusCode != want {
			t.Errorf("%s: %v %v", why, response, err)
		}
		_ = response.Body.Close()
	}
	if status, _, page := visit(t, address); status != http.StatusOK {
		t.Errorf("the right one: %d %s", status, page)
	}
	<-s.done
	if s.err != nil || s.org.Calls("token") != 1 {
		t.Errorf("%v, %d token calls", s.err, s.org.Calls("token"))
	}
	if _, err := net.DialTimeout("tcp", strings.TrimPrefix(base, "http://"), time.Second); err == nil { //nolint:noctx // refused at once
		t.Error("the listener is open still")
	}
}

// F019: a refusal ends it at once, on the page as in the terminal.
func TestFaultConsentRefused(t *testing.T) {
	t.Parallel()
	for consent, want := range map[string]string{
		fixtures.ConsentDeny: "access_denied", fixtures.ConsentBlocked: "OAUTH_APP_BLOCKED",
		fixtures.ConsentNotPermitted: "OAUTH_APP_ACCESS_DENIED", fixtures.ConsentNotFound: "OAUTH_EC_APP_NOT_FOUND",
		fixtures.ConsentApprovalError: "OAUTH_APPROVAL_ERROR_GENERIC",
	} {
		s := newSeat(t, fixtures.Options{Consent: consent})
		status, _, page := visit(t, s.begin(t.Context(), t))
		<-s.done
		if s.err == nil || ExitCode(s.err) != 3 || Hint(s.err) == "" || !strings.Contains(s.err.Error(), want) {
			t.Errorf("%s: %v, %s", consent, s.err, hintAndExit(s.err))
		}
		if status != http.StatusForbidden || !strings.Contains(page, "<h1>Not connected</h1>") || !strings.Contains(page, want) {
			t.Errorf("%s: page %d %s", consent, status, page)
		}
		if _, err := tokenStore(s.config).Load(t.Context()); !errors.Is(err, tokenstore.ErrMissing) {
			t.Errorf("%s: %v in the store", consent, err)
		}
	}
}

// F018: a code that the token endpoint refuses ends it with what was said.
func TestFaultExchangeRefused(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow})
	address, err := url.Parse(s.begin(t.Context(), t))
	if err != nil {
		t.Fatal(err)
	}
	status, _, page := visit(t, s.callback+"?code=canary-code&state="+url.QueryEscape(address.Query().Get("state")))
	<-s.done
	if ExitCode(s.err) != 3 || !strings.Contains(s.err.Error(), "invalid_grant") || !strings.Contains(Hint(s.err), "connect") || strings.Contains(s.err.Error()+page, "canary-code") {
		t.Errorf("%v %s", s.err, hintAndExit(s.err))
	}
	if status != http.StatusForbidden || s.org.Calls("token") != 1 {
		t.Errorf("page %d, %d token calls", status, s.org.Calls("token"))
	}
}

// F019: a port that is taken, on either address, is told with what to do; nothing is asked.
func TestFaultPortBusy(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "::1"} {
		s := newSeat(t, fixtures.Options{})
		taken, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(s.config.Salesforce.CallbackPort))) //nolint:noctx // closed below
		if err != nil {
			if host == "::1" {
				continue // a machine without IPv6 cannot have it taken
			}
			t.Fatal(err)
		}
		_, err = Connect(t.Context(), s.config, s.options)
		if ExitCode(err) != 2 || !strings.Contains(err.Error(), "in use") || !strings.Contains(Hint(err), "salesforce.callback_port") {
			t.Errorf("%s: %v, %s", host, err, hintAndExit(err))
		}
		if err := taken.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// F019: nobody comes, as where the browser stays on a page of Salesforce's.
func TestFaultNobodyComes(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentNotInstalled})
	s.options.Timeout = 400 * time.Millisecond
	visit(t, s.begin(t.Context(), t))
	<-s.done
	var late *ConnectTimeoutError
	if !errors.As(s.err, &late) || ExitCode(s.err) != 3 {
		t.Fatalf("got %v", s.err)
	}
	for _, cause := range []string{"installed", s.callback, "blocked", "API Access Control", "--no-browser"} {
		if !strings.Contains(Hint(s.err), cause) {
			t.Errorf("hint %q does not name %q", Hint(s.err), cause)
		}
	}
	if _, err := net.DialTimeout("tcp", strings.TrimSuffix(strings.TrimPrefix(s.callback, "http://"), callbackPath), time.Second); err == nil { //nolint:noctx // refused at once
		t.Error("the listener is open still")
	}
}

func TestConnectIsInterrupted(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	s.begin(ctx, t)
	cancel(&InterruptedError{Name: "SIGINT", Signal: 2})
	<-s.done
	if ExitCode(s.err) != 130 {
		t.Errorf("got %v", s.err)
	}
}
