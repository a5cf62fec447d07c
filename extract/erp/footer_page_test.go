package erp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/google/go-cmp/cmp"
)

// chunkOf is a ColumnChunk of one row that claims bytes, decompressed, and lies behind the magic.
func chunkOf(codec compress.Compression, stored int, bytes int64) string {
	return "\x26\x08\x1c" + "\x15\x04\x19\x15\x00\x19\x18\x02id\x15" + uvarint(uint64(2*codec)) + "\x16\x02\x16" + uvarint(uint64(2*bytes)) +
		"\x16" + uvarint(uint64(2*stored)) + "\x26\x08\x00" + "\x00"
}

// groupsOf is a footer of row groups of one row whose columns claim bytes each.
func groupsOf(groups, columns int, bytes int64) string {
	schema := listOf(typeStruct, columns+1, element("schema", int32(columns)), strings.Repeat(element("id", 0), columns))
	group := "\x19" + listOf(typeStruct, columns, strings.Repeat(chunkOf(compress.Codecs.Zstd, 1, bytes), columns)) + "\x16\x00\x16\x02\x00"
	return "\x15\x04\x19" + schema + "\x16" + uvarint(uint64(2*groups)) + "\x19" + listOf(typeStruct, groups, strings.Repeat(group, groups)) + "\x00"
}

// F107: a page of every column is in memory at a time. What a row group claims is held against the file's size before
// the first is read.
func TestF107ManyLargePages(t *testing.T) {
	t.Parallel()
	const bomb = "holds more than 250 times its size"
	for _, test := range []struct {
		name, why, footer, says string
	}{
		{"200 columns of a page", "25 GB from some megabytes", groupsOf(1, 200, pageLimit), bomb},
		{"more than a page", "a chunk may have many, one of which is open", groupsOf(1, 9, 8*pageLimit), bomb},
		{"few columns", "what a page may be", groupsOf(1, 8, pageLimit), ""},
		{"small pages", "a long footer is no bomb", groupsOf(1, 2_000, 100_000), ""},
		{"many row groups", "one is open", groupsOf(40, 4, pageLimit), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan, err := newPlan(Options{Path: "customers.parquet"})
			if err != nil {
				t.Fatal(err)
			}
			if err := walkFooter(plan, []byte(test.footer)); err != nil {
				t.Fatal(err)
			}
			description, err := metadata.NewFileMetaData([]byte(test.footer), nil)
			if err != nil {
				t.Fatal(err)
			}
			err = checkFooter(plan, 4<<20, description)
			switch {
			case test.says != "":
				requireRefusal(t, err, exitInput, test.says)
			case err != nil:
				t.Error(err)
			}
			if t.Failed() {
				t.Log(test.why)
			}
		})
	}
}

// F107: a footer that claims less than its pages hold is not believed, where columns are many.
func TestF107PageBeyondItsClaim(t *testing.T) {
	t.Parallel()
	var pairs []any
	for i := range 200 {
		pairs = append(pairs, fmt.Sprintf("c%d", i), text)
	}
	columns := fieldsOf(pairs...)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, columns)
	defer builder.Release()
	builder.Field(0).(*array.StringBuilder).Append(strings.Repeat("x", 6<<20))
	for i := range 199 {
		builder.Field(i + 1).AppendNull()
	}
	written := []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryDefault(false)}
	honest := parquetBytes(t, columns, written, builder.NewRecordBatch())
	options := Options{Limits: Limits{Field: 16 << 20}}
	if read := mustRead(t, "customers.parquet", honest, options); len(read.rows) != 1 {
		t.Errorf("%d rows", len(read.rows))
	}

	end := len(honest) - parquetTail
	start := end - int(binary.LittleEndian.Uint32(honest[end:]))
	description, err := metadata.NewFileMetaData(honest[start:end], nil)
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := description.RowGroup(0).ColumnChunk(0)
	if err != nil {
		t.Fatal(err)
	}
	claim, lie := uvarint(uint64(2*chunk.TotalUncompressedSize())), uvarint(2*1<<20) // as many bytes
	if len(claim) != len(lie) || bytes.Count(honest[start:], []byte("\x16"+claim)) != 1 {
		t.Fatalf("the claim of %d bytes is not there once", chunk.TotalUncompressedSize())
	}
	lying := bytes.Replace(honest, []byte("\x16"+claim), []byte("\x16"+lie), 1)
	mustRefuse(t, "customers.parquet", lying, options, exitInput, `column "c0"`, "damaged", "exceeds configured limit")
}

// F107: what a page's header says is believed only after decompression, so that the compressed data must be bounded
// themselves.
func TestF107PageBeyondItsHeader(t *testing.T) {
	t.Parallel()
	frame := func(content uint64) string { // a frame of zstd that holds ten zeros
		return "\x28\xb5\x2f\xfd\xc0\x50" + string(binary.LittleEndian.AppendUint64(nil, content)) + "\x53\x00\x00\x00"
	}
	for _, test := range []struct {
		name  string
		codec compress.Compression
		page  string
	}{
		{"zstd", compress.Codecs.Zstd, frame(60 << 30)},
		{"zstd, beyond the bound", compress.Codecs.Zstd, frame(pageLimit + 1)},
		{"zstd of an unknown length", compress.Codecs.Zstd, "\x28\xb5\x2f\xfd\x00\x50" + strings.Repeat("\x02\x00\x10\x00", 1_100) + "\x03\x00\x00\x00"}, // 128 KiB a block
		{"snappy", compress.Codecs.Snappy, uvarint(1<<32-1) + "\x00\x00"},
		{"snappy, beyond the bound", compress.Codecs.Snappy, uvarint(pageLimit+1) + "\x00\x00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := "\x15\x00\x15\x14\x15" + uvarint(uint64(2*len(test.page))) + "\x2c\x15\x02\x15\x00\x15\x06\x15\x06\x00\x00"
			content := oneColumn(test.codec, header+test.page)
			mustRefuse(t, "customers.parquet", content, Options{}, exitInput, `column "id"`, "damaged", errPageSize.Error())
		})
	}
}

// F107: a dictionary that claims more values than it has bytes. The library takes memory up to the greatest index.
func TestF107DictionaryBeyondItsPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		count uint64
		index string
		says  string // "" where it is read
	}{
		{"16 GiB of values", math.MaxInt32, "\xfe\xff\xff\x7f", errDictionary.Error()},
		{"one value", 1, "\x00\x00\x00\x00", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			values := "\x07" + strings.Repeat("\x00", 7)
			dictionary := "\x15\x04\x15\x10\x15\x10\x4c\x15" + uvarint(2*test.count) + "\x15\x00\x00\x00" + values
			data := "\x02\x00\x00\x00\x02\x01" + "\x1f\x02" + test.index // one value that is there, and its index in 31 bits
			header := "\x15\x00\x15" + uvarint(uint64(2*len(data))) + "\x15" + uvarint(uint64(2*len(data))) + "\x2c\x15\x02\x15\x10\x15\x06\x15\x06\x00\x00"
			content := oneColumn(compress.Codecs.Uncompressed, dictionary+header+data)
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

// oneColumn is a file of one row and one column, with these pages.
func oneColumn(codec compress.Compression, pages string) []byte {
	group := "\x19" + listOf(typeStruct, 1, chunkOf(codec, len(pages), 100)) + "\x16\x00\x16\x02\x00"
	footer := "\x15\x04\x19" + schemaOf(element("schema", 1), element("id", 0)) + "\x16\x02\x19" + listOf(typeStruct, 1, group) + "\x00"
	return append([]byte("PAR1"+pages), fileOf(footer)[len("PAR1"):]...)
}
