package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"crosswalk/fixtures"

	"github.com/google/go-cmp/cmp"
)

// stopper is a log that stops the run at a line.
type stopper struct {
	slog.Handler
	at   string // in the line and its attributes
	stop func()

	mutex *sync.Mutex
	lines *strings.Builder
}

// Enabled takes every line.
func (s stopper) Enabled(context.Context, slog.Level) bool { return true }

// Handle keeps the line.
func (s stopper) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	s.mutex.Lock()
	s.lines.WriteString(line + "\n")
	s.mutex.Unlock()
	if s.at != "" && strings.Contains(line, s.at) {
		s.stop()
	}
	return nil
}

// runUntil runs and is told to stop where the log comes to a line; "" is never. It returns the log.
func (o *org) runUntil(t *testing.T, at string, options Options) (string, error) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	log := stopper{at: at, mutex: &sync.Mutex{}, lines: &strings.Builder{}, stop: func() {
		cancel(&InterruptedError{Name: "SIGTERM", Signal: int(syscall.SIGTERM)})
	}}
	if options.RunDate == "" {
		options.RunDate = "2026-11-23"
	}
	if options.Version == "" {
		options.Version = "test"
	}
	options.Logger = slog.New(log)
	_, err := Run(ctx, o.config, options)
	return log.lines.String(), err
}

// TestTakenUp stops a run at a step and holds how much the next one asks for.
func TestTakenUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, at string
		change  func(*org)
		options Options
		takenUp bool
		pages   bool // are asked for again
	}{
		{why: "stopped after everything was staged", at: "stage done stage=extract", takenUp: true},
		{why: "stopped after it was linked", at: "stage done stage=link", takenUp: true},
		{why: "the ERP file is another one by now", at: "stage done stage=extract", takenUp: true, change: func(o *org) {
			_ = os.WriteFile(filepath.Join(o.dir, "customers.csv"), []byte("customer_id,customer_name,credit_limit\nX1,Only One,1.00\n"), 0o600)
		}},
		{why: "--fresh", at: "stage done stage=extract", options: Options{Fresh: true}, pages: true},
		{why: "another version of crosswalk", at: "stage done stage=extract", options: Options{Version: "newer"}, pages: true},
		{why: "another date", at: "stage done stage=extract", options: Options{RunDate: "2026-11-24"}, pages: true},
		{why: "another query", at: "stage done stage=extract", takenUp: true, pages: true, change: func(o *org) {
			o.config.Salesforce.Objects[objectContact] = ObjectConfig{Fields: []string{"LastName"}}
		}},
		{why: "another API", at: "stage done stage=extract", takenUp: true, pages: true, change: func(o *org) { o.config.Salesforce.API = "rest" }},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			calls := &pageCount{}
			o := newOrg(t, small, fixtures.Options{BulkPage: 500, Log: calls})
			o.config.Salesforce.API = "bulk"
			var interrupted *InterruptedError
			if _, err := o.runUntil(t, c.at, Options{}); !errors.As(err, &interrupted) {
				t.Fatalf("the first run ended with %v", err)
			}
			before := calls.count()
			if before != 2+6 {
				t.Errorf("%d pages of the first run, want 8", before)
			}
			if c.change != nil {
				c.change(o)
			}
			log, err := o.runUntil(t, "", c.options)
			if err != nil {
				t.Fatal(err)
			}
			if told := strings.Contains(log, "run taken up"); told != c.takenUp {
				t.Errorf("taken up %t, want %t: %s", told, c.takenUp, log)
			}
			if again := calls.count() - before; (again > 0) != c.pages {
				t.Errorf("%d pages were asked for, want some: %t", again, c.pages)
			}
			date := c.options.RunDate
			if date == "" {
				date = "2026-11-23"
			}
			published := o.hashes(t, date)
			version := c.options.Version
			if _, err := o.runUntil(t, "", Options{Fresh: true, RunDate: date, Version: version}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(o.hashes(t, date), published); diff != "" {
				t.Errorf("undisturbed -, taken up +\n%s", diff)
			}
			left, _ := filepath.Glob(filepath.Join(o.config.State.Directory, "stages", "*", "journal*"))
			hidden, _ := filepath.Glob(filepath.Join(o.config.State.Directory, "stages", ".*"))
			if date == "2026-11-23" && len(left)+len(hidden) > 0 {
				t.Errorf("left behind: %v %v", left, hidden)
			}
		})
	}
}

// pageCount counts pages of rows, of both APIs, in the log of the simulator.
type pageCount struct {
	mutex sync.Mutex
	pages int
}

// Write takes a line.
func (p *pageCount) Write(line []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	text := string(line)
	if strings.Contains(text, `"kind":"results"`) || strings.Contains(text, `"kind":"query`) && !strings.Contains(text, "COUNT") {
		p.pages++
	}
	return len(line), nil
}

func (p *pageCount) count() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.pages
}

func TestFreshReplayContradict(t *testing.T) {
	t.Parallel()
	_, err := (&org{config: &Config{}}).run(t, Options{Fresh: true, Replay: true})
	if ExitCode(err) != 2 {
		t.Errorf("%v ends with %d, want 2", err, ExitCode(err))
	}
}

// TestOutageBeforeAnyRow: a run that gives up before it has staged anything leaves to the next one what was staged whole.
func TestOutageBeforeAnyRow(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"versions", "describe"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			calls := &pageCount{}
			spent := denied(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
			first := map[string]int{"versions": 1, "describe": 2}[kind] // calls of the first run
			o := newOrg(t, small, fixtures.Options{BulkPage: 500, Log: calls, Faults: []fixtures.Fault{{Match: fixtures.Match{Kind: kind, Nth: first + 1}, Do: spent}}})
			o.config.Salesforce.API = "bulk"
			if _, err := o.runUntil(t, "stage done stage=link", Options{}); !interrupted(err) {
				t.Fatalf("the first run ended with %v", err)
			}
			before := calls.count()
			if _, err := o.runUntil(t, "", Options{}); ExitCode(err) != 4 {
				t.Fatalf("the second run ended with %v, want an outage", err)
			}
			log, err := o.runUntil(t, "", Options{})
			if err != nil || !strings.Contains(log, "run taken up") || calls.count() != before {
				t.Errorf("%d pages were asked for again, %v: %s", calls.count()-before, err, log)
			}
		})
	}
}
