package erp

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
)

// drain reads a source to its end. Any error must be a refusal.
func drain(t *testing.T, options Options, content []byte) (rows int64, err error) {
	t.Helper()
	options.Path = writeFile(t, options.Path, content)
	plan, err := newPlan(options)
	if err != nil {
		t.Fatal(err)
	}
	file, err := openSnapshot(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	defer file.close()
	from, err := openSource(plan, file)
	for err == nil {
		batch, next := from.next(t.Context())
		if next != nil {
			from.close()
			err = next
			break
		}
		rows += batch.NumRows()
		batch.Release()
	}
	if !errors.Is(err, io.EOF) || isRefusal(err) {
		requireRefusal(t, err, exitInput)
		return rows, err
	}
	return rows, file.finish()
}

// FuzzCSV holds any text to: no panic, refusals with an exit code, and a row less, or a refusal, without the last byte.
func FuzzCSV(f *testing.F) {
	for _, test := range accepted {
		f.Add([]byte(test.content))
	}
	for _, test := range refused {
		f.Add([]byte(test.content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := drain(t, Options{Path: "customers.csv", Format: "csv", AllowEmpty: true}, content)
		if err != nil {
			return
		}
		if rows > 1 && isPlainText(content) { // without its last line end, the last row must not pass
			if cut, err := drain(t, Options{Path: "customers.csv", Format: "csv"}, content[:len(content)-1]); err == nil && cut == rows {
				t.Errorf("%d rows, whole or without the last byte", cut)
			}
		}
	})
}

// isPlainText tells text that ends with the line end of a record, stored as it is.
func isPlainText(content []byte) bool {
	before := content[len(content)-2]
	return compressionOf(content) == plain && before != '\n' && before != '\r' && bytes.IndexByte(content, 0) < 0
}

// FuzzHeader holds any first line to: no panic, and names that are distinct and not empty.
func FuzzHeader(f *testing.F) {
	for _, line := range []string{"id,name\n", "sep=;\nid;name\r\n", "\"a\"\"b\",c\r", "\ufeffid\n", "a,A\n", "\"a\nb\"\n", "sep=,", "\"sep=;\"\r\n"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		plan, err := newPlan(Options{Path: "customers.csv"})
		if err != nil {
			t.Fatal(err)
		}
		records := newRecordReader(plan, bytes.NewReader(content), 0)
		names, err := records.readHeader()
		if err != nil {
			requireRefusal(t, err, exitInput)
			return
		}
		if problem := nameProblem(names, true); problem != "" || len(names) != records.columns {
			t.Errorf("%q: %s", names, problem)
		}
	})
}

// FuzzParquet holds damaged files to: no crash, no hang, refusals with an exit code.
func FuzzParquet(f *testing.F) {
	f.Add(parquetRows(f, nil, 20))
	f.Add(parquetRows(f, nil, 3, 4))
	f.Add(texts(f, parquet.Encodings.DeltaByteArray, []string{"KD-1", "KD-12", "", null}))
	f.Add(texts(f, parquet.Encodings.DeltaLengthByteArray, []string{"KD-1", null, "KD-12"}, parquet.WithDataPageVersion(parquet.DataPageV2)))
	f.Add(parquetBytes(f, fieldsOf("id", text, "d", doubles), nil))
	f.Fuzz(func(t *testing.T, content []byte) {
		options := Options{Path: "customers.parquet", Format: "parquet", AllowEmpty: true, Limits: Limits{Rows: 1 << 20, Content: 64 << 20}}
		if _, err := drain(t, options, content); err != nil {
			requireRefusal(t, err, exitInput)
		}
	})
}

// FuzzValues holds the typed parsers to: no panic, and no value from text that holds anything but its characters.
func FuzzValues(f *testing.F) {
	for _, text := range []string{"1.50", "-0", "2024-02-29", "2024-02-29T12:00:00.5+02:00", "yes", "1.23E+10"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if value, err := parseDecimal(text, '.', 38, 10); err == nil && !value.FitsInPrecision(38) {
			t.Errorf("%q has more than 38 digits", text)
		}
		if _, err := parseInteger(text); err == nil && bytes.ContainsAny(text, "._ ex") {
			t.Errorf("%q is an integer", text)
		}
		if _, err := parseDate(text); err == nil && len(text) != 10 {
			t.Errorf("%q is a date", text)
		}
		if _, err := parseTimestamp(text); err == nil && len(text) < 19 {
			t.Errorf("%q is a timestamp", text)
		}
		_, _ = parseBoolean(text)
		_ = isScientific(text)
	})
}
