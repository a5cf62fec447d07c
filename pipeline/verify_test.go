package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"crosswalk/fixtures"
	"crosswalk/load"

	"golang.org/x/sys/unix"
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

// TestVerifyStopped: a question that was stopped, and a file that the system did not give, say nothing of the publication.
func TestVerifyStopped(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(&InterruptedError{Name: "SIGTERM", Signal: int(syscall.SIGTERM)})
	if _, _, err := Verify(ctx, o.config, ""); ExitCode(err) != 143 || strings.Contains(Hint(err), "do not load") {
		t.Errorf("stopped: exit code %d, %v; %s", ExitCode(err), err, Hint(err))
	}
	for cause, want := range map[error]int{syscall.ESTALE: 8, syscall.EMFILE: 8, syscall.EACCES: 8, syscall.ENOENT: 6, io.ErrUnexpectedEOF: 6} {
		for _, err := range []error{
			&VerifyError{Path: "out", Err: &fs.PathError{Op: "open", Path: "manifest.json", Err: cause}},
			&VerifyError{Path: "out", Err: &load.VerifyError{File: "links.parquet", Problem: "cannot be read", Err: cause}},
		} {
			if refused := want == 8; ExitCode(err) != want || strings.Contains(Hint(err), "do not load") == refused {
				t.Errorf("%v: exit code %d, want %d; %s", err, ExitCode(err), want, Hint(err))
			}
		}
	}
}

// TestReadWhileReplaced verifies and asks a publication that is exchanged for another one meanwhile: each of the two holds,
// so every answer is one of theirs.
func TestReadWhileReplaced(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	out := o.config.Output.Directory
	place, other := filepath.Join(out, "run_date=2026-11-23"), filepath.Join(t.TempDir(), "run_date=2026-11-23")
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(other, os.DirFS(place)); err != nil {
		t.Fatal(err)
	}
	o.customerFile(t, func(rows [][]string) [][]string { return slices.Delete(rows, 400, 500) })
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	customers, _ := o.linkedIDs(t, "2026-11-23")
	for name, read := range map[string]func() error{
		"verify":  func() error { _, _, err := Verify(t.Context(), o.config, ""); return err },
		"explain": func() error { _, err := Explain(t.Context(), o.config, customers[0], ExplainOptions{}); return err },
	} {
		began := time.Now()
		if err := read(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		takes := time.Since(began)
		for range 8 {
			replaced := make(chan error, 1)
			time.AfterFunc(rand.N(takes), func() {
				replaced <- unix.Renameat2(unix.AT_FDCWD, place, unix.AT_FDCWD, other, unix.RENAME_EXCHANGE)
			})
			if err := errors.Join(read(), <-replaced); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
