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
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crosswalk/extract/salesforce/tokenstore"
	"crosswalk/fixtures"
)

func TestConnectByPaste(t *testing.T) {
	t.Parallel()
	for _, stdin := range []bool{false, true} {
		s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow})
		s.options.NoBrowser = true
		input, typed := io.Pipe()
		s.options.Input = input
		var terminal io.Writer = typed
		if stdin { // a file descriptor, as standard input is one
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = read.Close(), write.Close() })
			s.options.Input, terminal = read, write
		}
		address := s.begin(t.Context(), t)
		if connection, err := net.DialTimeout("tcp", strings.TrimSuffix(strings.TrimPrefix(s.callback, "http://"), callbackPath), time.Second); err == nil { //nolint:noctx // refused at once
			_ = connection.Close()
			t.Error("it listens, where nobody can come")
		}
		back := redirect(t, address)
		for _, line := range []string{"", "hello", "https://evil.example/callback?" + back.RawQuery, s.callback + "?code=x&state=wrong", ` "` + back.String() + `" `} {
			if _, err := fmt.Fprintln(terminal, line); err != nil {
				t.Fatal(err)
			}
		}
		<-s.done
		if s.err != nil || s.org.Calls("token") != 1 || strings.Count(s.notes.String(), "no answer to this sign-in") != 4 {
			t.Errorf("%v, %d token calls, notes %s", s.err, s.org.Calls("token"), s.notes.String())
		}
	}
}

// redirect is where the org sends the browser back to.
func redirect(t *testing.T, address string) *url.URL {
	t.Helper()
	alone := *browser
	alone.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := alone.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	back, err := response.Location()
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func TestPasteThatNeverComes(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{})
	s.options.NoBrowser = true
	_, err := Connect(t.Context(), s.config, s.options)
	if ExitCode(err) != 2 || !strings.Contains(Hint(err), "--no-browser") {
		t.Errorf("end of input: %v, %s", err, hintAndExit(err))
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = read.Close(), write.Close() }()
	s.options.Input, s.options.Timeout = read, 300*time.Millisecond
	_, err = Connect(t.Context(), s.config, s.options)
	var late *ConnectTimeoutError
	if !errors.As(err, &late) {
		t.Errorf("a terminal at which nobody sits: %v", err)
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow})
	store := tokenStore(s.config)
	disconnectSays := func(want string) {
		t.Helper()
		done, err := Disconnect(t.Context(), s.config, s.options)
		if err != nil || !strings.Contains(done.Said, want) {
			t.Errorf("%v %v, want %q", done, err, want)
		}
		if _, err := store.Load(t.Context()); !errors.Is(err, tokenstore.ErrMissing) {
			t.Errorf("left in the store: %v", err)
		}
	}
	disconnectSays("nothing to forget")
	visit(t, s.begin(t.Context(), t))
	<-s.done
	stored, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	disconnectSays("revoked at Salesforce")
	if err := store.Save(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openOrg(t.Context(), s.config, "test", s.options.Logger); ExitCode(err) != 3 {
		t.Errorf("the grant lives on: %v", err)
	}
	stored.RefreshToken = "5Aep861unknown"
	if err := store.Save(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	disconnectSays("no longer knew")
	if err := store.Save(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(store.String(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	disconnectSays("could not be used")
	if left, err := filepath.Glob(store.String() + "*"); err != nil || len(left) != 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// Where Salesforce does not answer, the tokens go all the same, and the person is told what is left to do.
func TestDisconnectWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow})
	down := httptest.NewServer(http.NotFoundHandler())
	s.config.Salesforce.InstanceURL = down.URL
	down.Close()
	store := tokenStore(s.config)
	if err := store.Save(t.Context(), tokenstore.Tokens{RefreshToken: "5Aep861" + canary}); err != nil {
		t.Fatal(err)
	}
	_, err := Disconnect(t.Context(), s.config, s.options)
	var left *UnrevokedError
	if !errors.As(err, &left) || ExitCode(err) != 4 || strings.Contains(err.Error(), canary) || !strings.Contains(Hint(err), "Setup > Connected Apps OAuth Usage") {
		t.Errorf("got %v, %s", err, hintAndExit(err))
	}
	if _, err := store.Load(t.Context()); !errors.Is(err, tokenstore.ErrMissing) {
		t.Errorf("the tokens are still there: %v", err)
	}
}

// An outage of seconds does not leave a grant behind, and who stops the command keeps the tokens for another try.
func TestDisconnectAgainAndStopped(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow, Faults: []fixtures.Fault{{Match: fixtures.Match{Kind: "revoke"}, Do: fixtures.Action{Status: 503}}}})
	visit(t, s.begin(t.Context(), t))
	<-s.done
	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("stopped by hand"))
	if _, err := Disconnect(stopped, s.config, s.options); err == nil {
		t.Error("a command that was stopped says that it is done")
	}
	if _, err := tokenStore(s.config).Load(t.Context()); err != nil {
		t.Errorf("stopped, and the tokens are gone: %v", err)
	}
	done, err := Disconnect(t.Context(), s.config, s.options)
	if err != nil || !strings.Contains(done.Said, "revoked at Salesforce") || s.org.Calls("revoke") != 2 {
		t.Errorf("%v, %v after %d calls", done, err, s.org.Calls("revoke"))
	}
}

// Browsers hide http://, and a browser that Salesforce did not send back has the reason in its address.
func TestPastedAddresses(t *testing.T) {
	t.Parallel()
	s := newSeat(t, fixtures.Options{Consent: fixtures.ConsentAllow})
	login, _, err := openLogin(t.Context(), s.config, "test", s.options.Logger)
	if err != nil {
		t.Fatal(err)
	}
	attempt := login.Authorize(s.callback)
	address, err := url.Parse(attempt.URL())
	if err != nil {
		t.Fatal(err)
	}
	state := address.Query().Get("state")
	const page = "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error="
	for _, c := range []struct{ why, line, code, says string }{
		{"whole", s.callback + "?code=aPrx%3D%3D&state=" + state, "aPrx==", ""},
		{"without the scheme", strings.TrimPrefix(s.callback, "http://") + "?code=aPrx%3D%3D&state=" + state, "aPrx==", ""},
		{"of another sign-in", s.callback + "?code=aPrx&state=x", "", "not an answer"},
		{"denied", s.callback + "?error=access_denied&error_description=end-user+denied+authorization&state=" + state, "", "access_denied: end-user denied"},
		{"a page of Salesforce's", page + "invalid_client&error_description=app+must+be+installed+into+org", "", "app must be installed into org"},
		{"a page with a name that is no code", page + "%1b%5b2J&error_description=x", "", "authorize: x"},
		{"another page", "https://acme.my.salesforce.com/home/home.jsp", "", "not an answer"},
		{"in clear", "http://evil.example/?error=x", "", "not an answer"},
	} {
		code, err := pasted(c.line+"\n", attempt, s.callback)
		if code.Reveal() != c.code || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %q, %v, want %q, %q", c.why, code.Reveal(), err, c.code, c.says)
		}
		if strings.Contains(c.line, "installed") && !strings.Contains(Hint(err), "not in this org") {
			t.Errorf("%s: %s", c.why, Hint(err))
		}
	}
}

func TestConnectWantsABrowserSignIn(t *testing.T) {
	t.Parallel()
	for _, text := range []string{minimal, orgWith("client_secret: s")} {
		config, err := readText(t, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		options := ConnectOptions{Logger: slog.New(slog.DiscardHandler)}
		_, first := Connect(t.Context(), config, options)
		_, second := Disconnect(t.Context(), config, options)
		for _, err := range []error{first, second} {
			if ExitCode(err) != 2 || !strings.Contains(Hint(err), "web_server") {
				t.Errorf("%v, %s", err, hintAndExit(err))
			}
		}
	}
}

func TestBrowserCommand(t *testing.T) {
	t.Parallel()
	const address = "https://acme.my.salesforce.com/x?a=b&c=$(id)"
	for _, c := range []struct {
		why, system string
		environment variables
		want        []string
	}{
		{"BROWSER", "linux", variables{"BROWSER": "firefox"}, []string{"firefox", address}},
		{"the first of several", "linux", variables{"BROWSER": "firefox:lynx"}, []string{"firefox", address}},
		{"with a place for the address", "linux", variables{"BROWSER": "open-at %s now"}, []string{"open-at", address, "now"}},
		{"a desktop", "linux", variables{"DISPLAY": ":0"}, []string{"xdg-open", address}},
		{"Wayland", "linux", variables{"WAYLAND_DISPLAY": "wayland-0"}, []string{"xdg-open", address}},
		{"a server", "linux", nil, nil},
		{"a Mac", "darwin", nil, []string{"open", address}},
		{"a Mac from elsewhere", "darwin", variables{"SSH_CONNECTION": "x"}, nil},
	} {
		if got := browserCommand(c.system, c.environment.lookup, address); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}
