package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"crosswalk/fixtures"
)

// TestBury: what a run leaves whose process died is closed and swept by the one that watched it, and by nobody else.
func TestBury(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		process int
		held    bool // another run has begun
		closed  bool
	}{
		{"the process that held the lock", os.Getpid(), false, true},
		{"another process", 1, false, false},
		{"a run that has begun since sweeps it itself", os.Getpid(), true, false},
	} {
		o := newOrg(t, small, fixtures.Options{})
		dead, err := begin(t.Context(), o.config, Options{RunDate: "2026-11-23", Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		dead.progress.stop()
		if err := dead.locks.release(); err != nil { // as the kernel does
			t.Fatal(err)
		}
		if c.held {
			held, err := lockFolders(t.Context(), dead.record.RunID, o.config.Output.Directory)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = held.release() }()
		}
		if stands, err := Bury(t.Context(), o.config, c.process, &CrashError{How: "SIGSEGV"}); err != nil || stands {
			t.Errorf("%s: stands %t, %v", c.why, stands, err)
		}
		text, err := os.ReadFile(dead.record.path)
		if err != nil {
			t.Fatal(err)
		}
		if closed := strings.Contains(string(text), `"outcome": "failed"`) && strings.Contains(string(text), `"exit_code": 1`) && strings.Contains(string(text), "SIGSEGV"); closed != c.closed {
			t.Errorf("%s: the record is closed: %v, want %v: %s", c.why, closed, c.closed, text)
		}
		for _, folder := range []string{dead.staging, dead.work} {
			if _, err := os.Lstat(folder); errors.Is(err, os.ErrNotExist) != c.closed {
				t.Errorf("%s: %s: %v, want it gone: %v", c.why, filepath.Base(folder), err, c.closed)
			}
		}
	}
	for _, note := range []string{"", "run x", "run ../../etc/passwd, process 1", "run x, process y"} {
		if id, process := readNote(note); id != "" || process != 0 {
			t.Errorf("%q was read as run %q of process %d", note, id, process)
		}
	}
}

// TestBuryWaitsForNobody: a pipe in the place of the lock or of the record is nothing that a dead run left, and is not
// waited for.
func TestBuryWaitsForNobody(t *testing.T) {
	t.Parallel()
	for _, why := range []string{"lock", "record"} {
		o := newOrg(t, tiny, fixtures.Options{})
		if _, err := o.run(t, Options{}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(o.config.State.Directory, lockFile)
		if why == "record" {
			path = recordPath(o.config.State.Directory, o.lastRecord(t).RunID)
		}
		if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
			t.Fatal(err)
		}
		buried := make(chan error, 1)
		go func() {
			_, err := Bury(t.Context(), o.config, os.Getpid(), &MemoryError{Killed: true})
			buried <- err
		}()
		select {
		case err := <-buried:
			if refused := err != nil; refused != (why == "record") {
				t.Errorf("%s: %v", why, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: the pipe is waited for", why)
		}
	}
}

// TestBuryPublished: a run that had published when its process died is no failed run, whatever it died of, unless what
// stands there is another one's or does not hold.
func TestBuryPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		harm   func(t *testing.T, o *org)
		stands bool
	}{
		{"as it published", func(*testing.T, *org) {}, true},
		{"a file is gone", func(t *testing.T, o *org) {
			if err := os.Remove(filepath.Join(o.config.Output.Directory, "run_date=2026-11-23", "links.csv")); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"nothing is published", func(t *testing.T, o *org) {
			if err := os.RemoveAll(o.config.Output.Directory); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		o := newOrg(t, tiny, fixtures.Options{})
		if _, err := o.run(t, Options{}); err != nil {
			t.Fatal(err)
		}
		died := o.lastRecord(t)
		died.path, died.Outcome, died.ExitCode, died.EndedAt = recordPath(o.config.State.Directory, died.RunID), outcomeRunning, nil, nil
		if err := died.save(); err != nil {
			t.Fatal(err)
		}
		c.harm(t, o)
		stands, err := Bury(t.Context(), o.config, os.Getpid(), &MemoryError{Killed: true})
		if err != nil || stands != c.stands {
			t.Errorf("%s: stands %t, %v", c.why, stands, err)
		}
		want, code := "failed", 8
		if c.stands {
			want, code = "published", 0
		}
		if record := o.lastRecord(t); record.Outcome != want || record.ExitCode == nil || *record.ExitCode != code {
			t.Errorf("%s: the record says %s", c.why, record.Outcome)
		}
	}
}
