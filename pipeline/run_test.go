package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crosswalk/fixtures"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// org is a simulated org and the ERP that goes with it, and a configuration that points at both.
type org struct {
	dir       string
	config    *Config
	simulated *fixtures.Server
}

const testConfig = `salesforce:
  source: org
  instance_url: URL
  client_id: ` + fixtures.DefaultClientID + `
  client_secret: ` + fixtures.DefaultClientSecret + `
erp:
  source: {path: customers.csv}
  customer_id: customer_id
  customer_name: customer_name
  types: {credit_limit: "decimal(18,2)"}
link:
  - salesforce: Account.ERP_Customer_ID__c
    erp: customer_id
limits: {memory: 512MiB, threads: 2}
`

// newOrg serves an org for the length of the test.
func newOrg(t *testing.T, generator fixtures.Generator, options fixtures.Options) *org {
	t.Helper()
	options.Generate = &generator
	simulated, err := fixtures.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(simulated)
	t.Cleanup(func() { server.Close(); simulated.Close() })
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "customers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(generator.WriteCustomers(file), file.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(testConfig, "URL", server.URL, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := ReadConfig(path, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return &org{dir: dir, config: config, simulated: simulated}
}

func (o *org) run(t *testing.T, options Options) (*Summary, error) {
	t.Helper()
	if options.RunDate == "" {
		options.RunDate = "2026-11-23"
	}
	options.Version = "test"
	options.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	return Run(t.Context(), o.config, options)
}

// hashes are the files of a publication, but for the manifest, which has times.
func (o *org) hashes(t *testing.T, date string) map[string]string {
	t.Helper()
	dir := filepath.Join(o.config.Output.Directory, partitionPrefix+date)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, entry := range entries {
		if entry.Name() == manifestFile {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		found[entry.Name()] = hex.EncodeToString(sum[:])
	}
	return found
}

var small = fixtures.Generator{Seed: 3, Accounts: 900, Contacts: 3_000, Customers: 700}

func TestRunIsWhole(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{BulkPage: 500})
	summary, err := o.run(t, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := summary.Manifest
	if len(m.Inputs.Salesforce) != 2 || m.Inputs.ERP.Rows == 0 || len(m.Outputs) < 12 {
		t.Fatalf("manifest has %d objects, %d ERP rows, %d outputs", len(m.Inputs.Salesforce), m.Inputs.ERP.Rows, len(m.Outputs))
	}
	for _, query := range m.Inputs.Salesforce {
		want := map[string]int64{"Account": small.Accounts, "Contact": small.Contacts}[query.Object]
		if query.CountQuery != want || query.Announced != want || query.Received != want || query.Staged != want {
			t.Errorf("%s: counted %d, announced %d, received %d, staged %d; the org has %d", query.Object, query.CountQuery, query.Announced, query.Received, query.Staged, want)
		}
		if wantAPI := map[string]string{"Account": "rest", "Contact": "bulk"}[query.Object]; query.API != wantAPI {
			t.Errorf("%s came by %s, want %s: more than 2,000 rows go by Bulk", query.Object, query.API, wantAPI)
		}
	}
	for _, check := range m.Checks {
		if !check.Holds {
			t.Errorf("published though a count disagrees: %+v", check)
		}
	}
	if linked := linkedCustomers(m.Accounting); linked == 0 || m.Accounting.Contacts["published"] == 0 {
		t.Errorf("%d customers linked, %d contacts published: the test links nothing", linked, m.Accounting.Contacts["published"])
	}
	if _, _, err := Verify(t.Context(), o.config, "2026-11-23"); err != nil {
		t.Error(err)
	}
}

// F138: equal inputs give equal bytes, at any number of threads and whatever the pages.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	var want map[string]string
	for _, variant := range []struct {
		why     string
		threads int
		options fixtures.Options
	}{
		{"one thread, pages of 700", 1, fixtures.Options{BulkPage: 700}},
		{"two threads, pages of 301", 2, fixtures.Options{BulkPage: 301}},
		{"eight threads, the locator chain", 8, fixtures.Options{BulkPage: 500, NoResultPages: true}},
	} {
		o := newOrg(t, small, variant.options)
		o.config.Limits.Threads = variant.threads
		if _, err := o.run(t, Options{}); err != nil {
			t.Fatal(err)
		}
		got := o.hashes(t, "2026-11-23")
		if want == nil {
			want = got
		}
		for name, hash := range want {
			if got[name] != hash {
				t.Errorf("%s: %s differs", variant.why, name)
			}
		}
	}
}

// A row that the server loses, repeats or announces wrongly is never published short or long.
func TestNeverPublishedShort(t *testing.T) {
	t.Parallel()
	cases := []struct {
		id, fault string
		code      []int // any of these, 0 where it is recovered
	}{
		{"F031", `{"match": {"kind": "results"}, "do": {"cut_rows": 100, "end": "close"}}`, []int{0}},
		{"F044 once", `{"match": {"kind": "results"}, "do": {"drop_row": 7}}`, []int{0}},
		{"F044 always", `{"match": {"kind": "results", "times": -1}, "do": {"drop_row": 7}}`, []int{4}},
		{"F045", `{"match": {"kind": "results", "times": -1}, "do": {"repeat_row": 7}}`, []int{4}},
	}
	for _, c := range cases {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			faults := filepath.Join(t.TempDir(), "faults.json")
			if err := os.WriteFile(faults, []byte("["+c.fault+"]"), 0o600); err != nil {
				t.Fatal(err)
			}
			scripted, err := fixtures.ReadFaults(faults)
			if err != nil {
				t.Fatal(err)
			}
			o := newOrg(t, small, fixtures.Options{BulkPage: 500, Faults: scripted})
			summary, err := o.run(t, Options{})
			if !slices.Contains(c.code, ExitCode(err)) {
				t.Fatalf("exit code %d (%v), want one of %v", ExitCode(err), err, c.code)
			}
			if err == nil && summary.Manifest.Accounting.Contacts["total"] == 0 {
				t.Error("published without contacts")
			}
			dates, listErr := datesIn(o.config.Output.Directory)
			if listErr != nil || (err != nil && len(dates) != 0) {
				t.Errorf("failed and yet %v stand published (%v)", dates, listErr)
			}
		})
	}
}

func TestRunRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	published := o.hashes(t, "2026-11-23")
	cases := []struct {
		why   string
		harm  func(*Config)
		code  int
		names string
	}{
		{"a wrong secret", func(c *Config) { c.Salesforce.ClientSecret = "wrong" }, 3, "invalid"},
		{"a field that does not exist", func(c *Config) {
			c.Salesforce.Objects = map[string]ObjectConfig{"Account": {Fields: []string{"Nmae"}}, "Contact": {}}
		}, 2, "Account.Nmae"},
		{"an input that is not there", func(c *Config) { c.ERP.Source.Path = filepath.Join(o.dir, "gone.csv") }, 5, "gone.csv"},
		{"a link rate that is not reached", func(c *Config) { c.Guards.MinLinkRate = 0.999 }, 6, "min_link_rate"},
		{"nobody at home", func(c *Config) {
			c.Salesforce.InstanceURL = "http://127.0.0.1:1"
			c.Limits.Deadline = 300 * time.Millisecond
		}, 4, ""},
	}
	for _, c := range cases {
		config := *o.config
		c.harm(&config)
		_, err := Run(t.Context(), &config, Options{RunDate: "2026-11-24", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if ExitCode(err) != c.code || !strings.Contains(err.Error(), c.names) || Hint(err) == "" {
			t.Errorf("%s: exit code %d, hint %q: %v; want code %d naming %q, with a hint", c.why, ExitCode(err), Hint(err), err, c.code, c.names)
		}
		if now := o.hashes(t, "2026-11-23"); !mapsEqual(now, published) {
			t.Errorf("%s: the last publication changed", c.why)
		}
		if left, _ := filepath.Glob(filepath.Join(o.config.Output.Directory, ".staging*")); len(left) != 0 {
			t.Errorf("%s: left %v behind", c.why, left)
		}
	}
}

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for key, value := range a {
		if b[key] != value {
			return false
		}
	}
	return true
}

func TestForcePublishesPastGuards(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	o.config.Guards.MinLinkRate = 0.999
	summary, err := o.run(t, Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	guard := summary.Manifest.Guards[0]
	if !guard.Tripped || !guard.Forced {
		t.Errorf("the manifest says %+v, want tripped and forced", guard)
	}
}

func TestOverlappingRuns(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	held, err := lockFolders(t.Context(), "other", o.config.State.Directory, o.config.Output.Directory)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.release() }()
	_, err = o.run(t, Options{})
	var locked *LockedError
	if !errors.As(err, &locked) || locked.ExitCode() != 7 || !strings.Contains(err.Error(), "run other") {
		t.Errorf("the second run ended with %v, want *LockedError naming the first", err)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{JobDelay: time.Hour})
	ctx, cancel := context.WithCancelCause(t.Context())
	timer := time.AfterFunc(300*time.Millisecond, func() { cancel(&InterruptedError{Name: "SIGTERM", Signal: 15}) })
	defer timer.Stop()
	started := time.Now()
	_, err := Run(ctx, o.config, Options{RunDate: "2026-11-23", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if ExitCode(err) != 143 || time.Since(started) > 5*time.Second {
		t.Errorf("ended with %d (%v) after %s, want 143 within 5 s", ExitCode(err), err, time.Since(started))
	}
}

// TestRecordOfRefused: a run that could not begin says so in its record.
func TestRecordOfRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	foreign := filepath.Join(o.config.Output.Directory, "run_date=2026-11-23")
	if err := errors.Join(os.MkdirAll(foreign, 0o700), os.WriteFile(filepath.Join(foreign, "notes.txt"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.run(t, Options{}); ExitCode(err) != 8 {
		t.Fatalf("a folder of somebody else: %v", err)
	}
	if record := o.lastRecord(t); record.Outcome != "failed" || record.ExitCode == nil || *record.ExitCode != 8 || record.Hint == "" {
		t.Errorf("the record is %+v", record)
	}
}

// TestRecordOfPanic: nobody may read that a run published which only panicked. Its record is closed by who watches it.
func TestRecordOfPanic(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	calls := 0
	func() {
		defer func() { _ = recover() }()
		_, err := o.run(t, Options{Now: func() time.Time {
			if calls++; calls > 1 {
				panic("a bug")
			}
			return time.Now()
		}})
		t.Errorf("no panic: %v", err)
	}()
	if record := o.lastRecord(t); record.Outcome != outcomeRunning || record.ExitCode != nil {
		t.Errorf("the record is %+v", record)
	}
}

func (o *org) lastRecord(t *testing.T) record {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(o.config.State.Directory, "runs", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("records: %v, %v", paths, err)
	}
	text, err := os.ReadFile(paths[len(paths)-1])
	if err != nil {
		t.Fatal(err)
	}
	var found record
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	return found
}
