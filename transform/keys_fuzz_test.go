package transform_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// marksInARow is how many combining marks Go's normaliser takes before it makes the text stream-safe, which DuckDB
// does not (UAX #15, section 13).
const marksInARow = 30

// FuzzKeySteps holds every step against its meaning in Go, for any text, and that taking it twice is taking it once.
func FuzzKeySteps(f *testing.F) {
	for _, seed := range []string{"", " 00123.0 ", "Straße\u200b", "ＡＢ１２", "001D000000IqhSLIAZ", "e\u0301\u00ad", "١٢٣", "\u202e321", "C-00\t12", "🏢\u0000x"} {
		f.Add(seed)
	}
	steps := make([]func(context.Context, []string) map[string]sql.NullString, len(references))
	for i, test := range references {
		steps[i] = sqlStep(f, test.expression)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) || longestMarks(value) > marksInARow/2 {
			return // what is not UTF-8 never reaches a key: the readers refuse it
		}
		for i, test := range references {
			key := steps[i](t.Context(), []string{value})[value]
			want, ok := test.want(value)
			if key.Valid != ok || ok && key.String != want {
				t.Fatalf("%s: %+q gives %+q (%t), want %+q (%t)", test.why, value, key.String, key.Valid, want, ok)
			}
			if !ok {
				continue
			}
			if again := steps[i](t.Context(), []string{key.String})[key.String]; !again.Valid || again.String != key.String {
				t.Fatalf("%s: %+q gives %+q when taken again", test.why, key.String, again.String)
			}
		}
	})
}

// longestMarks counts the longest run of characters that join the one before them, as they stand when decomposed.
func longestMarks(value string) (longest int) {
	run := 0
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(value, "")) {
		run++
		if norm.NFKD.PropertiesString(string(r)).BoundaryBefore() {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
