package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Whatever is written comes back, however it is quoted, ended and read.
func TestDecodeCSVRoundTrip(t *testing.T) {
	t.Parallel()
	value := rapid.OneOf(
		rapid.String(),
		rapid.StringOf(rapid.RuneFrom([]rune{'"', '\n', '\r', ',', 0, 'a', 'é', '😀'})),
		rapid.Map(rapid.IntRange(0, 300), func(n int) string { return strings.Repeat("xyz\"", n) }),
	)
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.IntRange(1, 6).Draw(rt, "width")
		names := make([]string, width)
		for i := range names {
			names[i] = fmt.Sprintf("Field_%d__c", i)
		}
		var page bytes.Buffer
		longest := write(rt, &page, names)
		var want [][]string
		for range rapid.IntRange(0, 12).Draw(rt, "rows") {
			record := rapid.SliceOfN(value, width, width).Draw(rt, "record")
			longest = max(longest, write(rt, &page, record))
			for i := range record {
				if record[i] == "" {
					record[i] = null
				}
			}
			want = append(want, record)
		}
		sizes := rapid.SliceOfN(rapid.IntRange(1, 60), 1, 5).Draw(rt, "sizes")
		bound := longest + rapid.IntRange(1, 100).Draw(rt, "spare")
		got, err := decodeCSV(t, &chunks{rest: page.Bytes(), sizes: sizes}, schemaOf(t, textFields(names...)), bound)
		if err != nil {
			rt.Fatalf("%v in %q", err, page.Bytes())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// write appends a record and returns its bytes. Only what needs no quotes goes without, sometimes.
func write(t *rapid.T, page *bytes.Buffer, record []string) int {
	begun := page.Len()
	for i, value := range record {
		if i > 0 {
			page.WriteByte(',')
		}
		plain := value != "" && !strings.ContainsAny(value, "\",\r\n")
		if plain && rapid.Bool().Draw(t, "plain") {
			page.WriteString(value)
			continue
		}
		page.WriteByte('"')
		for _, c := range []byte(value) {
			if c == '"' {
				page.WriteByte('"')
			}
			page.WriteByte(c)
		}
		page.WriteByte('"')
	}
	page.WriteString(rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end"))
	return page.Len() - begun
}

// FuzzDecodeCSV compares with the reference reader, and the page read at once with the page read byte by byte.
func FuzzDecodeCSV(f *testing.F) {
	tricky, _, _ := trickyPage("\n")
	for _, rest := range []string{"", "1,2,3\n", "\"1\",\"2\",\"3\"\r\n", "\"1\",\"a\"\"b\",\"\"\n", "\"1\"x,2,3\n", "1,\"2\n", "\n", ",,\n", "1,2,3", "\"\xff\",2,3\n", "a\rb,,\n",
		strings.SplitN(tricky, "\n", 2)[1]} {
		f.Add([]byte("\"Id\",\"Name\",\"Fax\"\n" + rest))
	}
	f.Add([]byte("\xef\xbb\xbfId,Name,Fax\r\n"))
	f.Add([]byte("<html>"))
	schema := schemaOf(f, textFields("Id", "Name", "Fax"))
	f.Fuzz(func(t *testing.T, page []byte) {
		got, err := decodeCSV(t, bytes.NewReader(page), schema, maxRecordBytes)
		again, errAgain := decodeCSV(t, iotest.OneByteReader(bytes.NewReader(page)), schema, len(page)+1)
		if !cmp.Equal(got, again) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
			t.Fatalf("at once %q, %v\nby bytes %q, %v", got, err, again, errAgain)
		}
		records, whole := referenceCSV(page)
		whole = whole && slices.Equal(records[0], []string{"Id", "Name", "Fax"})
		for i, record := range records {
			whole = whole && len(record) == 3
			for j, value := range record {
				whole = whole && (i == 0 || utf8.ValidString(value))
				if value == "" {
					record[j] = null
				}
			}
		}
		if (err == nil) != whole {
			t.Fatalf("error %v, reference says whole: %t", err, whole)
		}
		if whole && !cmp.Equal(append([][]string{}, got...), append([][]string{}, records[1:]...)) {
			t.Fatalf("%q, reference %q", got, records[1:])
		}
		var refused *DecodeError
		if err != nil && (!errors.As(err, &refused) || refused.Offset < 0 || refused.Offset > int64(len(page))) {
			t.Fatalf("error %#v", err)
		}
	})
}

// FuzzDecodeJSON compares what is accepted with encoding/json.
func FuzzDecodeJSON(f *testing.F) {
	for _, body := range []string{
		restPage(), restPage(`{"Id":"1","Owner":{"Name":"n"},"Amount":1.5}`), restPage(`{"Id":null,"Owner":null,"Amount":null}`),
		`{"totalSize":9,"done":false,"nextRecordsUrl":"/n","records":[{"attributes":{"a":[1,{}]},"Id":"\u00e9\ud83d\ude00\"","Owner":{"Name":""},"Amount":-1E2}]}`,
		restPage(`{"Id":"\ud800","Owner":null,"Amount":1}`), restPage(`{"Id":"1","Id":"1","Owner":null,"Amount":01}`), "<html>", "[]", "",
	} {
		f.Add([]byte(body))
	}
	schema := schemaOf(f, []Field{{Name: "Id", Type: "id"}, {Name: "Owner.Name", Type: "string"}, {Name: "Amount", Type: "currency", Precision: 18, Scale: 2}})
	f.Fuzz(func(t *testing.T, body []byte) {
		page, got, err := decodePage(t, string(body), schema)
		if err != nil {
			var refused *DecodeError
			if !errors.As(err, &refused) || refused.Offset < 0 || refused.Offset > int64(len(body)) {
				t.Fatalf("error %#v", err)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) && json.Valid(body) {
				t.Fatalf("valid JSON said to be cut: %v", err)
			}
			return
		}
		var want struct {
			TotalSize      int64                        `json:"-"`
			Done           bool                         `json:"done"`
			NextRecordsURL string                       `json:"nextRecordsUrl"`
			Records        []map[string]json.RawMessage `json:"records"`
		}
		var exact map[string]json.RawMessage // encoding/json folds the case of a struct's names
		if err := json.Unmarshal(body, &exact); err != nil {
			t.Fatalf("accepted, though %v", err)
		}
		if err := errors.Join(json.Unmarshal(exact["records"], &want.Records), json.Unmarshal(exact["done"], &want.Done)); err != nil {
			t.Fatal(err)
		}
		if page.Done != want.Done || len(got) != len(want.Records) {
			t.Fatalf("%+v, %d rows, want %+v", page, len(got), want)
		}
		for i, record := range want.Records {
			var id *string
			if err := json.Unmarshal(record["Id"], &id); err != nil {
				t.Fatal(err)
			}
			switch {
			case id == nil || *id == "":
				if got[i][0] != null {
					t.Fatalf("row %d: %q, want NULL", i, got[i][0])
				}
			case *id != got[i][0]:
				t.Fatalf("row %d: %q, want %q", i, got[i][0], *id)
			}
		}
	})
}
