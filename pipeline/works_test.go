package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run removes what dead runs worked in, and nothing else: neither the folder of another job that shares
// limits.temp_directory, nor what somebody keeps among them, be it the publications themselves.
func TestWorksOfOthersStay(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	one := &Config{State: StateConfig{Directory: "/srv/one/state"}, Limits: LimitsConfig{TempDirectory: temporary}}
	two := &Config{State: StateConfig{Directory: "/srv/two/state"}, Limits: LimitsConfig{TempDirectory: temporary}}
	works := worksDirectory(one, "work")
	const id, dead = "20261123T020000Z-1f0c9a2e", "20261122T020000Z-1f0c9a2e"
	theirs, err := makeWork(worksDirectory(two, "work"), dead)
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{theirs, filepath.Join(works, "run_date=2026-11-22"), filepath.Join(works, "customers.csv")}
	err = errors.Join(os.MkdirAll(filepath.Join(works, dead), 0o700), os.Mkdir(kept[1], 0o700), os.WriteFile(kept[2], nil, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	work, err := makeWork(works, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(kept, work) {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(works, dead)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what the dead run left: %v", err)
	}
}

// In a place like /var/tmp somebody else may have made the folder, or a link in its place, to read what is written there.
func TestWorksOfAnotherUser(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	wanted := []string{link}
	if os.Geteuid() == 0 {
		given := filepath.Join(t.TempDir(), "given")
		if err := errors.Join(os.Mkdir(given, 0o777), os.Chown(given, 1, 1)); err != nil {
			t.Fatal(err)
		}
		wanted = append(wanted, given)
	}
	for _, works := range wanted {
		var storage *StorageError
		if _, err := makeWork(works, "20261123T020000Z-1f0c9a2e"); !errors.As(err, &storage) || !errors.Is(err, errNotOurs) {
			t.Errorf("%s: %v", works, err)
		}
	}
}

// A link does not bring the output into the state, nor the state into the output.
func TestFoldersBehindLinks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	state := filepath.Join(folder, "state")
	if err := os.MkdirAll(filepath.Join(state, "stages"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ to, says string }{
		"out":     {filepath.Join(state, "stages"), "lies in a folder of the state"},
		"same":    {state, "the same folder"},
		"outside": {t.TempDir(), ""},
	} {
		link := filepath.Join(folder, name)
		if err := os.Symlink(c.to, link); err != nil {
			t.Fatal(err)
		}
		r := newConfigReader(os.LookupEnv)
		r.checkFolders(&Config{State: StateConfig{Directory: state}, Output: OutputConfig{Directory: link}})
		said := ""
		for _, problem := range r.problems {
			said += problem.Message
		}
		if c.says == "" && said != "" || !strings.Contains(said, c.says) {
			t.Errorf("%s: %q, want %q", name, said, c.says)
		}
	}
}

// TestSpills: what a killed question spilled goes with the next one; what another one is spilling to stays, and so does
// whatever has another name.
func TestSpills(t *testing.T) {
	t.Parallel()
	temporary := filepath.Join(t.TempDir(), "temporary")
	dead, kept := filepath.Join(temporary, spillPrefix+"1234"), filepath.Join(temporary, "crosswalk-work-1234")
	if err := errors.Join(os.MkdirAll(dead, 0o700), os.Mkdir(kept, 0o700), os.WriteFile(filepath.Join(dead, "spilled"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	live, removeLive, err := makeSpill(temporary)
	if err != nil {
		t.Fatal(err)
	}
	spill, remove, err := makeSpill(temporary)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{dead: false, kept: true, live: true, spill: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %t", path, err, want)
		}
	}
	if err := errors.Join(remove(), removeLive()); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(temporary, spillPrefix+"*")); err != nil || len(left) > 0 {
		t.Errorf("left %v behind, %v", left, err)
	}
}
