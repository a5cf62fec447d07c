package erp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/google/go-cmp/cmp"
)

var (
	text    = arrow.BinaryTypes.String
	int64s  = arrow.PrimitiveTypes.Int64
	doubles = arrow.PrimitiveTypes.Float64
)

// parquetRows is a file of text ids and decimals, in row groups of the given sizes.
func parquetRows(tb testing.TB, properties []parquet.WriterProperty, groups ...int) []byte {
	tb.Helper()
	columns := fieldsOf("id", text, "name", text, "sum", &arrow.Decimal128Type{Precision: 18, Scale: 2}, "n", int64s)
	var batches []arrow.RecordBatch
	row := 0
	for _, rows := range groups {
		builder := array.NewRecordBuilder(memory.DefaultAllocator, columns)
		for range rows {
			builder.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("%06d", row))
			if row%7 == 0 {
				builder.Field(1).AppendNull()
			} else {
				builder.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("name %d", row%50))
			}
			builder.Field(2).(*array.Decimal128Builder).Append(decimal128.FromI64(int64(row) * 101))
			builder.Field(3).(*array.Int64Builder).Append(int64(row))
			row++
		}
		batches = append(batches, builder.NewRecordBatch())
	}
	return parquetBytes(tb, columns, properties, batches...)
}

func TestParquet(t *testing.T) {
	t.Parallel()
	for _, codec := range []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Zstd, compress.Codecs.Lz4Raw} {
		for _, more := range [][]parquet.WriterProperty{
			nil,
			{parquet.WithDictionaryDefault(false), parquet.WithDataPageVersion(parquet.DataPageV2)},
			{parquet.WithDataPageSize(100), parquet.WithVersion(parquet.V1_0)},
			{parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.DeltaByteArray), parquet.WithEncodingFor("sum", parquet.Encodings.Plain), parquet.WithEncodingFor("n", parquet.Encodings.DeltaBinaryPacked)},
			{parquet.WithDictionaryDefault(false), parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithEncodingFor("id", parquet.Encodings.DeltaByteArray), parquet.WithEncodingFor("name", parquet.Encodings.DeltaLengthByteArray)},
		} {
			content := parquetRows(t, append(more, parquet.WithCompression(codec)), 3000, 1, 2000)
			read := mustRead(t, "customers.parquet", content, Options{Identifiers: []string{"id"}})
			if len(read.rows) != 5001 {
				t.Fatalf("%v: %d rows", codec, len(read.rows))
			}
			for i, row := range read.rows {
				name := fmt.Sprintf("name %d", i%50)
				if i%7 == 0 {
					name = null
				}
				want := []string{fmt.Sprintf("%06d", i), name, fmt.Sprintf("%d.%02d", i*101/100, i*101%100), fmt.Sprint(i)}
				if !slices.Equal(want, row) {
					t.Fatalf("%v: row %d is %q, want %q", codec, i, row, want)
				}
			}
		}
	}
}

// F109, F110: what the types of a file become.
func TestParquetTypes(t *testing.T) {
	t.Parallel()
	micros, millis, nanos := &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, &arrow.TimestampType{Unit: arrow.Millisecond}, &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}
	wide := &arrow.Decimal128Type{Precision: 38, Scale: 10}
	for _, test := range []struct {
		name, why string
		schema    *arrow.Schema
		rows      string
		options   Options
		columns   string
		want      [][]string
	}{
		{"id as INT64", "rendered exactly, no float in between", fieldsOf("id", int64s), `[{"id": 9007199254740993}, {"id": -1}, {"id": null}]`,
			Options{Identifiers: []string{"id"}}, "id utf8", [][]string{{"9007199254740993"}, {"-1"}, {null}}},
		{"id as INT32", "the same", fieldsOf("id", arrow.PrimitiveTypes.Int32), `[{"id": 123}]`, Options{Identifiers: []string{"id"}}, "id utf8", [][]string{{"123"}}},
		{"id as UINT64", "the same", fieldsOf("id", arrow.PrimitiveTypes.Uint64), `[{"id": 18446744073709551615}]`, Options{Identifiers: []string{"id"}}, "id utf8", [][]string{{"18446744073709551615"}}},
		{"id as UINT32", "the same", fieldsOf("id", arrow.PrimitiveTypes.Uint32), `[{"id": 4294967295}]`, Options{Identifiers: []string{"id"}}, "id utf8", [][]string{{"4294967295"}}},
		{"id as decimal", "Oracle's NUMBER(38)", fieldsOf("id", &arrow.Decimal128Type{Precision: 38}), `[{"id": "12345678901234567890123456789012345678"}]`,
			Options{Identifiers: []string{"id"}}, "id utf8", [][]string{{"12345678901234567890123456789012345678"}}},
		{"id as decimal with a scale", "the scale is in the file; a rule may strip it", fieldsOf("id", &arrow.Decimal128Type{Precision: 9, Scale: 2}), `[{"id": "-0.05"}]`,
			Options{Identifiers: []string{"id"}}, "id utf8", [][]string{{"-0.05"}}},
		{"decimal(38,10)", "all digits", fieldsOf("d", wide), `[{"d": "-1234567890123456789012345678.0123456789"}]`, Options{}, "d decimal(38, 10)", [][]string{{"-1234567890123456789012345678.0123456789"}}},
		{"integers", "64 bits, whatever the file has", fieldsOf("a", arrow.PrimitiveTypes.Int8, "b", arrow.PrimitiveTypes.Uint16, "c", int64s), `[{"a": -128, "b": 65535, "c": 9223372036854775807}]`,
			Options{}, "a int64, b int64, c int64", [][]string{{"-128", "65535", "9223372036854775807"}}},
		{"dates and times", "microseconds, UTC", fieldsOf("a", arrow.FixedWidthTypes.Date32, "b", micros, "c", millis, "d", nanos, "e", arrow.FixedWidthTypes.Time32ms),
			`[{"a": "2024-02-29", "b": "2024-02-29T12:00:00.123456Z", "c": "2024-02-29T12:00:00.123", "d": "2024-02-29T12:00:00.123456000Z", "e": "12:34:56.789"}]`, Options{},
			"a date32, b timestamp[us, tz=UTC], c timestamp[us, tz=UTC], d timestamp[us, tz=UTC], e time64[us]",
			[][]string{{"2024-02-29", "2024-02-29T12:00:00.123456Z", "2024-02-29T12:00:00.123Z", "2024-02-29T12:00:00.123456Z", "12:34:56.789000"}}},
		{"booleans", "as they are", fieldsOf("b", arrow.FixedWidthTypes.Boolean), `[{"b": true}, {"b": false}, {"b": null}]`, Options{}, "b bool", [][]string{{"true"}, {"false"}, {null}}},
		{"floats", "the shortest text that reads back equal", fieldsOf("f", doubles, "g", arrow.PrimitiveTypes.Float32), `[{"f": 0.1, "g": 0.1}, {"f": 1e21, "g": null}]`, Options{}, "f utf8, g utf8",
			[][]string{{"0.1", "0.1"}, {"1000000000000000000000", null}}},
		{"text with a type", "parsed exactly", fieldsOf("d", text, "n", text), `[{"d": "1.5", "n": ""}, {"d": null, "n": "7"}]`, Options{Types: map[string]string{"d": "decimal(9,2)", "n": "integer"}},
			"d decimal(9, 2), n int64", [][]string{{"1.50", null}, {null, "7"}}},
		{"decimal to a wider one", "no digit is lost", fieldsOf("d", &arrow.Decimal128Type{Precision: 9, Scale: 2}, "i", int64s), `[{"d": "-0.05", "i": 3}]`,
			Options{Types: map[string]string{"d": "decimal(18,4)", "i": "decimal(9,1)"}}, "d decimal(18, 4), i decimal(9, 1)", [][]string{{"-0.0500", "3.0"}}},
		{"reordered and renamed beside", "columns go by name", fieldsOf("new", text, "name", text, "id", text), `[{"new": "x", "name": "a", "id": "007"}]`,
			Options{Identifiers: []string{"id"}, Required: []string{"name"}}, "new utf8, name utf8, id utf8", [][]string{{"x", "a", "007"}}},
		{"integer as text on demand", "an id that is no rule's", fieldsOf("n", int64s), `[{"n": 7}]`, Options{Types: map[string]string{"n": "text"}}, "n utf8", [][]string{{"7"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			read := mustRead(t, "customers.parquet", parquetBytes(t, test.schema, nil, batchOf(t, test.schema, test.rows)), test.options)
			if diff := cmp.Diff(test.want, read.rows); diff != "" {
				t.Errorf("%s: %s", test.why, diff)
			}
			if got := read.columns(); got != test.columns {
				t.Errorf("columns %q, want %q", got, test.columns)
			}
		})
	}
}

func TestParquetRefused(t *testing.T) {
	t.Parallel()
	nanos := &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}
	for _, test := range []struct {
		name, why string
		schema    *arrow.Schema
		rows      string
		write     []parquet.WriterProperty
		options   Options
		code      int
		words     []string
	}{
		{"F109/brotli", "its decoder writes out of bounds", fieldsOf("id", text), `[{"id": "1"}]`, []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Brotli)}, Options{}, 5, []string{`column "id"`, "Brotli"}},
		{"F109/double id", "digits may be lost", fieldsOf("id", doubles), `[{"id": 1}]`, nil, Options{Identifiers: []string{"id"}}, 5, []string{`column "id"`, "DOUBLE"}},
		{"F109/boolean id", "no identifier", fieldsOf("id", arrow.FixedWidthTypes.Boolean), `[{"id": true}]`, nil, Options{Identifiers: []string{"id"}}, 5, []string{"boolean"}},
		{"F109/list", "no flat column", fieldsOf("id", text, "tags", arrow.ListOf(text)), `[{"id": "1", "tags": ["a"]}]`, nil, Options{}, 5, []string{"list"}},
		{"F109/struct", "no flat column", fieldsOf("id", text, "s", arrow.StructOf(arrow.Field{Name: "a", Type: text})), `[{"id": "1", "s": {"a": "b"}}]`, nil, Options{}, 5, []string{"struct"}},
		{"F109/decimal256", "too many digits", fieldsOf("d", &arrow.Decimal256Type{Precision: 50, Scale: 2}), `[{"d": "1.00"}]`, nil, Options{}, 5, []string{"38 digits"}},
		{"F109/binary", "no text", fieldsOf("b", &arrow.FixedSizeBinaryType{ByteWidth: 3}), `[{"b": "AAAA"}]`, nil, Options{}, 5, []string{"binary"}},
		{"F110/missing", "by name", fieldsOf("kunde", text), `[{"kunde": "1"}]`, nil, Options{Required: []string{"id"}}, 5, []string{`column "id" missing`, `"kunde"`}},
		{"F110/case twins", "SQL cannot tell them apart", fieldsOf("id", text, "ID", text), `[{"id": "1", "ID": "2"}]`, nil, Options{}, 5, []string{"differ only in case"}},
		{"F101/scientific", "the digits are gone", fieldsOf("id", text), `[{"id": "7"}, {"id": "1.23E+10"}]`, nil, Options{Identifiers: []string{"id"}}, 5, []string{"row 2", "first of 1 identifier"}},
		{"F096/bytes", "marked as text, but not UTF-8", fieldsOf("id", arrow.BinaryTypes.Binary), `[{"id": "YQ=="}, {"id": "/w=="}]`, nil, Options{}, 5, []string{"row 2", `column "id"`, "not UTF-8"}},
		{"F096/nul", "readers cut values there", fieldsOf("id", text), `[{"id": "a\u0000b"}]`, nil, Options{}, 5, []string{"row 1", "NUL"}},
		{"finer than microseconds", "exact or not at all", fieldsOf("t", nanos), `[{"t": "2024-02-29T12:00:00.000000001Z"}]`, nil, Options{}, 5, []string{"row 1", "finer than a microsecond"}},
		{"uint64 beyond int64", "exact or not at all", fieldsOf("n", arrow.PrimitiveTypes.Uint64), `[{"n": 18446744073709551615}]`, nil, Options{}, 5, []string{"row 1", "range"}},
		{"large value", "bounded", fieldsOf("id", text), `[{"id": "12345678901"}]`, nil, Options{Limits: Limits{Field: 10}}, 5, []string{"larger than the limit"}},
		{"F107/many columns", "bounded", fieldsOf("a", text, "b", text), `[{"a": "1"}]`, nil, Options{Limits: Limits{Columns: 1}}, 5, []string{"2 columns, the limit is 1"}},
		{"F107/many rows", "bounded", fieldsOf("a", text), `[{"a": "1"}, {"a": "2"}]`, nil, Options{Limits: Limits{Rows: 1}}, 5, []string{"rows"}},
		{"F107/much content", "bounded", fieldsOf("a", text), `[{"a": "123456789"}, {"a": "2"}]`, nil, Options{Limits: Limits{Content: 5}}, 5, []string{"more than 5 bytes"}},
		{"type that is not there", "the configuration is at fault", fieldsOf("d", doubles), `[{"d": 1}]`, nil, Options{Types: map[string]string{"d": "decimal(9,2)"}}, 2, []string{`column "d"`, "decimal(9,2)", "DOUBLE"}},
		{"typed column missing", "the configuration is at fault", fieldsOf("d", text), `[{"d": "1"}]`, nil, Options{Types: map[string]string{"e": "integer"}}, 2, []string{`column "e"`}},
		{"typed columns missing", "all of them are told at once", fieldsOf("d", text), `[{"d": "1"}]`, nil, Options{Types: map[string]string{"e": "integer", "f": "date"}}, 2, []string{`column "e"`, `the same holds for "f"`, `the file has "d"`}},
		{"text that is no number", "row and column", fieldsOf("d", text), `[{"d": "1"}, {"d": "secret"}]`, nil, Options{Types: map[string]string{"d": "integer"}}, 5, []string{"row 2", `column "d"`, "not an integer"}},
		{"decimal that loses digits", "exact or not at all", fieldsOf("d", &arrow.Decimal128Type{Precision: 9, Scale: 3}), `[{"d": "1.005"}]`, nil, Options{Types: map[string]string{"d": "decimal(9,2)"}}, 5, []string{"row 1", "behind the point"}},
		{"F108/no rows", "0 rows is never a day's customers", fieldsOf("id", text), `[]`, nil, Options{}, 5, []string{"no rows"}},
		{"format", "the configuration says csv", fieldsOf("id", text), `[{"id": "1"}]`, nil, Options{Format: "csv"}, 5, []string{"erp.source.format is csv"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			content := parquetBytes(t, test.schema, test.write, batchOf(t, test.schema, test.rows))
			refusal := mustRefuse(t, "customers.parquet", content, test.options, test.code, test.words...)
			if strings.Contains(refusal.Error(), "secret") {
				t.Errorf("the value is in the message: %v", refusal)
			}
			if t.Failed() {
				t.Log(test.why)
			}
		})
	}
}

// F108: zero row groups, the other way to have no rows.
func TestF108NoRowGroups(t *testing.T) {
	t.Parallel()
	content := parquetBytes(t, fieldsOf("id", text), nil)
	mustRefuse(t, "customers.parquet", content, Options{}, exitInput, "no rows")
	if read := mustRead(t, "customers.parquet", content, Options{AllowEmpty: true}); len(read.rows) != 0 || read.columns() != "id utf8" {
		t.Errorf("%d rows of %s", len(read.rows), read.columns())
	}
}

func TestF108Footer(t *testing.T) {
	t.Parallel()
	whole := parquetRows(t, nil, 10)
	long := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(long[len(long)-8:], uint32(len(long)))
	mustRefuse(t, "customers.parquet", long, Options{}, exitInput, "footer is longer than the file")
	mustRefuse(t, "customers.parquet", append(bytes.Clone(whole), 0), Options{}, exitInput, "PAR1")
	mustRefuse(t, "customers.parquet", []byte("PAR1"), Options{}, exitInput, "PAR1")
	mustRefuse(t, "customers.parquet", []byte("PAR1\x00\x00\x00\x00PAR1"), Options{}, exitInput)
	mustRefuse(t, "customers.parquet", gzipBytes(t, whole), Options{}, exitInput, "compressed Parquet")
	mustRefuse(t, "customers.csv", append([]byte("PARE"), whole[4:]...), Options{Format: "csv"}, exitInput)
	encryptedTail := append(bytes.Clone(whole[:len(whole)-4]), "PARE"...)
	mustRefuse(t, "customers.parquet", encryptedTail, Options{}, exitInput, "encrypted")
}

func TestF109Encrypted(t *testing.T) {
	t.Parallel()
	for name, plaintextFooter := range map[string]bool{"footer encrypted": false, "footer plain": true} {
		options := []parquet.EncryptOption{}
		if plaintextFooter {
			options = append(options, parquet.WithPlaintextFooter())
		}
		properties := parquet.NewFileEncryptionProperties("0123456789abcdef", options...)
		content := parquetRows(t, []parquet.WriterProperty{parquet.WithEncryptionProperties(properties)}, 10)
		refusal := mustRefuse(t, "customers.parquet", content, Options{}, exitInput, "encrypted")
		if t.Failed() {
			t.Log(name, refusal)
		}
	}
}

// F109: the timestamps of older Spark, Hive and Impala, also where they do not fit 64-bit nanoseconds.
func TestF109Int96(t *testing.T) {
	t.Parallel()
	at := func(days int64, nanos uint64) (value parquet.Int96) {
		binary.LittleEndian.PutUint64(value[:8], nanos)
		binary.LittleEndian.PutUint32(value[8:], uint32(2_440_588+days))
		return value
	}
	node, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{schema.NewInt96Node("at", parquet.Repetitions.Required, -1)}, -1)
	if err != nil {
		t.Fatal(err)
	}
	write := func(values ...parquet.Int96) []byte {
		var out bytes.Buffer
		writer := file.NewParquetWriter(&out, node)
		group, err := writer.AppendRowGroupChecked()
		if err != nil {
			t.Fatal(err)
		}
		column, err := group.NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := column.(*file.Int96ColumnChunkWriter).WriteBatch(values, nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	const days, last = 719_162, 86_399_999_999_000 // from the first of the year 1 to 1970; of a day
	read := mustRead(t, "customers.parquet", write(at(0, 0), at(19_782, 43_200_123_456_000), at(2_932_896, last), at(-days, 0)), Options{})
	if diff := cmp.Diff([][]string{{"1970-01-01T00:00:00Z"}, {"2024-02-29T12:00:00.123456Z"}, {"9999-12-31T23:59:59.999999Z"}, {"0001-01-01T00:00:00Z"}}, read.rows); diff != "" {
		t.Error(diff)
	}
	mustRefuse(t, "customers.parquet", write(at(0, 1)), Options{}, exitInput, "finer than a microsecond")
	mustRefuse(t, "customers.parquet", write(at(0, 86_400_000_000_000)), Options{}, exitInput, "range")
	for _, beyond := range []parquet.Int96{at(2_932_897, 0), at(-days-1, last), at(-2_440_588, 0), at(math.MaxUint32-2_440_588, 0)} {
		mustRefuse(t, "customers.parquet", write(at(0, 0), beyond), Options{}, exitInput, "row 2", `column "at"`, "range")
	}
}

// Dictionary columns are an encoding: what counts is what they hold.
func TestF109Dictionary(t *testing.T) {
	t.Parallel()
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: text}
	columns := fieldsOf("id", dictionary)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, columns)
	for _, value := range []string{"a", "b", "a"} {
		if err := builder.Field(0).(*array.BinaryDictionaryBuilder).AppendString(value); err != nil {
			t.Fatal(err)
		}
	}
	read := mustRead(t, "customers.parquet", parquetBytes(t, columns, nil, builder.NewRecordBatch()), Options{Identifiers: []string{"id"}})
	if diff := cmp.Diff([][]string{{"a"}, {"b"}, {"a"}}, read.rows); diff != "" {
		t.Error(diff)
	}
}

func TestParquetUUID(t *testing.T) {
	t.Parallel()
	node, err := schema.NewPrimitiveNodeLogical("id", parquet.Repetitions.Required, schema.UUIDLogicalType{}, parquet.Types.FixedLenByteArray, 16, -1)
	if err != nil {
		t.Fatal(err)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{node}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	writer := file.NewParquetWriter(&out, root)
	group, err := writer.AppendRowGroupChecked()
	if err != nil {
		t.Fatal(err)
	}
	column, err := group.NextColumn()
	if err != nil {
		t.Fatal(err)
	}
	value := parquet.FixedLenByteArray("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff")
	if _, err := column.(*file.FixedLenByteArrayColumnChunkWriter).WriteBatch([]parquet.FixedLenByteArray{value}, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	read := mustRead(t, "customers.parquet", out.Bytes(), Options{Identifiers: []string{"id"}})
	if got := read.rows[0][0]; got != "00112233-4455-6677-8899-aabbccddeeff" {
		t.Error(got)
	}
}

// Row groups run on through batches, and a batch of long texts ends at its bytes.
func TestParquetBatches(t *testing.T) {
	t.Parallel()
	read := mustRead(t, "customers.parquet", parquetRows(t, nil, 50_000, 50_000, 40_000), Options{})
	if len(read.rows) != 140_000 || len(read.table.Parts) != 3 || read.table.Parts[0].Rows != batchRows {
		t.Errorf("%d rows in %d parts", len(read.rows), len(read.table.Parts))
	}
	long := `{"id": "` + strings.Repeat("x", 10_000) + `"}`
	columns := fieldsOf("id", text)
	content := parquetBytes(t, columns, nil, batchOf(t, columns, "["+strings.Repeat(long+",", 3_999)+long+"]"))
	if read := mustRead(t, "customers.parquet", content, Options{}); len(read.table.Parts) != 3 {
		t.Errorf("%d parts for 40 MB, want 3", len(read.table.Parts))
	}
}

// F108: damage is refused or harmless to the number of rows; with a checksum every damage is refused.
func TestF108Mutated(t *testing.T) {
	t.Parallel()
	const rows = 500
	whole := parquetRows(t, []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Snappy)}, rows/2, rows/2)
	random := rand.New(rand.NewPCG(108, 1))
	footer := len(whole) - 8 - int(binary.LittleEndian.Uint32(whole[len(whole)-8:]))
	refused, harmless := 0, 0
	for variant := range 500 {
		damaged, kind := mutate(bytes.Clone(whole), footer, variant, random)
		path := writeFile(t, "customers.parquet", damaged)
		read, err := readSnapshot(t, t.Context(), Options{Path: path, Required: []string{"id"}})
		switch {
		case err != nil:
			requireRefusal(t, err, exitInput)
			refused++
		case len(read.rows) != rows:
			t.Errorf("variant %d (%s): %d rows and no error", variant, kind, len(read.rows))
		default:
			harmless++
		}
		if !bytes.Equal(damaged, whole) {
			writeChecksum(t, path, whole)
			_, err := readSnapshot(t, t.Context(), Options{Path: path})
			requireRefusal(t, err, exitInput)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d refused, %d with the right number of rows", refused, harmless)
}

// mutate damages content the way disks, networks and people do.
func mutate(content []byte, footer, variant int, random *rand.Rand) ([]byte, string) {
	switch {
	case variant < 100:
		return content[:random.IntN(len(content))], "cut"
	case variant < 300:
		content[random.IntN(len(content))] ^= 1 << random.IntN(8)
		return content, "bit"
	case variant < 450:
		content[footer+random.IntN(len(content)-footer)] = byte(random.IntN(256))
		return content, "footer"
	}
	at := random.IntN(len(content))
	clear(content[at:min(at+512, len(content))])
	return content, "block"
}
