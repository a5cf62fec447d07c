package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// cell is a value as the tests see it; nil is NULL.
type cell = *string

func text(s string) cell { return &s }

// scanAll reads with the scanner under test: rows of n fields until the end or an error.
func scanAll(source io.Reader, n int) (rows [][]cell, err error) {
	scanner := newCSVScanner(source)
	for {
		var row []cell
		err := scanner.eachField(n, func(_ int, value field) {
			if value.null {
				row = append(row, nil)
			} else {
				row = append(row, text(string(value.text)))
			}
		})
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// referenceCSV is the same grammar, written one byte at a time and for clearness only.
func referenceCSV(data string, n int) (rows [][]cell, err error) {
	bad := errors.New("not CSV")
	for len(data) > 0 {
		var row []cell
		for last := false; !last; {
			value, quoted := "", strings.HasPrefix(data, `"`)
			if quoted {
				data = data[1:]
				for {
					end := strings.IndexByte(data, '"')
					if end < 0 {
						return rows, bad
					}
					value, data = value+data[:end], data[end+1:]
					if !strings.HasPrefix(data, `"`) {
						break
					}
					value, data = value+`"`, data[1:]
				}
			} else {
				end := strings.IndexAny(data, ",\n\r\"")
				if end < 0 || data[end] == '\r' || data[end] == '"' {
					return rows, bad
				}
				value, data = data[:end], data[end:]
			}
			if data == "" || data[0] != ',' && data[0] != '\n' {
				return rows, bad
			}
			last, data = data[0] == '\n', data[1:]
			if !quoted && value == "" {
				row = append(row, nil)
			} else {
				row = append(row, &value)
			}
		}
		if len(row) != n {
			return rows, bad
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func equalRows(a, b [][]cell) bool {
	return slices.EqualFunc(a, b, func(x, y []cell) bool {
		return slices.EqualFunc(x, y, func(p, q cell) bool { return (p == nil) == (q == nil) && (p == nil || *p == *q) })
	})
}

func TestScanner(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why, input string
		fields     int
		want       [][]cell
		problem    string
	}{
		{"no record at all", "", 2, nil, ""},
		{"NULL and the empty string differ", ",\"\"\n", 2, [][]cell{{nil, text("")}}, ""},
		{"one column that is NULL", "\nx\n", 1, [][]cell{{nil}, {text("x")}}, ""},
		{"doubled quotes", `"a""b",""""` + "\n", 2, [][]cell{{text(`a"b`), text(`"`)}}, ""},
		{"everything inside quotes", "\"a,b\",\"\r\n\"\n", 2, [][]cell{{text("a,b"), text("\r\n")}}, ""},
		{"NUL and bytes that are no UTF-8 pass", "\x00,\xff\n", 2, [][]cell{{text("\x00"), text("\xff")}}, ""},
		{"bytes below the comma that mean nothing", " !#$%&'()*+,x\n", 2, [][]cell{{text(" !#$%&'()*+"), text("x")}}, ""},
		{"no final newline", "a,b", 2, nil, "record 1: the file ends inside it"},
		{"cut after a comma", "a,b\na,", 2, [][]cell{{text("a"), text("b")}}, "record 2: the file ends inside it"},
		{"cut inside quotes", "a,\"b", 2, nil, "record 1: the file ends inside it"},
		{"cut after a closing quote", "a,\"b\"", 2, nil, "record 1: the file ends inside it"},
		{"CRLF is not what is written", "a,b\r\n", 2, nil, "record 1: a carriage return outside quotes"},
		{"a quote that opens late", "a,b\"c\n", 2, nil, "record 1: a quote inside an unquoted field"},
		{"text after quotes", "a,\"b\"c\n", 2, nil, "record 1: text after a closing quote"},
		{"one field too few", "a,b\na\n", 2, [][]cell{{text("a"), text("b")}}, "record 2: does not have 2 fields"},
		{"one field too many", "a,b,c\n", 2, nil, "record 1: does not have 2 fields"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			for name, source := range map[string]io.Reader{"whole": strings.NewReader(c.input), "by the byte": iotest.OneByteReader(strings.NewReader(c.input))} {
				got, err := scanAll(source, c.fields)
				if (err == nil) != (c.problem == "") || err != nil && err.Error() != c.problem {
					t.Errorf("%s: error %v, want %q", name, err, c.problem)
				}
				if !equalRows(got, c.want) {
					t.Errorf("%s: got %v, want %v", name, got, c.want)
				}
			}
		})
	}
}

func TestScannerFieldLongerThanTheBuffer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(`x"y,`, csvBuffer)
	input := `a,"` + strings.ReplaceAll(long, `"`, `""`) + "\"\nb," + strings.Repeat("z", 3*csvBuffer) + "\n"
	got, err := scanAll(iotest.HalfReader(strings.NewReader(input)), 2)
	want := [][]cell{{text("a"), &long}, {text("b"), text(strings.Repeat("z", 3*csvBuffer))}}
	if err != nil || !equalRows(got, want) {
		t.Errorf("%d rows, error %v; want the two written", len(got), err)
	}
}

func TestScannerPassesOnReadErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	for _, before := range []string{"", "a,b\n", "a,b\na"} {
		if _, err := scanAll(io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken)), 2); !errors.Is(err, broken) {
			t.Errorf("after %q: got %v, want %v", before, err, broken)
		}
	}
}

// What a correct writer writes comes back, wherever the reads of the source are cut.
func TestScannerReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.IntRange(1, 5).Draw(t, "fields")
		values := rapid.SampledFrom([]string{"", "a", "NULL", ",", "\"", "\"\"", "\r\n", "\n", "\x00", "😀", "long enough for a word", "a b,c d\"e"})
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(rapid.Just(cell(nil)), rapid.Map(values, text)), fields, fields), 0, 20).Draw(t, "rows")
		var file bytes.Buffer
		for _, row := range rows {
			for i, value := range row {
				if i > 0 {
					file.WriteByte(',')
				}
				if value != nil {
					fmt.Fprintf(&file, `"%s"`, strings.ReplaceAll(*value, `"`, `""`))
				}
			}
			file.WriteByte('\n')
		}
		got, err := scanAll(iotest.HalfReader(&file), fields)
		if err != nil || !equalRows(got, rows) {
			t.Fatalf("got %v, error %v", got, err)
		}
	})
}

// FuzzScanner holds the fast scanner to the plain one on any bytes.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{"a,b\n", "\"a\"\"\",\n", ",\n,\n", "\"\r\n\",x\n", "a\r,b\n", "12345678\"", "1234567,12345678\n"} {
		f.Add(seed, 2)
	}
	f.Fuzz(func(t *testing.T, data string, fields int) {
		if fields < 1 || fields > 20 {
			t.Skip("no such table")
		}
		want, wantErr := referenceCSV(data, fields)
		got, err := scanAll(strings.NewReader(data), fields)
		if (err == nil) != (wantErr == nil) || err == nil && !equalRows(got, want) {
			t.Errorf("%q: got %v, %v; want %v, %v", data, got, err, want, wantErr)
		}
	})
}

func BenchmarkScanner(b *testing.B) {
	record := `0031A000023abcdQAA,0011A00001wxyzEQAQ,"Manager, Sales",first.last@example.com,+49 1711234567,2024-01-01T10:00:00Z,true,1234.50,"say ""hi"""` + "\n"
	data := strings.Repeat(record, 20_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		scanner := newCSVScanner(strings.NewReader(data))
		for {
			if err := scanner.eachField(9, func(int, field) {}); err != nil {
				break
			}
		}
	}
}
