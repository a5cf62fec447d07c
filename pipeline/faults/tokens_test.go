package faults

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// tokenFaults are those of the refresh token and of the file that keeps it.
var tokenFaults = []fault{
	{id: "F004", what: "the refresh is answered with invalid_grant", setting: inBrowser, points: []point{
		{name: "expired", before: grantRefused("expired access/refresh token"), want: refused(exitRefused, "invalid_grant", "crosswalk connect"), after: refreshCalls(1)},
		{name: "and again, without asking", want: refused(exitRefused, "crosswalk connect"), after: refreshCalls(0)},
		{name: "another reason, after a new sign-in", before: func(w *world) { w.signIn(); grantRefused("inactive user")(w) }, want: refused(exitRefused, "invalid_grant", "crosswalk connect"), after: refreshCalls(1)},
	}},
	{id: "F006", what: "rotation: every refresh brings a new token and ends the old one", setting: rotating, points: []point{
		rotated("first run"), rotated("second run"), rotated("third run"),
	}},
	{id: "F007", what: "rotation, and SIGKILL when the token has been answered", setting: rotating, loop: killedAtTokenCalls, points: []point{
		{name: "before the answer arrives", play: killedAtToken(false, 0), want: expectation{codes: []int{exitKilled}}, after: thenRefused},
		{name: "when the answer is out", play: killedAtToken(true, 0), want: expectation{codes: []int{exitKilled}}, after: thenHonest},
		{name: "2 ms later", play: killedAtToken(true, 2*time.Millisecond), want: expectation{codes: []int{exitKilled}}, after: thenHonest},
		{name: "10 ms later", play: killedAtToken(true, 10*time.Millisecond), want: expectation{codes: []int{exitKilled}}, after: thenHonest},
		{name: "50 ms later", play: killedAtToken(true, 50*time.Millisecond), want: expectation{codes: []int{exitKilled}}, after: thenHonest},
	}},
	{id: "F008", what: "rotation, and no space to keep the new token", setting: rotating, points: []point{
		fullBefore(),
		{name: "full when the answer comes", before: func(w *world) {
			fill := w.smallTokens()
			filled := false
			w.atToken(func(http.ResponseWriter) { fill(); filled = true })
			w.later(func() {
				if !filled {
					w.v.errorf("the refresh was not asked for: the disk was never full")
				}
			})
		}, want: recovered(), after: neverReused},
		{name: "each fsync fails once", play: fsyncRefused, want: recovered(), after: neverReused},
		{name: "no space for anything once the answer is there", play: neverSaved, want: recovered(), after: neverReused},
	}},
	{id: "F009", what: "two processes refresh at once", setting: rotating, points: []point{{
		name: "run and check", play: func(w *world) outcome {
			var calls atomic.Int64
			w.atToken(func(http.ResponseWriter) { calls.Add(1); time.Sleep(3 * time.Second) }) // both are at it by then
			other := w.start(nil, "check")
			o := w.run()
			if o := other.wait(); o.code != 0 && o.code != exitLocked {
				w.v.errorf("the other process ends with %d, want 0 or 7: %s", o.code, oneLine(o.said()))
			}
			if calls.Load() != 1 {
				w.v.errorf("%d refreshes of two processes, want one", calls.Load())
			}
			return o
		}, want: recoveredOr(exitLocked), after: neverReused,
	}}},
	{id: "F010", what: "the token file is half-written, empty, no JSON", setting: inBrowser, points: []point{
		brokenTokens("half", func(text string) string { return text[:len(text)/2] }), brokenTokens("empty", func(string) string { return "" }),
		brokenTokens("no JSON", func(string) string { return "<html>" }), brokenTokens("another document behind it", func(text string) string { return text + text }),
		brokenTokens("zeros", func(text string) string { return strings.Repeat("\x00", len(text)) }),
	}},
	{id: "F011", what: "the token file is open to others, or somebody else's", setting: inBrowser, points: []point{
		exposedTokens("mode 0644", "chmod 600", func(path string) error { return os.Chmod(path, 0o644) }), exposedTokens("mode 0640", "chmod 600", func(path string) error { return os.Chmod(path, 0o640) }),
		exposedTokens("folder 0755", "chmod 700", func(path string) error { return os.Chmod(filepath.Dir(path), 0o755) }),
		exposedTokens("foreign owner", "chown", givenAway),
	}},
	{id: "F012", what: "the token file is a symbolic link", setting: inBrowser, points: []point{
		exposedTokens("file", "link", func(path string) error { return linked(path) }), exposedTokens("folder", "link", func(path string) error { return linked(filepath.Dir(path)) }),
		exposedTokens("FIFO", "", func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return syscall.Mkfifo(path, 0o600)
		}),
	}},
}

// givenAway makes a file somebody else's. Who may not give one away, in a namespace where nobody else is known, has a file
// of the system's stand there: one that is closed to others as well.
func givenAway(path string) error {
	if os.Chown(path, 12345, -1) == nil {
		return nil
	}
	return syscall.Mount("/proc/sys/fs/protected_hardlinks", path, "", syscall.MS_BIND, "")
}

func linked(path string) error {
	aside := filepath.Join(filepath.Dir(path), "..", "..", filepath.Base(path)+".real") // outside of state, whose files are searched
	if filepath.Base(path) == "tokens" {
		aside = filepath.Join(filepath.Dir(path), "..", "tokens.real")
	}
	if err := os.Rename(path, aside); err != nil {
		return err
	}
	return os.Symlink(aside, path)
}

// tokenFile is where the tokens are; there is one sign-in in a world.
func (w *world) tokenFile() string {
	w.v.t.Helper()
	found, err := filepath.Glob(filepath.Join(w.state(), "tokens", "*.json"))
	if err != nil || len(found) != 1 {
		w.v.fatalf("I9: token files: %v %v", found, err)
	}
	return found[0]
}

// tokensKept is I9, in a world with a sign-in through the browser.
func (w *world) tokensKept() {
	w.v.t.Helper()
	if w.setting.login != "web_server" {
		return
	}
	path := w.tokenFile()
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Lstat(name); err != nil || info.Mode() != want {
			w.v.errorf("I9: %s: want mode %s (%v)", filepath.Base(name), want, err)
		}
	}
	var kept struct {
		RefreshToken string `json:"refresh_token"`
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.RefreshToken == "" {
		w.v.errorf("I9: the token file of %d bytes cannot be read", len(text))
	} else if kept.RefreshToken != w.org.newest() {
		w.v.errorf("I9: the token file has not the newest refresh token")
	}
}

// neverReused holds that no refresh token was sent twice.
func neverReused(w *world, _ outcome) {
	if reuses := w.org.healthy.RefreshReuses(); reuses != 0 {
		w.v.errorf("a used refresh token was sent again, %d times", reuses)
	}
}

// atToken does something before the token endpoint answers; the refresh itself is done then.
func (w *world) atToken(first func(http.ResponseWriter)) {
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/services/oauth2/token" {
			next.ServeHTTP(rw, r)
			return
		}
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		first(rw)
		for name, values := range kept.Header() {
			rw.Header()[name] = values
		}
		rw.WriteHeader(kept.Code)
		_, _ = rw.Write(kept.Body.Bytes())
		_ = http.NewResponseController(rw).Flush()
	})
}

func grantRefused(description string) func(*world) {
	return func(w *world) {
		w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path != "/services/oauth2/token" {
				next.ServeHTTP(rw, r)
				return
			}
			w.org.refused.Add(1)
			rw.Header().Set("Content-Type", "application/json")
			rw.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(rw, `{"error":"invalid_grant","error_description":`+quoteJSON(description)+`}`)
		})
	}
}

// refreshCalls holds how often the token endpoint said no since the last time.
func refreshCalls(want int64) func(*world, outcome) {
	return func(w *world, _ outcome) {
		if got := w.org.refused.Swap(0); got != want {
			w.v.errorf("%d token calls, want %d", got, want)
		}
	}
}

// killedAtToken kills the run once the org has done the refresh: before its answer is sent, or so long after it.
func killedAtToken(answered bool, later time.Duration) func(*world) outcome {
	return func(w *world) outcome {
		running := make(chan *process, 1)
		w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path != "/services/oauth2/token" {
				next.ServeHTTP(rw, r)
				return
			}
			kept := httptest.NewRecorder()
			next.ServeHTTP(kept, r)
			p := <-running
			if answered {
				rw.Header().Set("Content-Type", "application/json")
				_, _ = rw.Write(kept.Body.Bytes())
				_ = http.NewResponseController(rw).Flush()
				time.Sleep(later)
			}
			p.kill()
		})
		p := w.start(nil, "run", "--run-date", faultDate)
		running <- p
		return p.wait()
	}
}

// thenRefused is the run after one that died with the only copy of the token: it says so and asks nobody.
func thenRefused(w *world, _ outcome) {
	w.org.heal()
	calls := w.org.now().Calls("token")
	o := w.run()
	if o.code != exitRefused || !strings.Contains(o.stderr, "crosswalk connect") {
		w.v.errorf("the next run ends with %d, want 3 and the way out: %s", o.code, oneLine(o.stderr))
	}
	if now := w.org.now().Calls("token"); now != calls {
		w.v.errorf("the next run sent a token whose fate it does not know")
	}
	neverReused(w, o)
	w.signIn()
}

// thenHonest is the run after one that died around the save: it goes on with the new token, or says that it is lost.
func thenHonest(w *world, _ outcome) {
	w.org.heal()
	o := w.run()
	if o.code != 0 && o.code != exitRefused {
		w.v.errorf("the next run ends with %d, want 0 or 3: %s", o.code, oneLine(o.stderr))
	}
	neverReused(w, o)
	if o.code != 0 {
		w.signIn()
	}
}

// smallTokens puts the tokens on a file system of 1 MB. The function that it gives fills that to the last byte.
func (w *world) smallTokens() (fill func()) {
	w.v.t.Helper()
	folder := filepath.Dir(w.tokenFile())
	text, err := os.ReadFile(w.tokenFile())
	if err != nil {
		w.v.fatalf("tokens: %v", err)
	}
	name := filepath.Base(w.tokenFile())
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		w.v.fatalf("a full disk needs root to be made: mount: %v", err)
	}
	write(w.v.t, filepath.Join(folder, name), text, 0o600)
	w.later(func() {
		_ = os.Remove(filepath.Join(folder, "filler"))
		if o := w.run(); o.code != 0 && (o.code != exitRefused || !strings.Contains(o.stderr, "crosswalk connect")) {
			w.v.errorf("with space again, the next run ends with %d: %s", o.code, oneLine(o.stderr))
		}
		neverReused(w, outcome{})
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			w.v.errorf("unmount: %v", err)
		}
		w.signIn() // what was on that disk is gone with it
	})
	return func() {
		filler, err := os.Create(filepath.Join(folder, "filler"))
		if err != nil {
			return
		}
		defer func() { _ = filler.Close() }()
		for block := make([]byte, 4096); err == nil; {
			_, err = filler.Write(block)
		}
	}
}

func (w *world) fillTokens() { w.smallTokens()() }

func brokenTokens(name string, damage func(string) string) point {
	var damaged, whole, path string
	return point{
		name: name, want: refused(exitRefused, "crosswalk connect"),
		before: func(w *world) {
			path = w.tokenFile()
			text, err := os.ReadFile(path)
			if err != nil {
				w.v.fatalf("tokens: %v", err)
			}
			whole = string(text)
			damaged = damage(whole)
			write(w.v.t, path, []byte(damaged), 0o600)
			w.later(func() { write(w.v.t, path, []byte(whole), 0o600) })
		},
		after: func(w *world, _ outcome) {
			files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
			for _, file := range files {
				if text, err := os.ReadFile(file); err == nil && string(text) == damaged && (damaged != "" || file != path) && !strings.HasSuffix(file, ".lock") {
					_ = os.Remove(file)
					return
				}
			}
			w.v.errorf("the damaged file was not kept: %v", files)
		},
	}
}

func exposedTokens(name, says string, expose func(path string) error) point {
	return point{
		name: name, want: refused(exitUsage, says),
		before: func(w *world) {
			path := w.tokenFile()
			text, err := os.ReadFile(path)
			if err == nil {
				err = expose(path)
			}
			if err != nil {
				w.v.fatalf("tokens: %v", err)
			}
			folder := filepath.Dir(path)
			w.later(func() {
				_ = syscall.Unmount(path, syscall.MNT_DETACH) // where another file stands there
				_ = os.Remove(folder)                         // where it became a link
				_ = os.RemoveAll(filepath.Join(w.dir, "tokens.real"))
				_ = os.RemoveAll(folder)
				if err := os.Mkdir(folder, 0o700); err != nil {
					w.v.errorf("tokens: %v", err)
				}
				write(w.v.t, path, text, 0o600)
			})
		},
	}
}

func readForm(r *http.Request) url.Values {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	return form
}

func withForm(r *http.Request, form url.Values) *http.Request {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(strings.NewReader(form.Encode()))
	again.ContentLength = int64(len(form.Encode()))
	return again
}

func discard() http.ResponseWriter { return httptest.NewRecorder() }
