package salesforce

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"
)

func TestDecodeCSVTypes(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, []Field{
		{Name: "Id", Type: "id"}, {Name: "IsActive__c", Type: "boolean"}, {Name: "Employees", Type: "int"},
		{Name: "Ticks__c", Type: "long"}, {Name: "Revenue", Type: "currency", Precision: 18, Scale: 2},
		{Name: "Founded__c", Type: "date"}, {Name: "CreatedDate", Type: "datetime"}, {Name: "Opens__c", Type: "time"},
		{Name: "Number__c", Type: "double", Precision: 18}, {Name: "Seen__c", Type: "datetime"},
	}, "Number__c", "Seen__c")
	page := quoteAll(
		[]string{"Id", "IsActive__c", "Employees", "Ticks__c", "Revenue", "Founded__c", "CreatedDate", "Opens__c", "Number__c", "Seen__c"},
		[]string{"003dM00003jU9GxQAK", "true", "12", "-9223372036854775808", "1.6147805824397E13", "2024-02-29",
			"2023-10-22T06:25:12.000Z", "17:30:00.000Z", "9.9213206E7", "2023-10-22T06:25:12.000+0000"},
		slices.Repeat([]string{""}, 10),
		[]string{"003dM00003jU9GyQAK", "false", "-2147483648", "7", "-0.5", "0001-01-01",
			"9999-12-31T23:59:59.999999Z", "00:00:00", "-0.0", "1700-01-01T00:00:00.000001Z"},
	)
	want := [][]string{
		{"003dM00003jU9GxQAK", "true", "12", "-9223372036854775808", "16147805824397.00", "2024-02-29",
			"2023-10-22T06:25:12Z", "17:30:00.000000", "99213206", "2023-10-22T06:25:12.000Z"},
		slices.Repeat([]string{null}, 10),
		{"003dM00003jU9GyQAK", "false", "-2147483648", "7", "-0.50", "0001-01-01",
			"9999-12-31T23:59:59.999999Z", "00:00:00.000000", "0", "1700-01-01T00:00:00.000001Z"},
	}
	got, err := decodeCSV(t, strings.NewReader(page), schema, maxRecordBytes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeCSVAccepts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, page, why string
		want            [][]string
	}{
		{"header only", "\"Id\",\"Name\"\n", "a query without rows answers with its header", nil},
		{"byte order mark", "\xef\xbb\xbf\"Id\",\"Name\"\n\"1\",\"a\"\n", "proxies and tools add one", [][]string{{"1", "a"}}},
		{"unquoted", "Id,Name\n1,a\n", "documented samples", [][]string{{"1", "a"}}},
		{"CRLF", "\"Id\",\"Name\"\r\n\"1\",\"a\"\r\n2,b\r\n", "a job may be created with lineEnding CRLF", [][]string{{"1", "a"}, {"2", "b"}}},
		{"nothing", "\"Id\",\"Name\"\n\"1\",\"\"\n2,\n,\n", "NULL and the empty string are written alike", [][]string{{"1", null}, {"2", null}, {null, null}}},
		{"words for nothing", "\"Id\",\"Name\"\n\"null\",\"N/A\"\nNULL,#N/A\n", "they are names like any other", [][]string{{"null", "N/A"}, {"NULL", "#N/A"}}},
		{"quotes only", "\"Id\",\"Name\"\n\"\"\"\",\"\"\"\"\"\"\n", "doubled quotes at both ends", [][]string{{`"`, `""`}}},
		{"spaces", "\"Id\",\"Name\"\n\" 1 \", a \n", "spaces belong to the value", [][]string{{" 1 ", " a "}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeCSV(t, strings.NewReader(c.page), schemaOf(t, textFields("Id", "Name")), maxRecordBytes)
			if err != nil {
				t.Fatalf("%v (%s)", err, c.why)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.why, diff)
			}
		})
	}
}

func TestDecodeCSVRefuses(t *testing.T) {
	t.Parallel()
	const header = "\"Id\",\"Name\"\n"
	for _, c := range []struct {
		name, page, why string
		want            DecodeError
	}{
		{"empty body", "", "no header is not zero rows", DecodeError{Problem: "stream ends before or inside the header line", cut: true}},
		{"other header", "\"Id\",\"Nome\"\n", "columns are checked by name",
			DecodeError{Problem: `header field 2: expected "Name", found "Nome"`}},
		{"swapped header", "\"Name\",\"Id\"\n\"a\",\"1\"\n", "swapped columns must not load swapped",
			DecodeError{Problem: `header field 1: expected "Id", found "Name"`}},
		{"short header", "\"Id\"\n", "a field is missing", DecodeError{Offset: 5, Problem: `header ends after 1 fields, expected "Name" next`}},
		{"long header", "\"Id\",\"Name\",\"Fax\"\n", "a field too many", DecodeError{Problem: `header field 3: expected none, found "Fax"`}},
		{"HTML", "<!DOCTYPE html>\n<html lang=\"en\">", "a sign-in page with status 200", DecodeError{Problem: "HTML or XML instead of CSV"}},
		{"cut header", "\"Id\",\"Na", "as much of a header as came", DecodeError{Offset: 8, Problem: "stream ends before or inside the header line", cut: true}},
		{"damaged header", "\"Id\"x,\"Name\"\n", "no dialect that Salesforce writes", DecodeError{Offset: 4, Problem: string(afterQuote)}},
		{"blank body", " \n", "a header line of one blank", DecodeError{Problem: `header field 1: expected "Id", found something that is no field name`}},
		{"JSON", " [{\"errorCode\":\"X\"}]", "an error with status 200", DecodeError{Problem: "JSON instead of CSV", Offset: 0}},
		{"text after quote", header + "\"1\",\"a\"b\n", "quotes were not doubled", DecodeError{Row: 1, Offset: 19, Field: "Name", Problem: string(afterQuote)}},
		{"bare quote", header + "1,a\"b\n", "quotes were not doubled", DecodeError{Row: 1, Offset: 15, Field: "Name", Problem: string(bareQuote)}},
		{"short record", header + "\"1\",\"a\"\n\"2\"\n", "never NULL for what is missing", DecodeError{Row: 2, Offset: 23, Field: "Id", Problem: string(tooFewFields)}},
		{"long record", header + "\"1\",\"a\",\"\"\n", "never dropped", DecodeError{Row: 1, Offset: 19, Field: "Name", Problem: string(tooManyFields)}},
		{"empty line", header + "\n", "Salesforce writes none", DecodeError{Row: 1, Offset: 12, Field: "Id", Problem: string(tooFewFields)}},
		{"bare return", header + "\"1\",\"a\"\r\"2\",\"b\"\n", "CR alone ends no line", DecodeError{Row: 1, Offset: 19, Field: "Name", Problem: string(bareReturn)}},
		{"no line break", header + "\"1\",\"a\"", "a value cut short looks the same", DecodeError{Row: 1, Offset: 19, Field: "Name", Problem: string(unfinished), cut: true}},
		{"open quote", header + "\"1\",\"a\n", "cut inside a value", DecodeError{Row: 1, Offset: 19, Field: "Name", Problem: string(unfinished), cut: true}},
		{"after the comma", header + "\"1\",", "DuckDB and encoding/csv take it as NULL", DecodeError{Row: 1, Offset: 16, Field: "Name", Problem: string(unfinished), cut: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeCSV(t, strings.NewReader(c.page), schemaOf(t, textFields("Id", "Name")), maxRecordBytes)
			got := *refusal(t, err)
			c.want.Object = "Contact"
			if got != c.want {
				t.Errorf("got  %#v\nwant %#v: %s", got, c.want, c.why)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) != c.want.cut {
				t.Errorf("errors.Is(err, io.ErrUnexpectedEOF) = %t", !c.want.cut)
			}
		})
	}
}

// A record that does not say whether it lies in the recycle bin is refused by both decoders: it would be published.
func TestDecodeWithoutFlag(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, []Field{{Name: "Id", Type: "string"}, {Name: "IsDeleted", Type: "boolean"}, {Name: "Name", Type: "string"}})
	const header = "\"Id\",\"IsDeleted\",\"Name\"\n\"1\",\"true\",\"\"\n"
	for name, decode := range map[string]func() error{
		"CSV, quoted": func() error {
			_, err := decodeCSV(t, strings.NewReader(header+"\"2\",\"\",\"\"\n"), schema, maxRecordBytes)
			return err
		},
		"CSV": func() error {
			_, err := decodeCSV(t, strings.NewReader(header+"\"2\",,\"\"\n"), schema, maxRecordBytes)
			return err
		},
		"JSON": func() error {
			_, _, err := decodePage(t, restPage(`{"Id":"1","IsDeleted":true,"Name":null}`, `{"Id":"2","IsDeleted":null,"Name":null}`), schema)
			return err
		},
	} {
		got := refusal(t, decode())
		if got.Row != 2 || got.Field != "IsDeleted" || got.Problem != string(noFlag) || strings.Contains(got.Hint(), "take the field out") {
			t.Errorf("%s: %v, hint %q", name, got, got.Hint())
		}
	}
}

func TestDecodeCSVEmptyLineOfOneColumn(t *testing.T) {
	t.Parallel()
	_, err := decodeCSV(t, strings.NewReader("\"Id\"\n\"\"\n\n"), schemaOf(t, textFields("Id")), maxRecordBytes)
	if got := refusal(t, err); got.Row != 2 || got.Problem != string(emptyLine) {
		t.Errorf("got %v: a NULL is written as two quotes, so an empty line is none", got)
	}
}

// trickyPage has all that a value may hold, in records of different length.
func trickyPage(lineEnd string) (page string, ends []int, want [][]string) {
	want = [][]string{
		{"1", "a\nb\r\nc\rd", "12.50"}, {"2", `"quoted", comma; tab	`, null}, {null, "nul\x00 e\u0301 👩‍💻 \u202e\u00a0", "0.00"},
		{"3", strings.Repeat("long ", 40) + `"`, "-1.00"}, {"4", null, "99999999.99"},
	}
	page = strings.ReplaceAll(quoteAll([]string{"Id", "Name", "Amount"}), "\n", lineEnd)
	ends = append(ends, len(page))
	for _, record := range want {
		line := quoteAll(slices.Collect(func(yield func(string) bool) {
			for _, value := range record {
				yield(strings.TrimPrefix(value, null))
			}
		}))
		page += strings.TrimSuffix(line, "\n") + lineEnd
		ends = append(ends, len(page))
	}
	return page, ends, want
}

func trickySchema(tb testing.TB) *arrow.Schema {
	return schemaOf(tb, append(textFields("Id", "Name"), Field{Name: "Amount", Type: "currency", Precision: 10, Scale: 2}))
}

func TestDecodeCSVCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, lineEnd := range []string{"\n", "\r\n"} {
		page, ends, want := trickyPage(lineEnd)
		schema := trickySchema(t)
		for n := range len(page) + 1 {
			got, err := decodeCSV(t, strings.NewReader(page[:n]), schema, maxRecordBytes)
			whole := slices.Index(ends, n)
			if whole < 0 {
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("cut after %d bytes: error %v, %d rows", n, err, len(got))
				}
				continue
			}
			if err != nil || !cmp.Equal(append([][]string{}, got...), want[:whole]) {
				t.Errorf("cut between records after %d bytes: %v, %q", n, err, got)
			}
		}
	}
}

func TestDecodeCSVSplitReads(t *testing.T) {
	t.Parallel()
	page, _, want := trickyPage("\r\n")
	for _, c := range []struct {
		name, why   string
		reader      io.Reader
		recordBytes int
	}{
		{"byte by byte", "the smallest reads", iotest.OneByteReader(strings.NewReader(page)), maxRecordBytes},
		{"data with EOF", "a reader may end with its last bytes", iotest.DataErrReader(strings.NewReader(page)), maxRecordBytes},
		{"halves", "reads that do not fill", iotest.HalfReader(strings.NewReader(page)), maxRecordBytes},
		{"primes", "cuts at every kind of place", &chunks{rest: []byte(page), sizes: []int{1, 2, 3, 5, 7, 11, 13}}, maxRecordBytes},
		{"smallest window", "every record crosses its end", strings.NewReader(page), 220},
		{"both", "small reads into a small window", iotest.OneByteReader(strings.NewReader(page)), 220},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeCSV(t, c.reader, trickySchema(t), c.recordBytes)
			if err != nil {
				t.Fatalf("%v (%s)", err, c.why)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", c.why, diff)
			}
		})
	}
}

func TestDecodeCSVReaderError(t *testing.T) {
	t.Parallel()
	page, ends, _ := trickyPage("\n")
	broken := errors.New("connection reset")
	for _, n := range []int{0, 3, ends[0], ends[2], ends[2] + 4} {
		reader := io.MultiReader(strings.NewReader(page[:n]), iotest.ErrReader(broken))
		_, err := decodeCSV(t, reader, trickySchema(t), maxRecordBytes)
		var refused *DecodeError
		if !errors.Is(err, broken) || errors.As(err, &refused) {
			t.Errorf("after %d bytes: error %v, want the reader's own", n, err)
		}
	}
	_, err := decodeCSV(t, &idle{}, trickySchema(t), maxRecordBytes)
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

type idle struct{}

func (*idle) Read([]byte) (int, error) { return 0, nil }

func TestDecodeCSVRecordBound(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, textFields("Id", "Name"))
	page := quoteAll([]string{"Id", "Name"}, []string{"1", strings.Repeat("x", 91)}, []string{"2", "y"})
	if rows, err := decodeCSV(t, strings.NewReader(page), schema, 98); err != nil || len(rows) != 2 {
		t.Errorf("a record as long as the bound: %d rows, %v", len(rows), err)
	}
	_, err := decodeCSV(t, strings.NewReader(page), schema, 97)
	if got := refusal(t, err); got.Row != 1 || got.Problem != string(recordTooLarge) || got.Field != "Name" {
		t.Errorf("a record longer than the bound: %v", got)
	}
	_, err = decodeCSV(t, strings.NewReader(strings.Repeat("x", 1000)), schema, 98)
	if got := refusal(t, err); got.Row != 0 || got.Problem != string(recordTooLarge) {
		t.Errorf("a header longer than the bound: %v", got)
	}
}

func TestDecodeCSVBatches(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, textFields("Id", "Name"))
	for _, c := range []struct {
		name, why   string
		rows, width int
		want        []int64
	}{
		{"by rows", "65,536 rows", 150_000, 4, []int64{65_536, 65_536, 18_928}},
		{"exactly", "no empty batch follows", 65_536, 4, []int64{65_536}},
		{"by bytes", "16 MiB of the stream: 164 records of 102,406 bytes", 400, 102_400, []int64{164, 164, 72}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			value := strings.Repeat("é", c.width/2)
			line := fmt.Sprintf("\"%s\",\"\"\n", value)
			page := "\"Id\",\"Name\"\n" + strings.Repeat(line, c.rows)
			d, err := newCSVDecoder(strings.NewReader(page), schema, "Contact", leakChecked(t))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Release()
			var got []int64
			for {
				batch, err := d.Next()
				if atEnd(err) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, batch.NumRows())
				last := int(batch.NumRows()) - 1
				if batch.Column(0).NullN() != 0 || batch.Column(1).NullN() != last+1 || batch.Column(0).ValueStr(last) != value {
					t.Errorf("batch %d: %d and %d NULLs", len(got), batch.Column(0).NullN(), batch.Column(1).NullN())
				}
				batch.Release()
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("batches of %d rows, want %d: %s", got, c.want, c.why)
			}
		})
	}
}

// A batch that the caller holds must not change while the next ones are decoded in recycled memory.
func TestDecodeCSVBatchesAreIndependent(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString("\"Id\",\"Amount\"\n")
	for i := range 200_000 {
		fmt.Fprintf(&body, "\"row %d\",\"%d.5\"\n", i, i)
	}
	schema := schemaOf(t, append(textFields("Id"), Field{Name: "Amount", Type: "double", Precision: 18, Scale: 1}))
	d, err := newCSVDecoder(strings.NewReader(body.String()), schema, "Contact", leakChecked(t))
	if err != nil {
		t.Fatal(err)
	}
	var held []arrow.RecordBatch
	for {
		batch, err := d.Next()
		if atEnd(err) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if held = append(held, batch); len(held) == 2 {
			held[1].Release() // its blocks go to the third
		}
	}
	d.Release() // before the batches, which stay good
	for i, at := range map[int]int{0: 0, 2: 2 * maxBatchRows, 3: 3 * maxBatchRows} {
		for row, got := range cells(held[i]) {
			if want := []string{fmt.Sprintf("row %d", at+row), fmt.Sprintf("%d.5", at+row)}; !slices.Equal(got, want) {
				t.Fatalf("batch %d row %d: %q, want %q", i, row, got, want)
			}
		}
		held[i].Release()
	}
	if _, err := d.Next(); err == nil {
		t.Error("Next after Release gave a batch")
	}
}

func TestDecodeCSVErrorStays(t *testing.T) {
	t.Parallel()
	d, err := newCSVDecoder(strings.NewReader("Id\n1\n\"2\n"), schemaOf(t, textFields("Id")), "Contact", leakChecked(t))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Release()
	_, first := d.Next()
	_, second := d.Next()
	if refusal(t, first).Row != 2 || !errors.Is(second, first) {
		t.Errorf("first %v, then %v", first, second)
	}
}
