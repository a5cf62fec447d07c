package extract_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crosswalk/extract"

	"pgregory.net/rapid"
)

var origin = extract.Origin{RunID: "first", RunDate: "2026-11-23", Source: "org", APIVersion: "66.0", ToolVersion: "test", BegunAt: time.Unix(1_800_000_000, 0).UTC()}

// died leaves a stage with a table of three parts, one of them of no rows, as a killed run does.
func died(t testing.TB, dir string) {
	t.Helper()
	stage, err := extract.BeginStage(dir, origin)
	if err != nil {
		t.Fatal(err)
	}
	table, err := stage.NewTable("salesforce", "Account", schema)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(table.NoteAsked(extract.Asked{API: "bulk", Query: "SELECT", Count: 5}), table.NoteJob(extract.Job{ID: "750", Object: "Account"}))
	if err != nil {
		t.Fatal(err)
	}
	for i, rows := range [][]row{{{id: "a", cents: 1}, {null: true, cents: -7}}, {}, {{id: "c", deleted: true}}} {
		part, err := table.NewPart(i)
		if err != nil {
			t.Fatal(err)
		}
		batch := batchOf(t, rows)
		err = part.Write(batch)
		batch.Release()
		part.At(extract.Place{Page: string(rune('p' + i)), Deleted: int64(i), Proved: true})
		if _, closed := part.Close(); err != nil || closed != nil {
			t.Fatal(err, closed)
		}
	}
	unfinished, err := table.NewPart(3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unfinished.Abort)
	if err := stage.Close(); err != nil {
		t.Fatal(err)
	}
}

// revived takes the stage up and says what is kept of the table.
func revived(t testing.TB, dir, run string) (extract.Kept, *extract.TableWriter) {
	t.Helper()
	stage, err := extract.TakeUpStage(dir, run)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Close() })
	table, err := stage.ResumeTable("salesforce", "Account", schema)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := table.TakeUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return kept, table
}

func TestTakeUp(t *testing.T) {
	t.Parallel()
	part := filepath.Join("salesforce", "Account", "part-000000.parquet")
	for _, c := range []struct {
		why   string
		hurt  func(dir string) error
		parts []int
	}{
		{"untouched", func(string) error { return nil }, []int{0, 1, 2}},
		{"a line that was cut", func(dir string) error { return appendTo(filepath.Join(dir, "journal.jsonl"), "0123456789abcdef {\"ki") }, []int{0, 1, 2}},
		{"the last line does not hold", func(dir string) error {
			return appendTo(filepath.Join(dir, "journal.jsonl"), "0123456789abcdef {\"kind\":\"dropped\",\"table\":\"salesforce/Account\"}\n")
		}, []int{0, 1, 2}},
		{"a part is gone", func(dir string) error { return os.Remove(filepath.Join(dir, part)) }, []int{1, 2}},
		{"a part is empty, as after a power cut", func(dir string) error { return os.Truncate(filepath.Join(dir, part), 0) }, []int{1, 2}},
		{"a part of zeros", func(dir string) error { return zero(filepath.Join(dir, part)) }, []int{1, 2}},
		{"a part is another one of its size", func(dir string) error { return flip(filepath.Join(dir, part)) }, []int{1, 2}},
		{"a part is no file", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, part)), os.Symlink("/dev/zero", filepath.Join(dir, part)))
		}, []int{1, 2}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "stage")
			died(t, dir)
			if err := c.hurt(dir); err != nil {
				t.Fatal(err)
			}
			for _, run := range []string{"second", "third"} { // which dies too
				kept, table := revived(t, dir, run)
				var rows int64
				for _, index := range c.parts {
					found, ok := kept.Parts[index]
					if !ok || found.Page != string(rune('p'+index)) || found.Deleted != int64(index) || !found.Proved {
						t.Errorf("%s: part %d is %+v", run, index, found)
					}
					rows += found.Rows
				}
				if len(kept.Parts) != len(c.parts) || table.Rows() != rows || kept.Rows() != rows {
					t.Errorf("%s: %d parts of %d rows, want %v of %d", run, len(kept.Parts), table.Rows(), c.parts, rows)
				}
				if kept.Job == nil || kept.Job.ID != "750" || kept.Asked.Count != 5 {
					t.Errorf("%s: %+v", run, kept)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "salesforce", "Account", "*.tmp")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if journal, err := extract.ReadJournal(dir); err != nil || journal.LastRun != "third" || journal.Origin != origin {
				t.Errorf("journal %+v, %v", journal, err)
			}
		})
	}
}

// A table that is begun anew, or whose columns are others, has nothing of what was there.
func TestTakeUpAnew(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stage")
	died(t, dir)
	kept, table := revived(t, dir, "second")
	if kept.Rows() == 0 {
		t.Fatal("nothing was kept")
	}
	if err := table.Reset(); err != nil || table.Rows() != 0 {
		t.Fatalf("%d rows after a reset, %v", table.Rows(), err)
	}
	if kept, _ := revived(t, dir, "third"); len(kept.Parts) != 0 || kept.Job != nil {
		t.Errorf("after a reset %+v is kept", kept)
	}
	journal, err := extract.ReadJournal(dir)
	if err != nil || len(journal.Jobs()) != 1 {
		t.Errorf("jobs %v, %v: the one of before is still to be deleted", journal.Jobs(), err)
	}
	if err := table.NoteDiscarded("750"); err == nil {
		if journal, _ = extract.ReadJournal(dir); len(journal.Jobs()) != 0 {
			t.Errorf("jobs %v after the only one was deleted", journal.Jobs())
		}
	}
}

func TestTakeUpStops(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stage")
	died(t, dir)
	stage, err := extract.TakeUpStage(dir, "second")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stage.Close() }()
	table, err := stage.ResumeTable("salesforce", "Account", schema)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := table.TakeUp(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the cause", err)
	}
	if kept, _ := revived(t, dir, "third"); len(kept.Parts) != 3 {
		t.Errorf("%d parts are kept after a stop, want 3", len(kept.Parts))
	}
}

// Whatever byte of the journal is another one, or wherever it ends: what is kept was written, or nothing is.
func TestTakeUpDamaged(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stage")
	died(t, dir)
	path := filepath.Join(dir, "journal.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Count(text, []byte("\n"))
	rapid.Check(t, func(t *rapid.T) {
		damaged := bytes.Clone(text)
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		if rapid.Bool().Draw(t, "cut") {
			damaged = damaged[:at]
		} else {
			damaged[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		journal, err := extract.ReadJournal(dir)
		whole := bytes.Count(text[:at], []byte("\n")) // lines before the damage
		if text[at] == '\n' {
			whole++ // without its end a line is one with the next
		}
		if err == nil && len(damaged) == len(text) && whole < lines-1 {
			t.Fatalf("a damaged byte in line %d of %d was not noticed", whole+1, lines)
		}
		if err == nil {
			for index, part := range journal.Kept("salesforce/Account").Parts {
				if part.Page != string(rune('p'+index)) || part.Rows > 2 {
					t.Fatalf("part %+v was never written", part)
				}
			}
		}
	})
}

func TestLinkStage(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	recorded, linked := filepath.Join(top, "recorded"), filepath.Join(top, "linked")
	died(t, recorded)
	if err := extract.LinkStage(recorded, linked); err != nil {
		t.Fatal(err)
	}
	_, table := revived(t, linked, "second")
	if err := table.Reset(); err != nil {
		t.Fatal(err)
	}
	if kept, _ := revived(t, recorded, "third"); len(kept.Parts) != 3 {
		t.Errorf("%d parts are left of the recorded stage, want 3", len(kept.Parts))
	}
	if err := extract.DropJournal(recorded); err != nil {
		t.Fatal(err)
	}
	if _, err := extract.ReadJournal(recorded); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want no journal", err)
	}
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

func zero(path string) error {
	text, err := os.ReadFile(path)
	return errors.Join(err, os.WriteFile(path, make([]byte, len(text)), 0o600))
}

// flip changes a byte of the first value.
func flip(path string) error {
	text, err := os.ReadFile(path)
	if at := bytes.IndexByte(text, 'a'); err == nil {
		text[at] ^= 2
	}
	return errors.Join(err, os.WriteFile(path, text, 0o600))
}
