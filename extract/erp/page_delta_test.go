package erp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// deltas is a run of one value in blocks of so many values and parts.
func deltas(block, parts, total uint64) string {
	return uvarint(block) + uvarint(parts) + uvarint(total) + "\x0e"
}

// F107: the header of a page of deltas is believed by the library, whatever memory it asks for.
func TestF107DeltasBeyondTheirPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, page string
		says       string // "" where it is read
	}{
		{"as writers do", deltas(128, 4, 1), ""},
		{"the largest block", deltas(deltaBlock, 1, 1), ""},
		{"a block of 32 GiB", deltas(1<<32-128, 1, 1), errDeltaSize.Error()},
		{"a block beyond the bound", deltas(deltaBlock+128, 1, 1), errDeltaSize.Error()},
		{"as many parts", deltas(64*deltaBlock, 2*deltaBlock, 1), errDeltaSize.Error()},
		{"a gigabyte of values", deltas(128, 4, 1<<28), errDeltaSize.Error()},
		{"no parts", deltas(128, 0, 1), errDelta.Error()},
		{"parts that do not divide", deltas(128, 3, 1), errDelta.Error()},
		{"a header that ends", deltas(128, 4, 1)[:2], errDelta.Error()},
		{"nothing", "", errDelta.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data := "\x02\x00\x00\x00\x02\x01" + test.page // one value that is there
			header := "\x15\x00\x15" + uvarint(uint64(2*len(data))) + "\x15" + uvarint(uint64(2*len(data))) + "\x2c\x15\x02\x15\x0a\x15\x06\x15\x06\x00\x00"
			content := oneColumn(compress.Codecs.Uncompressed, header+data)
			if test.says != "" {
				mustRefuse(t, "customers.parquet", content, Options{}, exitInput, `column "id"`, "damaged", test.says)
				return
			}
			read := mustRead(t, "customers.parquet", content, Options{})
			if diff := cmp.Diff([][]string{{"7"}}, read.rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// texts is a file of one column in an encoding.
func texts(tb testing.TB, encoding parquet.Encoding, values []string, more ...parquet.WriterProperty) []byte {
	tb.Helper()
	columns := fieldsOf("id", text)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, columns)
	defer builder.Release()
	for _, value := range values {
		if value == null {
			builder.Field(0).AppendNull()
			continue
		}
		builder.Field(0).(*array.StringBuilder).Append(value)
	}
	return parquetBytes(tb, columns, append(more, parquet.WithDictionaryDefault(false), parquet.WithEncoding(encoding)), builder.NewRecordBatch())
}

// F107: texts that repeat the beginning of the one before take no bytes of the page for it, and all of them in memory.
func TestF107RepeatedBeginnings(t *testing.T) {
	t.Parallel()
	beginning := strings.Repeat("x", 1<<20)
	of := func(rows int) []string {
		values := make([]string, rows)
		for i := range values {
			values[i] = beginning + fmt.Sprint(i)
		}
		return values
	}
	options := Options{Limits: Limits{Field: 2 << 20}}
	if read := mustRead(t, "customers.parquet", texts(t, parquet.Encodings.DeltaByteArray, of(100)), options); len(read.rows) != 100 {
		t.Errorf("%d rows", len(read.rows))
	}
	mustRefuse(t, "customers.parquet", texts(t, parquet.Encodings.DeltaByteArray, of(130)), options, exitInput, `column "id"`, "damaged", errDeltaSize.Error())
}

// The pages of all columns are open at a time.
func TestF107DeltasOfManyColumns(t *testing.T) {
	t.Parallel()
	var open int64
	many := []*checkedPages{{deltas: &open}, {deltas: &open}, {deltas: &open}}
	data := memory.NewBufferBytes([]byte(deltas(128, 4, deltaMemory/deltaCost/2-1_000)))
	for i, want := range []error{nil, nil, errDeltaSize} {
		if err := many[i].check(dataPage(data, parquet.Encodings.DeltaLengthByteArray)); err != want { //nolint:errorlint // unwrapped
			t.Errorf("page %d: %v, want %v", i, err, want)
		}
	}
	if err := many[0].check(dataPage(memory.NewBufferBytes([]byte(deltas(128, 4, 1))), parquet.Encodings.DeltaLengthByteArray)); err != nil {
		t.Errorf("a small page behind a large one: %v", err)
	}
}

// A page without a value may have no run of numbers either.
func TestDeltasOfNothing(t *testing.T) {
	t.Parallel()
	for _, encoding := range []parquet.Encoding{parquet.Encodings.DeltaByteArray, parquet.Encodings.DeltaLengthByteArray} {
		for _, version := range []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2} {
			read := mustRead(t, "customers.parquet", texts(t, encoding, []string{null, null}, parquet.WithDataPageVersion(version)), Options{})
			if len(read.rows) != 2 || read.rows[0][0] != null {
				t.Errorf("%s: found %q", encoding, read.rows)
			}
		}
	}
}

// What the library wrote is no bomb and comes back, whatever the texts and however they are encoded and paged.
func TestDeltas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.SampledFrom([]string{"", null, "KD-", "KD-1", "KD-12", "KD-123456789", "Zoë", strings.Repeat("long ", 40)})
		values := rapid.SliceOfN(word, 1, 400).Draw(r, "values")
		for batch := range slices.Chunk(values, 16) {
			if !slices.ContainsFunc(batch, func(value string) bool { return value != null }) {
				batch[0] = "" // a page of nothing behind another one is written in a way that the library cannot read itself
			}
		}
		encoding := rapid.SampledFrom([]parquet.Encoding{parquet.Encodings.DeltaByteArray, parquet.Encodings.DeltaLengthByteArray}).Draw(r, "encoding")
		version := rapid.SampledFrom([]parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2}).Draw(r, "version")
		size := rapid.SampledFrom([]int64{10, 300, 1 << 20}).Draw(r, "page")
		content := texts(t, encoding, values, parquet.WithDataPageVersion(version), parquet.WithDataPageSize(size), parquet.WithBatchSize(16))
		read := mustRead(t, "customers.parquet", content, Options{})
		var found []string
		for _, row := range read.rows {
			found = append(found, row[0])
		}
		if !slices.Equal(values, found) {
			r.Fatalf("found %q, want %q", found, values)
		}
	})
}

func dataPage(data *memory.Buffer, encoding parquet.Encoding) *file.DataPageV1 {
	return file.NewDataPageV1(data, 1, encoding, parquet.Encodings.RLE, parquet.Encodings.RLE, int32(data.Len()))
}
