package pipeline

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosswalk/extract"

	"pgregory.net/rapid"
)

func TestResolveRunDate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 23, 30, 0, 0, time.FixedZone("", -2*3600)) // already the 24th in UTC
	cases := []struct {
		why, flag, own, airflow, want string
	}{
		{"the flag wins", "2026-01-02", "2026-01-03", "2026-01-04T00:00:00+00:00", "2026-01-02"},
		{"then our variable", "", "2026-01-03", "2026-01-04T00:00:00+00:00", "2026-01-03"},
		{"then Airflow's logical date", "", "", "2026-01-04T23:00:00-02:00", "2026-01-05"},
		{"as Airflow writes it with microseconds", "", "", "2026-01-04T02:20:00.123456+00:00", "2026-01-04"},
		{"else today in UTC", "", "", "", "2026-11-24"},
		{"no date", "tomorrow", "", "", ""},
		{"a date that does not exist", "2026-02-30", "", "", ""},
		{"a path", "../../etc", "", "", ""},
		{"a date and more", "2026-01-02\n", "", "", ""},
		{"a variable that is no date", "", "x", "", ""},
		{"a logical date that is none", "", "", "soon", ""},
		{"the year 0", "0000-01-01", "", "", ""},
		{"the first year", "0001-01-01", "", "", "0001-01-01"},
		{"a logical date of the year 10000, in UTC", "", "", "9999-12-31T23:00:00-05:00", ""},
	}
	for _, c := range cases {
		env := map[string]string{"CROSSWALK_RUN_DATE": c.own, "AIRFLOW_CTX_LOGICAL_DATE": c.airflow}
		got, err := ResolveRunDate(c.flag, func(name string) (string, bool) { value, ok := env[name]; return value, ok }, now)
		if got != c.want || (err == nil) == (c.want == "") || (err != nil && ExitCode(err) != 2) {
			t.Errorf("%s: got %q, %v; want %q", c.why, got, err, c.want)
		}
	}
}

func TestDatesBetween(t *testing.T) {
	t.Parallel()
	dates, err := datesBetween("2026-02-27", "2026-03-01")
	if err != nil || strings.Join(dates, " ") != "2026-02-27 2026-02-28 2026-03-01" {
		t.Errorf("got %v, %v", dates, err)
	}
	if _, err := datesBetween("2026-03-01", "2026-02-27"); ExitCode(err) != 2 {
		t.Errorf("a range that ends before it begins gave %v, want a usage error", err)
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	now := func() Accounting {
		return Accounting{
			Customers: map[string]int64{"total": 100, "linked": 60, "linked_many": 20}, Accounts: map[string]int64{"total": 100}, Contacts: map[string]int64{"total": 100},
		}
	}
	var moved int64
	var sum string
	var gone map[string]int64
	cases := []struct {
		why     string
		change  func(limits *GuardsConfig, before, now *Accounting)
		tripped string
	}{
		{"nothing changed", func(*GuardsConfig, *Accounting, *Accounting) {}, ""},
		{"the limit itself passes", func(l *GuardsConfig, _, _ *Accounting) { l.MinLinkRate = 0.8 }, ""},
		{"too few linked", func(l *GuardsConfig, _, _ *Accounting) { l.MinLinkRate = 0.81 }, "min_link_rate customers"},
		{"a fifth of the contacts gone passes", func(_ *GuardsConfig, _, n *Accounting) { n.Contacts["total"] = 80 }, ""},
		{"more than a fifth does not", func(_ *GuardsConfig, _, n *Accounting) { n.Contacts["total"] = 79 }, "max_drop contacts"},
		{"accounts", func(_ *GuardsConfig, _, n *Accounting) { n.Accounts["total"] = 10 }, "max_drop accounts"},
		{"linked customers", func(_ *GuardsConfig, _, n *Accounting) { n.Customers["linked"] = 40 }, "max_drop linked customers"},
		{"others that came make up for none of them", func(*GuardsConfig, *Accounting, *Accounting) { gone = map[string]int64{ofContacts: 21} }, "max_drop contacts"},
		{"a fifth of the links gone passes, whoever came", func(*GuardsConfig, *Accounting, *Accounting) { gone = map[string]int64{ofLinks: 16} }, ""},
		{"more than a fifth does not, whoever came", func(*GuardsConfig, *Accounting, *Accounting) { gone = map[string]int64{ofLinks: 17} }, "max_drop linked customers"},
		{"no customers have no rate", func(l *GuardsConfig, b, n *Accounting) {
			l.MinLinkRate, n.Customers, b.Customers = 0.8, map[string]int64{}, map[string]int64{}
		}, ""},
		{"growth is no drop", func(_ *GuardsConfig, b, _ *Accounting) { b.Accounts["total"] = 1 }, ""},
		{"from nothing there is no drop", func(_ *GuardsConfig, b, _ *Accounting) { b.Accounts["total"] = 0 }, ""},
		{"a tenth moved passes", func(*GuardsConfig, *Accounting, *Accounting) { moved = 8 }, ""},
		{"more than a tenth does not", func(*GuardsConfig, *Accounting, *Accounting) { moved = 9 }, "max_moved linked customers"},
		{"the file of the last publication is told, and passes", func(_ *GuardsConfig, _, _ *Accounting) { sum = "a" }, ""},
		{"and is refused where it is to be", func(l *GuardsConfig, _, _ *Accounting) { sum, l.UnchangedSnapshot = "a", "refuse" }, "unchanged_snapshot 2026-11-22"},
		{"another file never is", func(l *GuardsConfig, _, _ *Accounting) { sum, l.UnchangedSnapshot = "b", "refuse" }, ""},
		{"an object without rows", func(_ *GuardsConfig, b, n *Accounting) { b.Contacts["total"], n.Contacts["total"] = 0, 0 }, "allow_empty Salesforce Contact"},
	}
	for _, c := range cases {
		before, current := now(), now()
		config := &Config{Guards: GuardsConfig{MaxDrop: 0.2, MaxMoved: 0.1}}
		c.change(&config.Guards, &before, &current)
		earlier := &Manifest{RunDate: "2026-11-22", Accounting: before}
		earlier.Inputs.ERP.SHA256 = "a"
		r := &run{config: config, previous: &publication{Manifest: earlier}}
		r.options.Logger = slog.New(slog.DiscardHandler)
		r.manifest.Inputs.ERP.SHA256 = sum
		sum = ""
		r.manifest.Previous = &Previous{Moved: moved}
		moved = 0
		r.manifest.Accounting = current
		r.manifest.Inputs.Salesforce = []extract.Query{{Object: objectAccount}, {Object: objectContact}}
		r.manifest.Guards = r.measure(gone)
		gone = nil
		err := r.judge()
		var guards *GuardError
		switch {
		case c.tripped == "" && err != nil:
			t.Errorf("%s: tripped %v", c.why, err)
		case c.tripped != "" && (!errors.As(err, &guards) || len(guards.Tripped) != 1 || guards.Tripped[0].Name+" "+guards.Tripped[0].Of != c.tripped):
			t.Errorf("%s: got %v, want only %s", c.why, err, c.tripped)
		}
	}
}

// Any one count that is off by any amount fails the run and is named.
func TestReconcileFindsEveryLoss(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		query := extract.Query{Object: objectAccount, CountQuery: 10, Announced: 10, Received: 10, Staged: 10, Deleted: 2}
		snapshot := extract.Snapshot{Rows: 7}
		accounts, rows := map[string]int64{"total": 8}, int64(10)
		off := rapid.Int64Range(1, 5).Draw(rt, "off") * int64(rapid.SampledFrom([]int{-1, 1}).Draw(rt, "sign"))
		read, duplicates := map[string]int64{"accounts": 10}, int64(1)
		victims := map[string]*int64{"announced": &query.Announced, "received": &query.Received, "staged": &query.Staged, "deleted": &query.Deleted, "snapshot": &snapshot.Rows, "parts": &rows, "duplicates": &duplicates}
		victim := rapid.SampledFrom([]string{"none", "announced", "received", "staged", "deleted", "snapshot", "parts", "duplicates", "accounted", "read"}).Draw(rt, "victim")
		if count, ok := victims[victim]; ok {
			*count += off
		}
		switch victim {
		case "accounted":
			accounts["total"] += off
		case "read":
			read["accounts"] += off
		}
		r := &run{readRows: read}
		r.manifest.Accounting = Accounting{Accounts: accounts, Customers: map[string]int64{"total": 6}}
		r.manifest.Inputs.ERP.ExactDuplicatesDropped = duplicates
		tables := []extract.Table{
			{Source: sourceSalesforce, Name: objectAccount, Rows: 10, Parts: []extract.Part{{Rows: rows - 3}, {Rows: 3}}, Query: &query},
			{Source: sourceERP, Name: tableCustomers, Rows: 7, Parts: []extract.Part{{Rows: 7}}, Snapshot: &snapshot},
		}
		err := r.reconcile(tables)
		if (err == nil) != (victim == "none") {
			rt.Fatalf("%s off by %d gave %v", victim, off, err)
		}
		if err != nil && ExitCode(err) != 4 {
			rt.Fatalf("exit code %d, want 4", ExitCode(err))
		}
	})
}

func TestSweepStages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"run_date=2026-11-21", ".incoming-dead", ".replaced-run_date=2026-11-22", ".replaced-run_date=2026-11-21"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := sweepStages(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if got, want := strings.Join(names, " "), "run_date=2026-11-21 run_date=2026-11-22"; got != want {
		t.Errorf("left %q, want %q: the replaced stage whose successor never came is back", got, want)
	}
}

// A stage that cannot be replaced stays where it is.
func TestReplaceStageFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	place := filepath.Join(dir, "run_date=2026-11-22")
	if err := os.Mkdir(place, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replaceStage(filepath.Join(dir, ".incoming-gone"), place); ExitCode(err) != 8 {
		t.Errorf("got %v, want exit code 8", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "run_date=2026-11-22" {
		t.Errorf("left %v, %v", entries, err)
	}
}

func TestKeepStages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, day := range []string{"20", "21", "22", "23"} {
		if err := os.Mkdir(filepath.Join(dir, "run_date=2026-11-"+day), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := keepStages(dir, 2, "2026-11-20"); err != nil {
		t.Fatal(err)
	}
	dates, err := datesIn(dir)
	if err != nil || strings.Join(dates, " ") != "2026-11-20 2026-11-22 2026-11-23" {
		t.Errorf("kept %v (%v), want the two newest and the one just recorded", dates, err)
	}
}

func TestExitCodeOfAnything(t *testing.T) {
	t.Parallel()
	if code := ExitCode(errors.New("x")); code != 1 {
		t.Errorf("an error without a code gave %d, want 1", code)
	}
	if code := ExitCode(errors.Join(errors.New("x"), &LockedError{})); code != 7 {
		t.Errorf("a joined error gave %d, want that of the one that has a code", code)
	}
}
