package erp

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// element is a SchemaElement as Thrift's compact protocol has it: an optional INT64, or a group.
func element(name string, children int32) string {
	text := "\x48"
	if children == 0 {
		text = "\x15\x04\x25\x02\x18"
	}
	text += uvarint(uint64(len(name))) + name
	if children != 0 {
		text += "\x15" + uvarint(uint64(uint32(children<<1^children>>31)))
	}
	return text + "\x00"
}

func uvarint(number uint64) string { return string(binary.AppendUvarint(nil, number)) }

// listOf is the head of a list of more than 14 elements, and the elements.
func listOf(kind byte, count int, elements ...string) string {
	return string([]byte{0xf0 | kind}) + uvarint(uint64(count)) + strings.Join(elements, "")
}

// footerOf is a FileMetaData of no rows around a schema; more stands before its end.
func footerOf(schema, more string) string {
	return "\x15\x04" + "\x19" + schema + "\x16\x00" + "\x19\x0c" + more + "\x00"
}

func schemaOf(elements ...string) string { return listOf(typeStruct, len(elements), elements...) }

// chain is groups of one child each, the root among them, around one column.
func chain(groups int) string {
	return listOf(typeStruct, groups+1, strings.Repeat(element("g", 1), groups), element("id", 0))
}

// fileOf puts a footer at the end of a file without rows.
func fileOf(footer string) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte("PAR1"+footer), uint32(len(footer))), "PAR1"...)
}

// What a footer claims is counted before the library believes it: it would take memory that is not there, which ends
// the process.
func TestF107HostileFooter(t *testing.T) {
	t.Parallel()
	one := schemaOf(element("schema", 1), element("id", 0))
	wide := schemaOf(slices.Concat([]string{element("schema", 1), element(strings.Repeat("g", 1<<20), 100)}, slices.Repeat([]string{element("id", 0)}, 100))...)
	for _, test := range []struct {
		name, why string
		footer    string
		says      string
	}{
		{"32 GiB of children", "make takes them at once", footerOf(schemaOf(element("schema", math.MaxInt32), element("id", 0)), ""), errFooterTree.Error()},
		{"negative children", "make panics", footerOf(schemaOf(element("schema", -1), element("id", 0)), ""), errFooterTree.Error()},
		{"least children", "make panics", footerOf(schemaOf(element("schema", math.MinInt32), element("id", 0)), ""), errFooterTree.Error()},
		{"a child too many", "another file may have it", footerOf(schemaOf(element("schema", 1), element("id", 0), element("b", 0)), ""), errFooterTree.Error()},
		{"a child too few", "the list ends first", footerOf(schemaOf(element("schema", 2), element("id", 0)), ""), errFooterTree.Error()},
		{"a group that takes its neighbour", "and the root ends one short", footerOf(schemaOf(element("schema", 2), element("g", 2), element("a", 0), element("b", 0)), ""), errFooterTree.Error()},
		{"no element", "no root", footerOf("\x0c", ""), errFooterTree.Error()},
		{"deep groups", "each is a call", footerOf(chain(footerDepth+1), ""), errFooterDeep.Error()},
		{"millions of groups", "the stack ends", footerOf(chain(3_000_000), ""), "3,000,000 columns, the limit is 2,000"},
		{"millions of elements", "3 bytes each, and 100 in memory", footerOf(listOf(typeStruct, 3_000_000, strings.Repeat("\x48\x00\x00", 3_000_000)), ""), "2,999,999 columns"},
		{"more elements than bytes", "pointers are made for all of them", footerOf(listOf(typeStruct, math.MaxInt32, element("schema", 1)), ""), errFooterEnds.Error()},
		{"more elements than 31 bits", "a negative count", footerOf(listOf(typeStruct, math.MaxUint32, element("schema", 1)), ""), errFooterForm.Error()},
		{"long paths", "every column has its own", footerOf(wide, ""), errFooterLong.Error()},
		{"many row groups", "bounded", footerOf(one, "\x09\x08"+listOf(typeStruct, 70_000, strings.Repeat("\x00", 70_000))), "70,000 row groups"},
		{"more row groups than bytes", "pointers are made for all of them", footerOf(one, "\x09\x08"+listOf(typeStruct, math.MaxInt32)), errFooterEnds.Error()},
		{"many pairs", "a byte each, and 32 in memory", footerOf(one, "\x19"+listOf(typeStruct, 9_000_000, strings.Repeat("\x00", 9_000_000))), errFooterLong.Error()},
		{"schema of another type", "the library reads structs all the same", footerOf(listOf(typeBinary, 2, element("schema", 1), element("id", 0)), ""), errFooterForm.Error()},
		{"row groups of another type", "a schema hides in a text", footerOf(one, "\x09\x08"+listOf(typeBinary, 1, "\x00")), errFooterForm.Error()},
		{"a schema after the schema", "the last one counts", footerOf(one, "\x09\x04"+schemaOf(element("schema", math.MaxInt32), element("id", 0))), errFooterTree.Error()},
		{"a long text", "it ends behind the footer", footerOf(one, "\x28"+uvarint(math.MaxInt32)), errFooterEnds.Error()},
		{"a negative text", "it ends before it begins", footerOf(one, "\x28"+uvarint(math.MaxUint32)), errFooterForm.Error()},
		{"a long number", "no integer has eleven bytes", "\x15" + strings.Repeat("\xff", 10) + "\x01", errFooterForm.Error()},
		{"lists within lists", "each is a call", footerOf(one, "\xf9"+strings.Repeat("\x19", 10_000)), errFooterDeep.Error()},
		{"structs within structs", "each is a call", footerOf(one, "\xfc"+strings.Repeat("\x1c", 10_000)), errFooterDeep.Error()},
		{"a map", "Parquet has none", footerOf(one, "\xfb\x01\x55\x00\x00"), errFooterForm.Error()},
		{"an unknown type", "its length is unknown", footerOf(one, "\xfe"), errFooterForm.Error()},
		{"zeros", "a footer without fields", strings.Repeat("\x00", 100), "damaged"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			content := fileOf(test.footer)
			mustRefuse(t, "customers.parquet", content, Options{AllowEmpty: true}, exitInput, test.says)
			if t.Failed() {
				t.Log(test.why)
			}
		})
	}
}

// The bounds themselves pass, and a footer that ends early does not.
func TestFooterWalkBounds(t *testing.T) {
	t.Parallel()
	plan, err := newPlan(Options{Path: "customers.parquet"})
	if err != nil {
		t.Fatal(err)
	}
	one := schemaOf(element("schema", 1), element("id", 0))
	for name, footer := range map[string]string{
		"one column":      footerOf(one, ""),
		"deepest":         footerOf(chain(footerDepth), ""),
		"as many columns": footerOf(schemaOf(slices.Concat([]string{element("schema", 2_000)}, slices.Repeat([]string{element("id", 0)}, 2_000))...), ""),
		"as many maps": footerOf(schemaOf(slices.Concat([]string{element("schema", 2_000)},
			slices.Repeat([]string{element("m", 1), element("pairs", 2), element("key", 0), element("value", 0)}, 2_000))...), ""),
		"unknown fields":    footerOf(one, "\xf1\x13\x01\x14\x02\x15\x04\x16\x06\x17"+strings.Repeat("\x00", 8)+"\x1d"+strings.Repeat("\x00", 16)+"\x1a\x21\x01\x02\x1c\x11\x00"),
		"a signature after": footerOf(one, "") + strings.Repeat("s", 28),
	} {
		if err := walkFooter(plan, []byte(footer)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := footerOf(one, "")
	for length := range len(whole) {
		requireRefusal(t, walkFooter(plan, []byte(whole[:length])), exitInput, "the Parquet file is damaged")
	}
	read := mustRead(t, "customers.parquet", fileOf(whole), Options{AllowEmpty: true})
	if got := read.columns(); got != "id int64" {
		t.Errorf("columns %q", got)
	}
}

// writtenFooters are footers of the library's own writer, with all that it can put there.
func writtenFooters(tb testing.TB) map[string][]byte {
	tb.Helper()
	nested := fieldsOf("id", text, "tags", arrow.ListOf(text), "s", arrow.StructOf(arrow.Field{Name: "a", Type: arrow.ListOf(arrow.StructOf(arrow.Field{Name: "b", Type: int64s}))}),
		"m", arrow.MapOf(text, doubles))
	typed := fieldsOf("a", arrow.FixedWidthTypes.Date32, "b", arrow.FixedWidthTypes.Timestamp_us, "c", arrow.FixedWidthTypes.Time32ms, "d", &arrow.Decimal128Type{Precision: 38, Scale: 9},
		"e", arrow.PrimitiveTypes.Uint8, "f", arrow.FixedWidthTypes.Boolean, "g", &arrow.FixedSizeBinaryType{ByteWidth: 3}, "h", arrow.Null, "i", arrow.FixedWidthTypes.Float16)
	keys := arrow.NewMetadata([]string{"pandas", "empty"}, []string{strings.Repeat("{}", 5_000), ""})
	described := arrow.NewSchema(fieldsOf("id", text).Fields(), &keys)
	encryption := parquet.NewFileEncryptionProperties("0123456789abcdef", parquet.WithPlaintextFooter())
	columnKeys := parquet.NewFileEncryptionProperties("0123456789abcdef", parquet.WithPlaintextFooter(), parquet.WithEncryptedColumns(parquet.ColumnPathToEncryptionPropsMap{
		"id": parquet.NewColumnEncryptionProperties("id", parquet.WithKey("0123456789abcdef"), parquet.WithKeyID("k"))}))
	groups := make([]int, 300)
	for i := range groups {
		groups[i] = 1
	}
	footers := map[string][]byte{
		"plain":      parquetRows(tb, nil, 10),
		"no groups":  parquetRows(tb, nil),
		"300 groups": parquetRows(tb, nil, groups...),
		"no columns": parquetBytes(tb, arrow.NewSchema(nil, nil), nil),
		"nested":     parquetBytes(tb, nested, nil, batchOf(tb, nested, `[{"id": "1", "tags": ["a", null], "s": {"a": [{"b": 1}]}, "m": [{"key": "k", "value": 1}]}]`)),
		"typed":      parquetBytes(tb, typed, nil),
		"described":  parquetBytes(tb, described, nil, batchOf(tb, described, `[{"id": "1"}]`)),
		"encrypted":  parquetRows(tb, []parquet.WriterProperty{parquet.WithEncryptionProperties(encryption)}, 10),
		"column key": parquetRows(tb, []parquet.WriterProperty{parquet.WithEncryptionProperties(columnKeys)}, 10),
		"sorted": parquetRows(tb, []parquet.WriterProperty{parquet.WithSortingColumns([]parquet.SortingColumn{{ColumnIdx: 1, Descending: true}}), parquet.WithPageIndexEnabled(true),
			parquet.WithBloomFilterEnabled(true), parquet.WithCompression(compress.Codecs.Zstd)}, 10, 20),
		"version 1": parquetRows(tb, []parquet.WriterProperty{parquet.WithVersion(parquet.V1_0), parquet.WithStats(false)}, 10),
	}
	for name, content := range footers {
		end := len(content) - parquetTail
		footers[name] = content[end-int(binary.LittleEndian.Uint32(content[end:])) : end]
	}
	return footers
}

func TestFooterWalkAcceptsWriter(t *testing.T) {
	t.Parallel()
	plan, err := newPlan(Options{Path: "customers.parquet"})
	if err != nil {
		t.Fatal(err)
	}
	for name, footer := range writtenFooters(t) {
		if err := walkFooter(plan, footer); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := metadata.NewFileMetaData(footer, nil); err != nil {
			t.Errorf("%s: the library itself refuses it: %v", name, err)
		}
	}
}

// FuzzFooterWalk holds any footer to: no panic, refusals with an exit code, and nothing accepted that ends the process
// in the library.
func FuzzFooterWalk(f *testing.F) {
	for _, footer := range writtenFooters(f) {
		f.Add(footer)
	}
	f.Add([]byte(footerOf(chain(footerDepth), "")))
	f.Add([]byte(footerOf(schemaOf(element("schema", 2), element("g", 1), element("a", 0), element("b", 0)), "\x09\x08\x0c")))
	f.Fuzz(func(t *testing.T, footer []byte) {
		plan, err := newPlan(Options{Path: "customers.parquet"})
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(footer)
		if err := walkFooter(plan, footer); err != nil {
			requireRefusal(t, err, exitInput)
			return
		}
		if !bytes.Equal(before, footer) {
			t.Error("the footer was changed")
		}
		_ = func() (err error) {
			defer guard(plan, &err)
			_, err = metadata.NewFileMetaData(footer, nil)
			return err
		}()
	})
}
