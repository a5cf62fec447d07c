package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crosswalk/fixtures"
)

// desk is a folder with a configuration for a simulated org whose refresh tokens rotate, and somebody signed in.
type desk struct {
	dir    string
	org    *fixtures.Server
	tokens atomic.Int64
	// before takes over the n-th token request, from 1, where it returns true.
	before atomic.Pointer[tokenFault]
}

type tokenFault func(n int64, w http.ResponseWriter, r *http.Request) bool

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/services/oauth2/token" {
		before, n := d.before.Load(), d.tokens.Add(1)
		if before != nil && (*before)(n, w, r) {
			return
		}
	}
	d.org.ServeHTTP(w, r)
}

const deskConfig = `salesforce:
  source: org
  login: web_server
  instance_url: %s
  client_id: %s
  client_secret: %s
  callback_port: %d
erp: {source: {path: erp.csv}, customer_id: customer_id, customer_name: customer_name}
link: [{salesforce: Account.ERP_Customer_ID__c, erp: customer_id}]
`

func newDesk(t *testing.T) *desk {
	t.Helper()
	port := freePort(t)
	org, err := fixtures.NewServer(fixtures.Options{
		Directory: "fixtures/org", RefreshRotation: true, Consent: fixtures.ConsentAllow,
		Redirects: []string{fmt.Sprintf("http://localhost:%d/callback", port)},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{dir: t.TempDir(), org: org}
	server := httptest.NewServer(d)
	t.Cleanup(func() { org.Close(); server.Close() })
	customers, err := os.ReadFile("fixtures/erp/customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(deskConfig, server.URL, fixtures.DefaultClientID, fixtures.DefaultClientSecret, port)
	for name, content := range map[string][]byte{"config.yaml": []byte(text), "erp.csv": customers} {
		if err := os.WriteFile(filepath.Join(d.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, output := d.run(t, "connect", "--timeout", "30s"); code != 0 {
		t.Fatalf("connect: %d\n%s", code, output)
	}
	d.tokens.Store(0)
	return d
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// command is crosswalk in a process of its own: this very binary, under its name.
func (d *desk) command(ctx context.Context, t *testing.T, arguments ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	browser := filepath.Join(d.dir, "browser")
	if err := os.Symlink(binary, browser); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	command := exec.CommandContext(ctx, binary, arguments...)
	command.Args[0] = "crosswalk"
	output := &bytes.Buffer{}
	command.Dir, command.Stdout, command.Stderr = d.dir, output, output
	command.Env = append(os.Environ(), "BROWSER="+browser)
	return command, output
}

// run is a command to its end: its exit code, -1 where it was killed, and what it printed.
func (d *desk) run(t *testing.T, arguments ...string) (int, string) {
	t.Helper()
	command, output := d.command(t.Context(), t, arguments...)
	_ = command.Run() // the state says how it ended
	return command.ProcessState.ExitCode(), output.String()
}

// F007: killed when Salesforce had answered the refresh, the next run ends with 3 and says why, and so does the one after
// it; a sign-in mends it. No refresh token is ever used twice.
func TestKilledAfterTheTokenAnswer(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{false, true} {
		d := newDesk(t)
		command, output := d.command(t.Context(), t, "run", "--run-date", "2026-11-23")
		started := make(chan struct{})
		strike := tokenFault(func(n int64, w http.ResponseWriter, r *http.Request) bool {
			if n > 1 {
				return false
			}
			<-started
			answer := httptest.NewRecorder()
			d.org.ServeHTTP(answer, r)
			if answered {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(answer.Body.Bytes())
				_ = http.NewResponseController(w).Flush()
			}
			_ = command.Process.Kill()
			return true
		})
		d.before.Store(&strike)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		close(started)
		_ = command.Wait() // the state says how it ended
		if code := command.ProcessState.ExitCode(); code != -1 {
			t.Fatalf("exit %d, want a kill\n%s", code, output)
		}
		for range 2 {
			code, text := d.run(t, "run", "--run-date", "2026-11-23")
			lost := code == 3 && strings.Contains(text, "interrupted") && strings.Contains(text, "crosswalk connect")
			if !lost && (code != 0 || !answered) { // an answer that was on its way may have been kept
				t.Errorf("answered %t: exit %d\n%s", answered, code, text)
			}
		}
		if code, text := d.run(t, "connect", "--timeout", "30s"); code != 0 {
			t.Errorf("connect: %d\n%s", code, text)
		}
		if code, text := d.run(t, "run", "--run-date", "2026-11-23"); code != 0 {
			t.Errorf("after it: %d\n%s", code, text)
		}
		if d.org.RefreshReuses() != 0 {
			t.Errorf("answered %t: %d uses of a dead token", answered, d.org.RefreshReuses())
		}
	}
}

// F009: two processes that need a session at once make one refresh.
func TestTwoProcessesRefreshOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wait := tokenFault(func(int64, http.ResponseWriter, *http.Request) bool {
		time.Sleep(2 * time.Second) // the other one has started by then, and waits for the lock
		return false
	})
	d.before.Store(&wait)
	var group sync.WaitGroup
	for range 2 {
		command, output := d.command(t.Context(), t, "check")
		group.Go(func() {
			if err := command.Run(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	group.Wait()
	if d.tokens.Load() != 1 || d.org.RefreshReuses() != 0 {
		t.Errorf("%d refreshes, want 1; %d uses of a dead token", d.tokens.Load(), d.org.RefreshReuses())
	}
}
