package faults

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
)

// F109, F110: the types and the columns of a Parquet file.

// parquetTypes are files of one customer, whose columns are of other types than text.
func parquetTypes() []point {
	text, utc := arrow.BinaryTypes.String, &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}
	typed := func(name string, kind arrow.DataType, json, id, published string, want expectation, properties ...parquet.WriterProperty) point {
		schema := arrow.NewSchema([]arrow.Field{{Name: "customer_id", Type: text, Nullable: true}, {Name: "customer_name", Type: text, Nullable: true}, {Name: "extra", Type: kind, Nullable: true}}, nil)
		if id != "" {
			schema = arrow.NewSchema([]arrow.Field{{Name: "customer_id", Type: kind, Nullable: true}, {Name: "customer_name", Type: text, Nullable: true}, {Name: "extra", Type: text, Nullable: true}}, nil)
		}
		content := parquetOf(schema, properties, func(builder *array.RecordBuilder) {
			row := fmt.Sprintf(`[{"customer_id": "ID-1", "customer_name": "Planted", "extra": %s}]`, json)
			if id != "" {
				row = fmt.Sprintf(`[{"customer_id": %s, "customer_name": "Planted", "extra": "x"}]`, id)
			}
			record, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(row))
			if err != nil {
				return // an empty file, which no point asks for
			}
			for i := range schema.NumFields() {
				for range record.NumRows() {
					if err := builder.Field(i).AppendValueFromString(record.Column(i).ValueStr(0)); err != nil {
						builder.Field(i).AppendNull()
					}
				}
			}
		})
		return point{name: name, want: want, env: unlimited, config: replaced(`types: {credit_limit: "decimal(18,2)", since: date}`, "types: {}"), before: func(w *world) {
			if footer := content[max(0, len(content)-4):]; footer != "PAR1" && footer != "PARE" {
				w.v.errorf("no file of this type could be made: %.80s", content)
			}
			w.replaceText("customers.csv", content)
			w.knowsRows(1)
		}, after: func(w *world, o outcome) {
			if o.code != 0 {
				return
			}
			column := "erp_extra"
			if id != "" {
				column = "identifier"
			}
			if row := w.only(w.table("customers"), "customer_name", "Planted"); row == nil || row[column] == "" {
				w.v.errorf("nothing was published in %s, want %q", column, published)
			} else {
				w.keeps(row, column, published)
			}
		}}
	}
	key := parquet.NewFileEncryptionProperties("0123456789abcdef")
	const long, digits = "1234567890123456789012345678.0123456789", "12345678901234567890123456789012345678"
	return []point{
		typed("Brotli", text, `"x"`, "", "", refused(exitInput, "Brotli"), parquet.WithCompression(compress.Codecs.Brotli)),
		typed("INT96", utc, `"2024-02-29 12:00:00.123456Z"`, "", "2024-02-29T12:00:00.123456Z", differs()),
		typed("INT96, before 1970", utc, `"1969-12-31 23:59:59.999999Z"`, "", "1969-12-31T23:59:59.999999Z", differs()),
		typed("INT96, finer than a microsecond", utc, `"2024-02-29 12:00:00.123456789Z"`, "", "", refused(exitInput, "extra", "microsecond")),
		typed("encrypted", text, `"x"`, "", "", refused(exitInput, "encrypted"), parquet.WithEncryptionProperties(key)),
		typed("a list", arrow.ListOf(text), `["a", "b"]`, "", "", refused(exitInput, "extra")),
		typed("a struct", arrow.StructOf(arrow.Field{Name: "a", Type: text, Nullable: true}), `{"a": "b"}`, "", "", refused(exitInput, "extra")),
		typed("an id as DOUBLE", arrow.PrimitiveTypes.Float64, "", "47", "", refused(exitInput, "customer_id", "DOUBLE")),
		typed("an id as FLOAT", arrow.PrimitiveTypes.Float32, "", "47", "", refused(exitInput, "customer_id", "FLOAT")),
		typed("an id as boolean", arrow.FixedWidthTypes.Boolean, "", "true", "", refused(exitInput, "customer_id", "boolean")),
		typed("an id as INT64", arrow.PrimitiveTypes.Int64, "", "9007199254740993", "9007199254740993", differs()),
		typed("an id as UINT64", arrow.PrimitiveTypes.Uint64, "", "18446744073709551615", "18446744073709551615", differs()),
		typed("an id as decimal(38,0)", &arrow.Decimal128Type{Precision: 38}, "", `"`+digits+`"`, digits, differs()),
		typed("decimal(38,10)", &arrow.Decimal128Type{Precision: 38, Scale: 10}, `"`+long+`"`, "", long, differs()),
		typed("decimal(38,10), negative", &arrow.Decimal128Type{Precision: 38, Scale: 10}, `"-`+long+`"`, "", "-"+long, differs()),
		typed("text by gzip", text, `"x"`, "", "x", differs(), parquet.WithCompression(compress.Codecs.Gzip)),
		typed("text by zstd", text, `"x"`, "", "x", differs(), parquet.WithCompression(compress.Codecs.Zstd)),
		rewrittenFile("text in dictionaries", "", func(text string) string { return asParquet(text) }),
		rewrittenFile("text without dictionaries", "", func(text string) string {
			return asParquet(text, parquet.WithDictionaryDefault(false), parquet.WithDataPageVersion(parquet.DataPageV2))
		}),
	}
}

func parquetDrift() []point {
	renamed := func(old, name string) func(string) string {
		return func(text string) string { return asParquet(strings.Replace(text, old, name, 1)) }
	}
	reordered := rewrittenFile("reordered", "", func(text string) string { return asParquet(reversedColumns(text)) })
	reordered.after = func(w *world, o outcome) { w.sameTables(o, "customers") }
	return []point{
		reordered,
		rewrittenFile("in row groups of ten", "", func(text string) string { return asParquet(text, parquet.WithMaxRowGroupLength(10)) }),
		rewrittenFile("required, where every row has a value", "", requiredParquet),
		{name: "the identifier renamed", want: refused(exitInput, `"customer_id" missing`, `"Customer_ID"`), before: changedFile(renamed("customer_id", "Customer_ID"))},
		{name: "the identifier renamed and reordered", want: refused(exitInput, `"customer_id" missing`), before: changedFile(func(text string) string {
			return asParquet(reversedColumns(strings.Replace(text, "customer_id", "kunnr", 1)))
		})},
		{name: "an optional identifier without a value", want: differs(), before: func(w *world) {
			w.knowsRows(w.rows("customers.csv") + 1)
			changedFile(func(text string) string { return asParquet(text + ",Nameless,,,,GB,,,,,,2020-02-02,\n") })(w)
		}, after: func(w *world, _ outcome) { w.customerIs("Nameless", "blank_identifier", "") }},
		{name: "the name renamed", want: refused(exitInput, `"customer_name" missing`), before: changedFile(renamed("customer_name", "title"))},
		{name: "a typed column gone", want: refused(exitUsage, "credit_limit"), before: changedFile(renamed("credit_limit", "credit"))},
		{name: "two columns that differ in case", want: refused(exitInput), before: changedFile(renamed("country", "City"))},
		{name: "a column more", want: differs(), before: func(w *world) {
			w.knowsRows(w.rows("customers.csv"))
			changedFile(func(text string) string { return asParquet(withColumn(text, "extra", "x")) })(w)
		}},
	}
}

func reversedColumns(text string) string {
	records := rawRecords(text)
	for _, record := range records {
		slices.Reverse(record)
	}
	return joined(records, ",", "\n")
}

// requiredParquet has the columns without an empty cell as required ones.
func requiredParquet(text string) string {
	return asParquetWith(text, func(records [][]string, column int) bool {
		return slices.ContainsFunc(records[1:], func(record []string) bool { return record[column] == "" })
	})
}
