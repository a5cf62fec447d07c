package salesforce

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
)

// refuseToken is a token endpoint that says no.
func refuseToken(code, description string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		send400(w, fmt.Sprintf(`{"error":%q,"error_description":%q}`, code, description))
	}
}

// tokenAnswer is a token endpoint that answers with body, where HOST stands for its own address.
func tokenAnswer(body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		send(w, strings.ReplaceAll(body, "HOST", r.Host))
	}
}

func TestFaultSignIn(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		exit   int
		calls  int // of the token endpoint, 0 is not looked at
		text   string
		hint   string
	}{
		{"F004 invalid_grant", refuseToken("invalid_grant", "expired access/refresh token"), exitRefused, 1, "400 invalid_grant: expired", "connect"},
		{"no run-as user", refuseToken("invalid_grant", "no client credentials user enabled"), exitRefused, 1, "invalid_grant", "run-as user"},
		{"login host", refuseToken("invalid_grant", "request not supported on this domain"), exitRefused, 1, "invalid_grant", "My Domain"},
		{"F016 invalid_client_id", refuseToken("invalid_client_id", "client identifier invalid"), exitRefused, 1, "invalid_client_id", "client_id"},
		{"F016 inactive_user", refuseToken("inactive_user", "user is inactive"), exitRefused, 1, "inactive_user", "activate"},
		{"invalid_client", refuseToken("invalid_client", "invalid client credentials"), exitRefused, 1, "invalid_client", "client_secret"},
		{"unsupported_grant_type", refuseToken("unsupported_grant_type", "grant type not supported"), exitRefused, 1, "unsupported_grant_type", "flow"},
		{"the secret echoed", refuseToken("invalid_client", "bad secret "+testSecret), exitRefused, 1, "bad secret [redacted]", ""},
		{"F005 500 for ever", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, exitUnavailable, 8, "sign-in: 500", ""},
		{"F005 HTML for ever", func(w http.ResponseWriter, _ *http.Request) { sendHTML(w, 200) }, exitUnavailable, 8, "no token", ""},
		{"HTML with 400", func(w http.ResponseWriter, _ *http.Request) { sendHTML(w, 400) }, exitUnavailable, 3, "HTML page", ""},
		{"empty answer", tokenAnswer(""), exitUnavailable, 8, "no token", ""},
		{"no access token", tokenAnswer(`{"instance_url":"http://HOST","token_type":"Bearer"}`), exitUnavailable, 8, "no token", ""},
		{"F163 no instance_url", tokenAnswer(`{"access_token":"canary","token_type":"Bearer"}`), exitRefused, 1, "instance_url", ""},
		{"F163 other host", tokenAnswer(`{"access_token":"canary","token_type":"Bearer","instance_url":"https://acme.my.salesforce.com"}`), exitRefused, 1, "loopback", ""},
		{"F163 other port", tokenAnswer(`{"access_token":"canary","token_type":"Bearer","instance_url":"http://127.0.0.1:1"}`), exitRefused, 1, "loopback", ""},
		{"F163 user in it", tokenAnswer(`{"access_token":"canary","token_type":"Bearer","instance_url":"http://x@HOST"}`), exitRefused, 1, "user name", ""},
		{"F162 redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/victim")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, exitRefused, 1, "307: a redirect", "My Domain"},
		{"mac token", tokenAnswer(`{"access_token":"canary","token_type":"mac","instance_url":"http://HOST"}`), exitRefused, 1, "type", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(1)
			onKind(kindToken, func(_ *org, _ int, w http.ResponseWriter, r *http.Request) bool { c.answer(w, r); return true })(o)
			_, err := open(t.Context(), testOptions(serve(t, o)), quickLimits())
			if err == nil || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "canary") {
				t.Fatalf("error %v, want %q", err, c.text)
			}
			failed := failure(t, err)
			if failed.ExitCode() != c.exit || !strings.Contains(failed.Hint(), c.hint) {
				t.Errorf("exit %d hint %q, want %d %q", failed.ExitCode(), failed.Hint(), c.exit, c.hint)
			}
			if o.count(kindToken) != c.calls {
				t.Errorf("%d token calls, want %d", o.count(kindToken), c.calls)
			}
		})
	}
}

// F005: a token endpoint that is down for a moment costs a wait.
func TestFaultSignInRecovers(t *testing.T) {
	t.Parallel()
	o := newOrg(3)
	onKind(kindToken, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
		switch n {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			sendHTML(w, http.StatusOK)
		case 3:
			hijacked(t, w, "", true)
		}
		return n <= 3
	})(o)
	extractAccounts(t.Context(), t, signedIn(t, o), nil).recovered(t, 3)
}

// F024: an unknown authority is an error at once, and salesforce.ca_file mends it.
func TestFaultTLS(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	server := httptest.NewUnstartedServer(o)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	options := testOptions(server.URL)
	_, err := open(t.Context(), options, quickLimits())
	refusedWith(t, err, exitUnavailable, "certificate")
	if hint := failure(t, err).Hint(); !strings.Contains(hint, "issued by O=Acme Co") {
		t.Errorf("who issued it is not named: %s", hint)
	}
	options.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(options.CAFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := open(t.Context(), options, quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	extractAccounts(t.Context(), t, c, nil).recovered(t, bulkRows)
}

func TestFaultTLSTooOld(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(newOrg(1))
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := open(t.Context(), testOptions(server.URL), quickLimits())
	refusedWith(t, err, exitUnavailable, "tls")
	if !strings.Contains(failure(t, err).Hint(), "TLS 1.2") {
		t.Errorf("hint %q", failure(t, err).Hint())
	}
}

func TestOptionsChecked(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*Options){
		"login":         func(o *Options) { o.Login = "password" },
		"client_id":     func(o *Options) { o.ClientID = "" },
		"client_secret": func(o *Options) { o.ClientSecret = "" },
		"api_version":   func(o *Options) { o.APIVersion = "66.0/../../x" },
		"api_quota":     func(o *Options) { o.APIQuota = 1.5 },
		"ca_file":       func(o *Options) { o.CAFile = "/nonexistent/ca.pem" },
		"instance_url":  func(o *Options) { o.InstanceURL = "http://example.com" },
	}
	for name, change := range cases {
		options := testOptions("http://127.0.0.1:1")
		change(&options)
		if _, err := Open(t.Context(), options); err == nil || !strings.Contains(err.Error(), name) || failure(t, err).ExitCode() != exitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVersionNotOffered(t *testing.T) {
	t.Parallel()
	options := testOptions(serve(t, newOrg(1)))
	options.APIVersion = "99.0"
	_, err := open(t.Context(), options, quickLimits())
	refusedWith(t, err, exitUsage, "no version 99.0")
	if !strings.Contains(failure(t, err).Hint(), "62.0 to 66.0") {
		t.Errorf("hint %q", failure(t, err).Hint())
	}
}

func TestSessionsAskOnce(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := newSessions(func(context.Context) (*oauth2.Token, error) {
		return &oauth2.Token{AccessToken: fmt.Sprint(asked.Add(1))}, nil
	}, &vault{}, func(*oauth2.Token) (*url.URL, error) { return &url.URL{}, nil })
	first, err := s.session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			s.drop(t.Context(), first)
			if got, err := s.session(t.Context()); err != nil || got.token.Reveal() != "2" {
				t.Errorf("session %v, %v", got, err)
			}
		})
	}
	group.Wait()
	if asked.Load() != 2 {
		t.Errorf("the grant was asked %d times, want 2", asked.Load())
	}
}

// Whoever waits for a token while another one is refused has the same refusal, and whoever comes later asks anew.
func TestSessionsFailOnce(t *testing.T) {
	t.Parallel()
	for _, last := range []error{
		&repeat{cause: &Error{Op: "sign-in", Message: "canary is down"}, because: overloaded},
		&Error{Op: "sign-in", Code: "invalid_grant"},
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			s := newSessions(func(context.Context) (*oauth2.Token, error) {
				asked++
				time.Sleep(time.Second)
				return nil, last
			}, &vault{held: []Secret{"canary"}}, nil)
			var group sync.WaitGroup
			for range 50 {
				group.Go(func() {
					if _, err := s.session(t.Context()); !errors.Is(err, last) || strings.Contains(err.Error(), "canary") {
						t.Errorf("error %v, want %v", err, last)
					}
				})
			}
			group.Wait()
			if asked != 1 {
				t.Errorf("the grant was asked %d times by those who came together, want once", asked)
			}
			if _, err := s.session(t.Context()); !errors.Is(err, last) || asked != 2 {
				t.Errorf("error %v after %d times, want the second", err, asked)
			}
		})
	}
}

// The end of the one who asks is not that of those who wait.
func TestSessionsOutliveACaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSessions(func(ctx context.Context) (*oauth2.Token, error) {
			if err := sleep(ctx, time.Second); err != nil {
				return nil, err
			}
			return &oauth2.Token{AccessToken: "canary"}, nil
		}, &vault{}, func(*oauth2.Token) (*url.URL, error) { return &url.URL{}, nil })
		stopped, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := s.session(stopped); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want the end of the caller", err)
			}
		})
		synctest.Wait()
		group.Go(func() {
			if _, err := s.session(t.Context()); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
	})
}

func TestSecretPrintsRedacted(t *testing.T) {
	t.Parallel()
	secret := Secret("canary")
	holder := struct {
		S Secret
		P *Secret
	}{secret, &secret}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", secret, "holder", holder)
	text, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown += fmt.Sprintf(verb, secret) + fmt.Sprintf(verb, []Secret{secret}) + fmt.Sprintf(verb, struct{ S Secret }{secret})
	}
	if strings.Contains(shown, "canary") || strings.Contains(shown, fmt.Sprintf("%x", "canary")) {
		t.Errorf("the secret shows: %s", shown)
	}
	if secret.Reveal() != "canary" {
		t.Error("Reveal lost the secret")
	}
}

// F167: no error of any request repeats the token, and the log neither.
func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	var log lockedText
	o := newOrg(bulkRows)
	options := testOptions(serve(t, o))
	options.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := open(t.Context(), options, quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	extractAccounts(t.Context(), t, c, nil).recovered(t, bulkRows)
	text := log.String()
	if !strings.Contains(text, `"operation":"describe"`) || strings.Contains(text, "canary") || strings.Contains(text, "Account 1") {
		t.Errorf("log: %s", text)
	}
	for _, header := range o.seen {
		if agent := header.Get("User-Agent"); agent != "crosswalk/test" {
			t.Errorf("user agent %q", agent)
		}
		if header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q: net/http unzips only what it asked for itself", header.Get("Accept-Encoding"))
		}
	}
}

type lockedText struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// A run that began in one org does not go on in another, whatever the new session says: rows of two would be one result.
func TestFaultOrganizationChanges(t *testing.T) {
	t.Parallel()
	const one, other = "00D000000000001EAA", "00D000000000002EAA"
	var answers []string
	grant := func(context.Context) (*oauth2.Token, error) {
		org := answers[0]
		answers = answers[1:]
		token := &oauth2.Token{AccessToken: "token", TokenType: "Bearer"}
		if org == "" {
			return token, nil
		}
		return token.WithExtra(map[string]any{"id": "https://login.salesforce.com/id/" + org + "/005000000000001AAA"}), nil
	}
	accept := func(*oauth2.Token) (*url.URL, error) {
		return &url.URL{Scheme: "https", Host: "acme.my.salesforce.com"}, nil
	}
	for _, c := range []struct {
		answers []string
		refused bool
	}{
		{[]string{one, other}, true},
		{[]string{one, "", other}, true},
		{[]string{"", one, other}, true},
		{[]string{one, one[:15]}, false},
		{[]string{"", one, ""}, false},
	} {
		answers = slices.Clone(c.answers)
		s, last := newSessions(grant, &vault{}, accept), error(nil)
		for range c.answers {
			current, err := s.session(t.Context())
			if last = err; err == nil {
				s.drop(t.Context(), current)
			}
		}
		if !c.refused {
			if last != nil {
				t.Errorf("%q: %v", c.answers, last)
			}
			continue
		}
		refusedWith(t, last, exitUsage, "signed in to "+other, "this run began in "+one)
	}
}
