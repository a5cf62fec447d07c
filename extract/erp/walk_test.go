package erp

import (
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

// Walk is as strict as Read, and sees the rows that Read stages.
func TestWalkSeesWhatReadStages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, name, content string
		options            Options
		rows               int64
		code               int
	}{
		{"rows", "a.csv", "id,name\n1,a\n2,b\n", Options{Identifiers: []string{"id"}}, 2, 0},
		{"a record too short", "a.csv", "id,name\n1,a\n2\n", Options{}, 0, exitInput},
		{"no line end at the end", "a.csv", "id,name\n1,a", Options{}, 0, exitInput},
		{"no rows", "a.csv", "id,name\n", Options{}, 0, exitInput},
		{"no rows where that is allowed", "a.csv", "id,name\n", Options{AllowEmpty: true}, 0, 0},
		{"a column that is not there", "a.csv", "id,name\n1,a\n", Options{Required: []string{"nmae"}}, 0, exitInput},
		{"a value of another type", "a.csv", "id,name\n1,a\n", Options{Types: map[string]string{"name": "integer"}}, 0, exitInput},
		{"a word that is none", "a.csv", "id\n1\n", Options{Format: "xlsx"}, 0, exitConfiguration},
	} {
		c.options.Path = writeFile(t, c.name, []byte(c.content))
		var seen int64
		snapshot, whole, err := Walk(t.Context(), c.options, func(batch arrow.RecordBatch) error {
			seen += batch.NumRows()
			return nil
		})
		if c.code != 0 {
			requireRefusal(t, err, c.code)
			continue
		}
		if err != nil || !whole || snapshot.Rows != c.rows || seen != c.rows {
			t.Errorf("%s: saw %d rows of %d, whole %v (%v)", c.why, seen, snapshot.Rows, whole, err)
		}
		if read, err := readSnapshot(t, t.Context(), c.options); err != nil || read.snapshot.SHA256 != snapshot.SHA256 {
			t.Errorf("%s: Read sees another file (%v)", c.why, err)
		}
	}
}

func TestWalkEndsEarly(t *testing.T) {
	t.Parallel()
	options := Options{Path: writeFile(t, "a.csv", []byte("id\n1\n2\n"))}
	snapshot, whole, err := Walk(t.Context(), options, func(arrow.RecordBatch) error { return ErrEnough })
	if err != nil || whole || snapshot.Rows != 2 {
		t.Errorf("ended with %d rows, whole %v (%v)", snapshot.Rows, whole, err)
	}
	mine := errors.New("mine")
	if _, _, err := Walk(t.Context(), options, func(arrow.RecordBatch) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("ended with %v, want the caller's own error", err)
	}
}
