package faults

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crosswalk/fixtures"
)

// signInFaults is section A in the order of its ids.
func signInFaults() []fault {
	all := slices.Concat(secretFaults, tokenFaults, keyFaults, connectFaults)
	slices.SortFunc(all, func(a, b fault) int { return cmp.Compare(a.id, b.id) })
	return all
}

// inBrowser is a world whose sign-in a person made; rotating is one where every refresh token is good for one use.
var (
	inBrowser = setting{login: "web_server", furnish: (*world).signIn}
	rotating  = setting{login: "web_server", furnish: (*world).signIn, options: fixtures.Options{RefreshRotation: true}}
)

// withBrowser gives the setting a callback of its own and a person who always agrees.
func (s *setting) withBrowser(t *testing.T) {
	t.Helper()
	port := freePort(t)
	s.options.Redirects = []string{fmt.Sprintf("http://localhost:%d/callback", port)}
	if s.options.Consent == "" {
		s.options.Consent = fixtures.ConsentAllow
	}
	s.env = append(slices.Clone(s.env), fmt.Sprintf("CROSSWALK_SALESFORCE_CALLBACK_PORT=%d", port))
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// signIn runs `crosswalk connect` and is the browser for it. What check says after it is not looked at here.
func (w *world) signIn() {
	w.v.t.Helper()
	p := w.start(nil, "connect", "--timeout", "30s")
	w.visit(w.callback(p))
	if o := p.wait(); !strings.Contains(o.stdout, "connected: ") {
		w.v.fatalf("connect: exit code %d: %s", o.code, oneLine(o.said()))
	}
	w.tokensKept()
}

var authorizeURL = regexp.MustCompile(`https?://\S+/services/oauth2/authorize\S+`)

// callback is where the org sends the browser of a sign-in under way: the address that connect tells is asked once.
func (w *world) callback(p *process) string {
	w.v.t.Helper()
	address := ""
	for until := time.Now().Add(20 * time.Second); address == "" && time.Now().Before(until); time.Sleep(pollEvery) {
		address = authorizeURL.FindString(p.stderr.String())
	}
	if address == "" {
		p.kill()
		w.v.fatalf("connect tells no address: %s", oneLine(p.wait().said()))
	}
	answer := w.ask(address)
	location := answer.Header.Get("Location")
	if location == "" {
		p.kill()
		w.v.fatalf("the org answers %s and sends the browser nowhere", answer.Status)
	}
	return location
}

// ask gets an address and follows nothing.
func (w *world) ask(address string) *http.Response {
	w.v.t.Helper()
	ctx, cancel := context.WithTimeout(w.v.t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		w.v.fatalf("browser: %v", err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		w.v.errorf("browser: %v", err)
		return &http.Response{}
	}
	text, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	w.collect(string(text))
	return answer
}

// visit brings the browser back to the callback and on to the page that it shows. It gives the status of the callback.
func (w *world) visit(address string) int {
	w.v.t.Helper()
	answer := w.ask(address)
	if next := answer.Header.Get("Location"); next != "" {
		base, err := url.Parse(address)
		if err != nil {
			w.v.fatalf("browser: %v", err)
		}
		page, err := base.Parse(next)
		if err != nil {
			w.v.fatalf("browser: %v", err)
		}
		w.ask(page.String())
	}
	return answer.StatusCode
}

// connectFaults are those of the browser's part.
var connectFaults = []fault{
	{id: "F017", what: "connect: something comes back with another state", setting: inBrowser, points: []point{
		connectPoint("another state", func(w *world, _ *process, back string) {
			w.refusedVisit(strings.Replace(back, "state=", "state=x", 1))
			w.refusedVisit(regexp.MustCompile(`state=[^&]*`).ReplaceAllString(back, "state="))
			w.refusedVisit(regexp.MustCompile(`&?state=[^&]*`).ReplaceAllString(back, ""))
			w.refusedVisit(back + "&state=second")
		}),
		connectPoint("an error with another state", func(w *world, _ *process, back string) {
			w.refusedVisit(strings.SplitN(back, "?", 2)[0] + "?error=access_denied&state=x")
		}),
		connectPoint("another host's name", func(w *world, _ *process, back string) {
			w.foreignHost(back)
		}),
	}},
	{id: "F018", what: "connect: the verifier does not match, or the code was used before", setting: inBrowser, points: []point{
		{name: "verifier", play: connectThrough(func(form url.Values) { form.Set("code_verifier", strings.Repeat("x", 50)) }, false), want: refused(exitRefused, "sign-in", "invalid_grant", "crosswalk connect")},
		{name: "no verifier", play: connectThrough(func(form url.Values) { form.Del("code_verifier") }, false), want: refused(exitRefused, "sign-in", "invalid", "crosswalk connect")},
		{name: "code used before", play: connectThrough(func(url.Values) {}, true), want: refused(exitRefused, "sign-in", "invalid_grant", "the code was used", "crosswalk connect")},
	}},
	{id: "F019", what: "connect: port busy, a second request, access_denied, nobody comes", setting: inBrowser, points: []point{
		{name: "port busy", play: busyPort, want: refused(exitUsage, "callback_port")},
		connectPoint("a second request", func(*world, *process, string) {}),
		{name: "access_denied", want: refused(exitRefused, "access_denied"), play: func(w *world) outcome {
			w.org.armAs(func(o *fixtures.Options) { o.Consent = fixtures.ConsentDeny })
			p := w.start(nil, "connect", "--timeout", "30s")
			w.visit(w.callback(p))
			o := p.wait()
			w.nobodyListens()
			return o
		}},
		{name: "nobody comes", want: refused(exitRefused, "callback"), after: within(15 * time.Second), play: func(w *world) outcome {
			o := w.crosswalk("connect", "--timeout", "1s")
			if o.took < time.Second {
				w.v.errorf("nobody was waited for: it took %s", o.took)
			}
			w.nobodyListens()
			return o
		}},
	}},
}

// connectPoint is a sign-in that ends well in spite of what comes before the right answer.
func connectPoint(name string, before func(w *world, p *process, back string)) point {
	return point{
		name: name, want: expectation{codes: []int{0, exitUsage, exitRefused, exitUnavailable, exitInput}, silent: true}, // check may find fault
		play: func(w *world) outcome {
			tokens := w.org.now().Calls("token")
			p := w.start(nil, "connect", "--timeout", "30s")
			back := w.callback(p)
			before(w, p, back)
			if now := w.org.now().Calls("token"); now != tokens {
				w.v.errorf("%d token calls for what was not an answer to this sign-in", now-tokens)
			}
			if status := w.visit(back); status >= 400 {
				w.v.errorf("the right answer was refused with %d", status)
			}
			if answer, err := http.Get(back); err == nil { //nolint:noctx // the second request: gone, or refused
				_ = answer.Body.Close()
				if answer.StatusCode < 400 {
					w.v.errorf("a second request is answered with %d", answer.StatusCode)
				}
			}
			o := p.wait()
			if !strings.Contains(o.stdout, "connected: ") {
				w.v.errorf("connect ended with %d: %s", o.code, oneLine(o.stderr))
			}
			w.nobodyListens()
			return o
		},
	}
}

// refusedVisit comes to the callback with something that is no answer to the sign-in.
func (w *world) refusedVisit(address string) {
	w.v.t.Helper()
	if status := w.visit(address); status != http.StatusBadRequest {
		w.v.errorf("answered with %d, want 400", status)
	}
}

// foreignHost comes with the right answer under a name that somebody made point here.
func (w *world) foreignHost(address string) {
	w.v.t.Helper()
	request, err := http.NewRequestWithContext(w.v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		w.v.fatalf("browser: %v", err)
	}
	request.Host = "evil.example"
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.v.errorf("browser: %v", err)
		return
	}
	_ = answer.Body.Close()
	if answer.StatusCode < 400 {
		w.v.errorf("a foreign host name is answered with %d", answer.StatusCode)
	}
}

// nobodyListens holds that the listener of the callback is closed.
func (w *world) nobodyListens() {
	w.v.t.Helper()
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		if connection, err := net.DialTimeout("tcp", host+":"+w.callbackPort(), time.Second); err == nil {
			_ = connection.Close()
			w.v.errorf("%s:%s still listens", host, w.callbackPort())
		}
	}
}

func (w *world) callbackPort() string {
	for _, pair := range w.setting.env {
		if port, ok := strings.CutPrefix(pair, "CROSSWALK_SALESFORCE_CALLBACK_PORT="); ok {
			return port
		}
	}
	return ""
}

// connectThrough signs in through a wire that changes the token request, or sends it twice. The request fits the challenge
// that the browser carried, and one that is refused leaves the tokens of before.
func connectThrough(change func(url.Values), twice bool) func(*world) outcome {
	return func(w *world) outcome {
		var challenge atomic.Value // of the verifier that went out
		w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path != "/services/oauth2/token" {
				next.ServeHTTP(rw, r)
				return
			}
			form := readForm(r)
			digest := sha256.Sum256([]byte(form.Get("code_verifier")))
			challenge.Store(base64.RawURLEncoding.EncodeToString(digest[:]))
			change(form)
			if twice {
				next.ServeHTTP(discard(), withForm(r, form))
			}
			next.ServeHTTP(rw, withForm(r, form))
		})
		kept := string(w.read("state", "tokens", filepath.Base(w.tokenFile())))
		p := w.start(nil, "connect", "--timeout", "30s")
		w.visit(w.callback(p))
		o := p.wait()
		address, err := url.Parse(authorizeURL.FindString(o.stderr))
		w.v.must(err)
		if asked := address.Query(); asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") != challenge.Load() {
			w.v.errorf("challenge %q by %q, the verifier that went out has %q by S256", asked.Get("code_challenge"), asked.Get("code_challenge_method"), challenge.Load())
		}
		if string(w.read("state", "tokens", filepath.Base(w.tokenFile()))) != kept {
			w.v.errorf("a sign-in that was refused changed the tokens")
		}
		w.nobodyListens()
		return o
	}
}

func busyPort(w *world) outcome {
	listener, err := net.Listen("tcp", "127.0.0.1:"+w.callbackPort())
	if err != nil {
		w.v.fatalf("listen: %v", err)
	}
	defer func() { _ = listener.Close() }()
	return w.crosswalk("connect", "--timeout", "10s")
}
