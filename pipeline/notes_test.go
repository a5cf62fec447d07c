package pipeline

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosswalk/fixtures"

	"github.com/google/go-cmp/cmp"
)

// F061: where the user may not see which notes are private, none is published in the belief that none is.
func TestNotesOfUnknownPrivacy(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"Note.IsPrivate", "ContentNote.SharingPrivacy"} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			o := newFerrowick(t, fixtures.Options{Hide: []string{field}})
			o.config.Salesforce.Notes = true
			_, err := o.run(t, Options{})
			if err == nil || ExitCode(err) != 2 || !strings.Contains(err.Error(), field+": does not exist or is hidden by field-level security") || Hint(err) == "" {
				t.Errorf("ended with %d, %v (%s), want 2 naming %s as hidden", ExitCode(err), err, Hint(err), field)
			}
			o.publishedNothing(t)
		})
	}
}

// A list of objects that lists nothing, or lacks what the same session has just described, is no org without notes.
func TestObjectsThatAreNoList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why, body string
		times     int
		code      int
	}{
		{"nothing in it, for ever", `{}`, -1, 4},
		{"no objects in it", `{"sobjects":[]}`, -1, 4},
		{"no contacts in it", `{"sobjects":[{"name":"Account"},{"name":"User"}]}`, -1, 4},
		{"nothing in it, once", `{}`, 1, 0},
		{"no notes in it", `{"sobjects":[{"name":"Account"},{"name":"Contact"}]}`, -1, 0},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			o := newFerrowick(t, fixtures.Options{Faults: []fixtures.Fault{{Match: fixtures.Match{Kind: "objects", Times: test.times}, Do: fixtures.Action{Body: test.body}}}})
			o.config.Salesforce.Notes = true
			_, err := o.run(t, Options{})
			if ExitCode(err) != test.code || err != nil && (!strings.Contains(err.Error(), "objects: ") || Hint(err) == "") {
				t.Errorf("ended with %d, %v (%s), want %d naming the list of objects", ExitCode(err), err, Hint(err), test.code)
			}
			if err != nil {
				o.publishedNothing(t)
				if asked := o.simulated.Calls("objects"); asked < 2 {
					t.Errorf("the list was asked for %d times: it is no answer, and never repeated", asked)
				}
				return
			}
			if published := len(o.rows(t, "notes.csv")) > 0; published != (test.times == 1) {
				t.Errorf("notes are published: %t", published)
			}
		})
	}
}

// A stage of a time when nobody asked for notes does not tell that there are none.
func TestReplayOfUnaskedNotes(t *testing.T) {
	t.Parallel()
	o := newFerrowick(t, fixtures.Options{})
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	before := o.hashes(t, "2026-11-23")
	o.config.Salesforce.Notes = true
	_, err := o.run(t, Options{Replay: true})
	if ExitCode(err) != 5 || !strings.Contains(err.Error(), "notes") || !strings.Contains(Hint(err), "recorded with other fields") {
		t.Errorf("ended with %d, %v (%s), want 5 and that the stage was recorded with other fields", ExitCode(err), err, Hint(err))
	}
	if !maps.Equal(before, o.hashes(t, "2026-11-23")) {
		t.Error("the publication is another one")
	}
}

// A stage tells which kinds were asked for and were not there; one of an older crosswalk does so where it has one kind.
func TestReplayOfAbsentNotes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why   string
		hide  []string
		older int // its code where the stage has no record of what was absent
	}{
		{"both are there", nil, 0},
		{"no enhanced notes", []string{"ContentNote"}, 0},
		{"no links of enhanced notes", []string{"ContentDocumentLink"}, 0},
		{"no classic notes", []string{"Note"}, 0},
		{"neither", []string{"Note", "ContentNote"}, 5},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			o := newFerrowick(t, fixtures.Options{Hide: test.hide})
			o.config.Salesforce.Notes = true
			first, err := o.run(t, Options{})
			if err != nil {
				t.Fatal(err)
			}
			before := o.hashes(t, "2026-11-23")
			again, err := o.run(t, Options{Replay: true})
			if err != nil || !maps.Equal(before, o.hashes(t, "2026-11-23")) {
				t.Fatalf("a replay gives other bytes (%v)", err)
			}
			if diff := cmp.Diff(first.Manifest.Inputs, again.Manifest.Inputs); diff != "" {
				t.Errorf("inputs of the replay: first -, again +\n%s", diff)
			}
			o.forgetAbsent(t)
			older, err := o.run(t, Options{Replay: true})
			if ExitCode(err) != test.older {
				t.Fatalf("the stage of an older crosswalk ended with %d, %v, want %d", ExitCode(err), err, test.older)
			}
			if err == nil && !slices.Equal(older.Manifest.Inputs.Absent, first.Manifest.Inputs.Absent) {
				t.Errorf("the stage of an older crosswalk lacks %q, want %q", older.Manifest.Inputs.Absent, first.Manifest.Inputs.Absent)
			}
		})
	}
}

// forgetAbsent takes from the recorded stage what an older crosswalk did not write: the checksum of its list, and the
// kinds of notes that were not there.
func (o *org) forgetAbsent(t *testing.T) {
	t.Helper()
	path := filepath.Join(o.config.State.Directory, "stages", partitionPrefix+"2026-11-23", "stage.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var stage struct {
		SchemaVersion int              `json:"schema_version"`
		Tables        []map[string]any `json:"tables"`
	}
	if err := json.Unmarshal(text, &stage); err != nil {
		t.Fatal(err)
	}
	stage.Tables = slices.DeleteFunc(stage.Tables, func(table map[string]any) bool { return table["columns"] == nil })
	if text, err = json.Marshal(stage); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (o *org) publishedNothing(t *testing.T) {
	t.Helper()
	if dates, err := datesIn(o.config.Output.Directory); err != nil || len(dates) > 0 {
		t.Errorf("published are %q (%v), want nothing", dates, err)
	}
}
