package erp

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/google/go-cmp/cmp"
)

// Decimals of one to eighteen digits may be stored as integers.
func TestParquetDecimalsAsIntegers(t *testing.T) {
	t.Parallel()
	columns := fieldsOf("a", &arrow.Decimal128Type{Precision: 4, Scale: 2}, "b", &arrow.Decimal128Type{Precision: 18, Scale: 2})
	content := parquetBytes(t, columns, []parquet.WriterProperty{parquet.WithStoreDecimalAsInteger(true)},
		batchOf(t, columns, `[{"a": "-99.99", "b": "9999999999999999.99"}, {"a": "0.01", "b": null}]`))
	read := mustRead(t, "customers.parquet", content, Options{})
	if diff := cmp.Diff([][]string{{"-99.99", "9999999999999999.99"}, {"0.01", null}}, read.rows); diff != "" {
		t.Error(diff)
	}
}

// Big-endian two's complement of any length: a value has many spellings, and none may wrap around.
func TestBigEndianDecimals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why, bytes, want string
		err              error
	}{
		{"one byte", "\x7f", "1.27", nil},
		{"negative", "\xff", "-0.01", nil},
		{"sixteen bytes", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", "-2.56", nil},
		{"more bytes, only sign", strings.Repeat("\x00", 20) + "\x01", "0.01", nil},
		{"more bytes, negative", strings.Repeat("\xff", 20) + "\x00", "-2.56", nil},
		{"more bytes, more value", "\x01" + strings.Repeat("\x00", 16), "", errOutOfRange},
		{"more bytes, other sign", "\x00\x80" + strings.Repeat("\x00", 15), "", errOutOfRange},
		{"39 digits", "\x7f" + strings.Repeat("\xff", 15), "", errPrecision},
		{"no bytes", "", "", errOutOfRange},
	} {
		builder := array.NewDecimal128Builder(memory.DefaultAllocator, &arrow.Decimal128Type{Precision: 38, Scale: 2})
		column := &parquetColumn{stored: columnType{decimalKind, 38, 2}, builder: builder}
		err := column.addBigEndian([]byte(test.bytes))
		if !errors.Is(err, test.err) {
			t.Errorf("%s: %v", test.why, err)
		}
		if err == nil {
			built := builder.NewDecimal128Array()
			if got := string(appendDecimal(nil, built.Value(0), 2)); got != test.want {
				t.Errorf("%s: %s, want %s", test.why, got, test.want)
			}
			built.Release()
		}
		builder.Release()
	}
}

// A day before the year 1 or after 9999 is none that a published column can hold. Text and Salesforce have the same
// bounds.
func TestParquetYears(t *testing.T) {
	t.Parallel()
	const (
		first, last             = -719_162, 2_932_896 // days; not the code's own constants
		firstMicro, afterMicros = first * 86_400_000_000, (last + 1) * 86_400_000_000
	)
	date, millis, micros := arrow.FixedWidthTypes.Date32, &arrow.TimestampType{Unit: arrow.Millisecond}, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	nanos := &arrow.TimestampType{Unit: arrow.Nanosecond}
	for _, test := range []struct {
		name    string
		of      arrow.DataType
		value   int64
		reads   string // "" where it is refused
		problem string
	}{
		{"first day", date, first, "0001-01-01", ""},
		{"last day", date, last, "9999-12-31", ""},
		{"day before the first", date, first - 1, "", "range"},
		{"day after the last", date, last + 1, "", "range"},
		{"DuckDB's infinity", date, math.MaxInt32, "", "range"},
		{"least day", date, math.MinInt32, "", "range"},
		{"first millisecond", millis, firstMicro / 1000, "0001-01-01T00:00:00Z", ""},
		{"last millisecond", millis, afterMicros/1000 - 1, "9999-12-31T23:59:59.999Z", ""},
		{"millisecond before the first", millis, firstMicro/1000 - 1, "", "range"},
		{"millisecond after the last", millis, afterMicros / 1000, "", "range"},
		{"greatest millisecond", millis, math.MaxInt64, "", "range"},
		{"first microsecond", micros, firstMicro, "0001-01-01T00:00:00Z", ""},
		{"last microsecond", micros, afterMicros - 1, "9999-12-31T23:59:59.999999Z", ""},
		{"microsecond before the first", micros, firstMicro - 1, "", "range"},
		{"microsecond after the last", micros, afterMicros, "", "range"},
		{"DuckDB's infinite timestamp", micros, math.MaxInt64, "", "range"},
		{"least microsecond", micros, math.MinInt64, "", "range"},
		{"last nanosecond of 64 bits", nanos, math.MaxInt64 / 1000 * 1000, "2262-04-11T23:47:16.854775Z", ""},
		{"first nanosecond of 64 bits", nanos, math.MinInt64 / 1000 * 1000, "1677-09-21T00:12:43.145225Z", ""},
		{"finer than the bounds", nanos, math.MaxInt64, "", "finer than a microsecond"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			columns := fieldsOf("at", test.of)
			builder := array.NewRecordBuilder(memory.DefaultAllocator, columns)
			defer builder.Release()
			builder.Field(0).AppendNull()
			switch moments := builder.Field(0).(type) {
			case *array.Date32Builder:
				moments.Append(arrow.Date32(test.value))
			case *array.TimestampBuilder:
				moments.Append(arrow.Timestamp(test.value))
			}
			content := parquetBytes(t, columns, nil, builder.NewRecordBatch())
			if test.reads == "" {
				mustRefuse(t, "customers.parquet", content, Options{}, exitInput, "row 2", `column "at"`, test.problem)
				return
			}
			read := mustRead(t, "customers.parquet", content, Options{})
			if diff := cmp.Diff([][]string{{null}, {test.reads}}, read.rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A panic of the decoder is a refusal, and its words, which may be bytes of the file, stay inside.
func TestDecoderPanics(t *testing.T) {
	t.Parallel()
	plan, err := newPlan(Options{Path: "customers.parquet"})
	if err != nil {
		t.Fatal(err)
	}
	decode := func(cause func()) (err error) {
		defer guard(plan, &err)
		cause()
		return nil
	}
	index := 3
	requireRefusal(t, decode(func() { _ = []byte{}[index] }), exitInput, "damaged", "index out of range")
	if refusal := requireRefusal(t, decode(func() { panic("secret") }), exitInput, "damaged"); strings.Contains(refusal.Error(), "secret") {
		t.Error(refusal)
	}
	if err := decode(func() {}); err != nil {
		t.Error(err)
	}
}

// Check refuses what Read would refuse before its rows, and stages nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"customers.csv": []byte(small), "customers.parquet": parquetRows(t, nil, 3)} {
		path := writeFile(t, name, content)
		if err := Check(t.Context(), Options{Path: path, Required: []string{"id"}}); err != nil {
			t.Error(err)
		}
		requireRefusal(t, Check(t.Context(), Options{Path: path, Required: []string{"customer_id"}}), exitInput, "missing")
		requireRefusal(t, Check(t.Context(), Options{Path: path + ".old"}), exitInput, "no such file")
		requireRefusal(t, Check(t.Context(), Options{Path: path, Format: "xls"}), exitConfiguration, "unknown format")
	}
}

// Check does not read the whole file: only Read can tell that its checksum is another.
func TestCheckLeavesTheChecksum(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"customers.csv": []byte(small), "customers.parquet": parquetRows(t, nil, 3)} {
		path := writeFile(t, name, content)
		if err := os.WriteFile(path+".sha256", []byte(strings.Repeat("0", 64)+"  "+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Check(t.Context(), Options{Path: path}); err != nil {
			t.Error(err)
		}
		_, err := readSnapshot(t, t.Context(), Options{Path: path})
		requireRefusal(t, err, exitInput, "the checksum file says")
	}
}
