package extract_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"crosswalk/extract"
)

// TestTexts reads a column back: every value that is not NULL, in order, of all parts.
func TestTexts(t *testing.T) {
	t.Parallel()
	many := make([]row, 40_000)
	for i := range many {
		many[i] = row{id: string(rune('a' + i%26)), null: i%7 == 0}
	}
	dir := filepath.Join(t.TempDir(), "stage")
	stage := stageOf(t, dir, []row{{id: "first"}, {null: true}, {id: ""}}, many, []row{{id: "last"}})
	table, err := stage.Table("salesforce", "Account")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"first", ""}
	for _, r := range many {
		if !r.null {
			want = append(want, r.id)
		}
	}
	want = append(want, "last")
	var got []string
	err = stage.Texts(t.Context(), table, "Id", func(text string) error { got = append(got, text); return nil })
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d texts (%v), want %d", len(got), err, len(want))
	}
}

func TestTextsRefuses(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	for _, test := range []struct {
		why, column string
		ctx         context.Context
		damage      func(path string) error
		take        error
		want        error // nil is a *StageError
	}{
		{"no such column", "Nope", t.Context(), nil, nil, nil},
		{"a column of another type", "Amount", t.Context(), nil, nil, nil},
		{"a part that is cut", "Id", t.Context(), func(path string) error { return os.Truncate(path, 100) }, nil, nil},
		{"a part that is gone", "Id", t.Context(), os.Remove, nil, nil},
		{"the taker had enough", "Id", t.Context(), nil, enough, enough},
		{"the run was stopped", "Id", cancelled, nil, nil, enough},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			stage := stageOf(t, filepath.Join(t.TempDir(), "stage"), []row{{id: "a"}, {id: "b"}})
			table, err := stage.Table("salesforce", "Account")
			if err != nil {
				t.Fatal(err)
			}
			if test.damage != nil {
				if err := test.damage(stage.Files(table)[0]); err != nil {
					t.Fatal(err)
				}
			}
			err = stage.Texts(test.ctx, table, test.column, func(string) error { return test.take })
			var typed *extract.StageError
			if test.want == nil && !errors.As(err, &typed) || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error is %v", err)
			}
		})
	}
	stage := stageOf(t, filepath.Join(t.TempDir(), "stage"), []row{{id: "a"}, {id: "b"}})
	table, err := stage.Table("salesforce", "Account")
	if err != nil {
		t.Fatal(err)
	}
	table.Parts[0].Rows++
	var typed *extract.StageError
	if err := stage.Texts(t.Context(), table, "Id", func(string) error { return nil }); !errors.As(err, &typed) {
		t.Errorf("a part of fewer rows than recorded gives %v, want *StageError", err)
	}
}
