package pipeline

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosswalk/fixtures"
	"crosswalk/load"
)

// A manifest that is JSON and says something else than what was published does not hold.
func TestVerifyHoldsTheManifestAgainstItself(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	if _, err := o.run(t, Options{RunDate: "2026-11-23"}); err != nil {
		t.Fatal(err)
	}
	date := filepath.Join(o.config.Output.Directory, "run_date=2026-11-23")
	path := filepath.Join(date, manifestFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	without := func(m *Manifest, table string) {
		m.Outputs = slices.DeleteFunc(m.Outputs, func(output load.Output) bool { return strings.HasPrefix(output.Name, table+".") })
	}
	for _, c := range []struct {
		says   string
		change func(m *Manifest)
		gone   string // files that are taken away as well
	}{
		{"none is listed", func(m *Manifest) { m.Outputs = nil }, "*.[pch]*"},
		{"none is listed", func(m *Manifest) { m.Checks = nil }, ""},
		{"links.csv is not listed", func(m *Manifest) { without(m, "links") }, "links.*"},
		{"changes.csv is not listed", func(m *Manifest) { without(m, "changes") }, "changes.*"},
		{"is listed twice", func(m *Manifest) { m.Outputs = append(m.Outputs, m.Outputs[0]) }, ""},
		{"the folder is that of 2026-11-23", func(m *Manifest) { m.RunDate = "2026-11-22" }, ""},
		{"exceptions", func(m *Manifest) { m.Accounting.Customers["linked"]++; m.Accounting.Customers["not_found"]-- }, ""},
		{"the statuses sum to", func(m *Manifest) { m.Accounting.Accounts["linked"]++ }, ""},
		{"announced", func(m *Manifest) { m.Inputs.Salesforce[0].Announced++ }, ""},
	} {
		var manifest Manifest
		if err := json.Unmarshal(whole, &manifest); err != nil {
			t.Fatal(err)
		}
		c.change(&manifest)
		text, err := manifest.encode()
		if err != nil {
			t.Fatal(err)
		}
		aside := t.TempDir()
		taken, err := filepath.Glob(filepath.Join(date, c.gone))
		if c.gone == "" {
			taken = nil
		}
		for _, file := range taken {
			err = errors.Join(err, os.Rename(file, filepath.Join(aside, filepath.Base(file))))
		}
		if err := errors.Join(err, os.WriteFile(path, text, 0o600)); err != nil {
			t.Fatal(err)
		}
		var refused *VerifyError
		if _, _, err := Verify(t.Context(), o.config, ""); !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.says, err)
		}
		for _, file := range taken {
			if err := os.Rename(filepath.Join(aside, filepath.Base(file)), file); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Verify(t.Context(), o.config, ""); err != nil {
		t.Error(err)
	}
}

// There is nothing to do only where every file of the date is what was published.
func TestSkipPublishedThatDoesNotHold(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	if _, err := o.run(t, Options{RunDate: "2026-11-23"}); err != nil {
		t.Fatal(err)
	}
	again := Options{RunDate: "2026-11-23", Replay: true, SkipPublished: true}
	var nothing *NothingToDoError
	if _, err := o.run(t, again); !errors.As(err, &nothing) {
		t.Fatalf("as it was published: %v", err)
	}
	date := filepath.Join(o.config.Output.Directory, "run_date=2026-11-23")
	for name, harm := range map[string]func(path string) error{
		"customers.parquet": os.Remove,
		"links.csv":         func(path string) error { return os.WriteFile(path, []byte("customer_id\n"), 0o600) },
	} {
		if err := harm(filepath.Join(date, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := o.run(t, again); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, _, err := Verify(t.Context(), o.config, "2026-11-23"); err != nil {
			t.Error(err)
		}
	}
	if _, err := o.run(t, again); !errors.As(err, &nothing) {
		t.Errorf("as it is published again: %v", err)
	}
}
