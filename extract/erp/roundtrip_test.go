package erp

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// field draws values that hurt: line ends, quotes, delimiters, words for nothing, emoji, spaces.
var field = rapid.OneOf(
	rapid.SampledFrom([]string{"", "NULL", "null", "00123", "1E10", " x ", "a\r\nb", "a\nb", "\"", "\"\"", "a\"b", ",", ";", "\t", "👩‍👩‍👧 Zoë", "-", "0", "\r\n", "é"}),
	rapid.StringMatching(`[a-zA-Z0-9 ,;"\t\r\n|äß€🐙]{0,12}`),
	rapid.Map(rapid.String(), func(s string) string { return strings.ReplaceAll(s, "\x00", "") }),
)

// writeReference writes one value as RFC 4180 has it, nothing for NULL and "" for the empty string. Some writers quote
// everything; always says so.
func writeReference(out *bytes.Buffer, value string, delimiter byte, always bool) {
	switch {
	case value == null:
	case always || value == "" || strings.ContainsAny(value, "\"\r\n") || strings.IndexByte(value, delimiter) >= 0:
		out.WriteString(`"` + strings.ReplaceAll(value, `"`, `""`) + `"`)
	default:
		out.WriteString(value)
	}
}

// What is written is read back, byte for byte, however the text arrives and wherever its windows end.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 6).Draw(t, "columns")
		delimiter := rapid.SampledFrom(delimiters[:]).Draw(t, "delimiter")
		lineEnd := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end")
		always := rapid.Bool().Draw(t, "always quoted")
		value := rapid.OneOf(field, rapid.Just(null))
		rows := rapid.SliceOfN(rapid.SliceOfN(value, columns, columns), 0, 20).Draw(t, "rows")
		var content bytes.Buffer
		for i := range columns {
			if i > 0 {
				content.WriteByte(delimiter)
			}
			content.WriteString("c" + string(rune('a'+i)))
		}
		content.WriteString(lineEnd)
		for _, row := range rows {
			for i, value := range row {
				if i > 0 {
					content.WriteByte(delimiter)
				}
				writeReference(&content, value, delimiter, always)
			}
			content.WriteString(lineEnd)
		}
		window := rapid.IntRange(1, 64).Draw(t, "window")
		got := parseAll(t, content.Bytes(), delimiter, window)
		if len(got) != len(rows) {
			t.Fatalf("%d rows, want %d:\n%q", len(got), len(rows), content.String())
		}
		for i := range rows {
			for j := range rows[i] {
				if got[i][j] != rows[i][j] {
					t.Fatalf("row %d column %d is %q, want %q", i, j, got[i][j], rows[i][j])
				}
			}
		}
	})
}

// parseAll reads records through a window that begins small and input that comes a byte at a time.
func parseAll(t *rapid.T, content []byte, delimiter byte, window int) [][]string {
	plan, err := newPlan(Options{Path: "customers.csv", Delimiter: string(delimiter)})
	if err != nil {
		t.Fatal(err)
	}
	records := newRecordReader(plan, bufio.NewReader(iotest.OneByteReader(bytes.NewReader(content))), 0)
	records.window = make([]byte, 0, window)
	if _, err := records.readHeader(); err != nil {
		t.Fatalf("header: %v\n%q", err, content)
	}
	var rows [][]string
	for {
		err := records.read()
		if err != nil {
			if records.failure != nil && len(records.window[records.start:]) == 0 && !isRefusal(err) {
				return rows
			}
			t.Fatalf("%v\n%q", err, content)
		}
		if want := int64(bytes.Count(content[:records.at.offset], []byte{records.lineEnd})) + 1; records.at.line != want {
			t.Fatalf("row %d is on line %d, want %d", len(rows), records.at.line, want)
		}
		row := make([]string, 0, len(records.fields))
		for _, field := range records.fields {
			if field.low == field.high && !field.quoted {
				row = append(row, null)
				continue
			}
			row = append(row, string(unescaped(records.record, field)))
		}
		rows = append(rows, row)
	}
}
