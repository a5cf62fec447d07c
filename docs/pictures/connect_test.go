package pictures

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// address is where connect sends the person.
const address = `(http://\S+/services/oauth2/authorize\?\S+)`

// TestConnect is the guide from its sign-in on, on an org that rotates refresh tokens.
func TestConnect(t *testing.T) {
	m, b := newMachine(t), openBrowser(t)
	m.serve("--rotate-refresh-tokens", "--view-setup")

	connecting := m.start("connect")
	b.do(chromedp.Navigate(connecting.find(address)), chromedp.WaitVisible(chromedp.CSS("#allow")))
	b.must("Allow access?", "Manage user data via APIs (api)", "Perform requests at any time (refresh_token, offline_access)", "integration@crosswalk.example")
	b.picture("consent", "")
	b.do(chromedp.Click(chromedp.CSS("#allow")), chromedp.WaitVisible(chromedp.CSS("main.good")))
	b.must("Connected", "You can close this page")
	b.picture("connected", "")
	if code := connecting.wait(); code != 0 {
		t.Fatalf("connect: exit %d\n%s", code, connecting.text())
	}
	pageHoldsNoCode(t, b)

	tokensAreClosed(t, m)
	allPass(t, m)
	m.picture(b, "check", "check")
	m.mustRun("run", "--run-date", "2026-11-23")
	m.mustRun("run", "--run-date", "2026-11-24")
	m.mustRun("verify")
	noTokenTwice(t, m)

	m.mustRun("disconnect")
	if left := tokenFiles(t, m); len(left) > 0 {
		t.Errorf("disconnect left %v", left)
	}
	if _, stderr, code := m.run("run", "--run-date", "2026-11-25"); code != 3 || !strings.Contains(stderr, "crosswalk connect") {
		t.Errorf("run after disconnect: exit %d\n%s", code, stderr)
	}
}

// pageHoldsNoCode looks where somebody could find the code later: in the page, its address, and what it asked for.
func pageHoldsNoCode(t *testing.T, b *browser) {
	t.Helper()
	html := ask(b, chromedp.OuterHTML(chromedp.CSS("html")))
	if strings.Contains(html, "aPrx") || strings.Contains(html, "00D") {
		t.Errorf("the page holds a code or a token:\n%s", html)
	}
	history := ask(b, chromedp.NavigationEntries())
	for _, entry := range history.Entries {
		if strings.Contains(entry.URL, "code=") {
			t.Errorf("the history keeps the code: %s", entry.URL)
		}
	}
	if asked := ask(b, chromedp.Evaluate[int](`performance.getEntriesByType("resource").filter(e => e.name.startsWith("http") && !e.name.endsWith("/favicon.ico")).length`)); asked != 0 {
		t.Errorf("the page asked for %d things", asked)
	}
}

// tokenFiles are what the token store keeps.
func tokenFiles(t *testing.T, m *machine) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(m.folder, "state/tokens/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// tokensAreClosed holds modes: nobody else may read the tokens or enter their folder.
func tokensAreClosed(t *testing.T, m *machine) {
	t.Helper()
	files := tokenFiles(t, m)
	if len(files) != 1 {
		t.Fatalf("token files: %v", files)
	}
	for path, want := range map[string]fs.FileMode{files[0]: 0o600, filepath.Dir(files[0]): fs.ModeDir | 0o700} {
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v %v, want %v", path, info.Mode(), err, want)
		}
	}
}

// checklist is what `crosswalk check --format json` says.
type checklist struct {
	Outcome string `json:"outcome"`
	Items   []struct {
		ID      string `json:"id"`
		Outcome string `json:"outcome"`
		Detail  string `json:"detail"`
		Section string `json:"section"`
	} `json:"items"`
}

// allPass runs the check, and sees that the guide has the section that each item names.
func allPass(t *testing.T, m *machine) {
	t.Helper()
	var list checklist
	if err := json.Unmarshal([]byte(m.mustRun("check", "--format", "json")), &list); err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../setup.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range list.Items {
		if item.Outcome != "pass" {
			t.Errorf("%s: %s: %s", item.ID, item.Outcome, item.Detail)
		}
		_, anchor, _ := strings.Cut(item.Section, "#")
		if !strings.Contains(string(guide), `<a id="`+anchor+`"></a>`) || !strings.Contains(string(guide), "**Proved by** `"+item.ID+"`") {
			t.Errorf("the guide has no step for %s", item.ID)
		}
	}
	if len(list.Items) != strings.Count(string(guide), "**Proved by**") || list.Outcome != "pass" {
		t.Errorf("%d items, outcome %s", len(list.Items), list.Outcome)
	}
}

// noTokenTwice reads the org's log: every question at the token endpoint was answered well, so no used refresh token
// came back, for that ends in a refusal under rotation.
func noTokenTwice(t *testing.T, m *machine) {
	t.Helper()
	asked := 0
	for line := range strings.Lines(m.read("requests")) {
		if !strings.Contains(line, `"kind":"token"`) {
			continue
		}
		asked++
		if !strings.Contains(line, `"status":200`) {
			t.Errorf("refused: %s", line)
		}
	}
	if asked < 4 { // connect, check, and two runs
		t.Errorf("the log has %d questions for a token; the test no longer reads it", asked)
	}
}

// TestDeny presses the other button.
func TestDeny(t *testing.T) {
	m, b := newMachine(t), openBrowser(t)
	m.serve()
	connecting := m.start("connect")
	b.do(chromedp.Navigate(connecting.find(address)), chromedp.Click(chromedp.CSS("#deny")), chromedp.WaitVisible(chromedp.CSS("main.bad")))
	b.must("Not connected", "end-user denied authorization")
	if code := connecting.wait(); code != 3 || !strings.Contains(connecting.text(), "access_denied") {
		t.Errorf("connect: exit %d\n%s", code, connecting.text())
	}
	if left := tokenFiles(t, m); len(left) > 0 {
		t.Errorf("tokens of a sign-in that was denied: %v", left)
	}
}

// TestRefusals are what the org says of itself: some of it never comes back, so connect ends by its own patience.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ consent, page, terminal, why string }{
		{"blocked", "this app is blocked by admin", "OAUTH_APP_BLOCKED", "blocked by policy"},
		{"not_installed", "app must be installed into org", "is not installed in this org", "the browser stays at the org"},
	} {
		t.Run(c.consent, func(t *testing.T) {
			m, b := newMachine(t), openBrowser(t)
			m.serve("--consent", c.consent)
			connecting := m.start("connect", "--timeout", "10s")
			b.do(chromedp.Navigate(connecting.find(address)), chromedp.WaitVisible(chromedp.CSS("main")))
			b.must(c.page)
			if code := connecting.wait(); code != 3 || !strings.Contains(connecting.text(), c.terminal) {
				t.Errorf("%s: exit %d\n%s", c.why, code, connecting.text())
			}
		})
	}
}

// TestPaste is the sign-in of a machine without a browser: the browser is elsewhere, and nothing listens for it.
func TestPaste(t *testing.T) {
	m, b := newMachine(t), openBrowser(t)
	m.serve()
	connecting := m.start("connect", "--no-browser")
	b.do(chromedp.Navigate(connecting.find(address)), chromedp.Click(chromedp.CSS("#allow")))
	connecting.enter(b.endedAt(`^http://localhost:\d+/callback\?`))
	if code := connecting.wait(); code != 0 {
		t.Errorf("connect: exit %d\n%s", code, connecting.text())
	}
	tokensAreClosed(t, m)
}
