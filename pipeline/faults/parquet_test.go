package faults

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"crosswalk/fixtures"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Snapshots in Parquet.

// meanwhile does something at the first call of a kind, while the run waits for the answer.
func (w *world) meanwhile(call string, do func()) outcome {
	w.v.t.Helper()
	var once sync.Once
	w.org.armAs(func(*fixtures.Options) {})
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if isCall(r.URL.Path, call) {
			once.Do(do)
		}
		next.ServeHTTP(rw, r)
	})
	return w.run()
}

// asParquet is a CSV as Parquet, every column as text.
func asParquet(text string, properties ...parquet.WriterProperty) string {
	records := rawRecords(text)
	var fields []arrow.Field
	for _, name := range records[0] {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return parquetOf(arrow.NewSchema(fields, nil), properties, func(builder *array.RecordBuilder) {
		for _, record := range records[1:] {
			for i, cell := range record {
				column := builder.Field(i).(*array.StringBuilder)
				if cell == "" {
					column.AppendNull()
					continue
				}
				if strings.HasPrefix(cell, `"`) {
					cell = strings.ReplaceAll(cell[1:len(cell)-1], `""`, `"`)
				}
				column.Append(cell)
			}
		}
	})
}

func parquetOf(schema *arrow.Schema, properties []parquet.WriterProperty, fill func(*array.RecordBuilder)) string {
	var out bytes.Buffer
	writer, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(properties...), pqarrow.NewArrowWriterProperties(pqarrow.WithDeprecatedInt96Timestamps(true)))
	if err != nil {
		return err.Error()
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	fill(builder)
	batch := builder.NewRecordBatch()
	defer batch.Release()
	if batch.NumRows() > 0 {
		err = writer.WriteBuffered(batch)
	}
	if closed := writer.Close(); err != nil || closed != nil {
		return fmt.Sprint(err, closed)
	}
	return out.String()
}

// damagedParquet flips, cuts and blanks a file: with a checksum beside it everything is refused, without one nothing crashes
// and no row is lost. crosswalk check reads it as a run does.
func damagedParquet() []point {
	loop := func(name string, sum bool) point {
		return point{name: name, want: expectation{codes: []int{0}, silent: true}, play: func(w *world) outcome {
			content := asParquet("customer_id,customer_name,credit_limit,since\n"+numberedRows(400), parquet.WithCompression(compress.Codecs.Snappy), parquet.WithDataPageSize(2<<10))
			w.replaceText("customers.csv", content)
			if sum {
				path := w.write("customers.csv.sha256", fmt.Sprintf("%x  customers.csv\n", sha256.Sum256([]byte(content))), 0o600)
				w.later(func() { w.remove(path) })
			}
			if rows := w.sees(); rows != 400 {
				w.v.errorf("whole: %d rows, want 400", rows)
			}
			mutants := many(10, 250)
			random := rand.New(rand.NewPCG(uint64(mutants), 108))
			for i := range mutants {
				mutant := mutated(random, i, content)
				w.write("customers.csv", mutant, 0o600)
				if rows := w.sees(); rows >= 0 && (sum || rows != 400) && mutant != content {
					w.v.errorf("mutant %d: %d rows passed", i, rows)
				}
			}
			return outcome{}
		}}
	}
	points := []point{loop("with a checksum", true), loop("without one", false)}
	one := asParquet(smallSnapshot)
	length := len(one) - 8
	for _, c := range []struct{ name, content string }{
		{"the footer longer than the file", one[:length] + "\xff\xff\xff\x7f" + "PAR1"}, {"a footer of no length", one[:length] + "\x00\x00\x00\x00" + "PAR1"},
		{"no footer", one[:length]}, {"magic alone", "PAR1PAR1"}, {"magic and nothing", "PAR1"}, {"half", one[:len(one)/2]},
	} {
		points = append(points, point{name: c.name, want: refused(exitInput, "Parquet"), before: snapshotIs(c.content)})
	}
	return append(points,
		point{name: "the end alone", want: refused(exitInput), before: snapshotIs(one[length:])},
		point{name: "no rows", want: refused(exitInput, "no rows"), before: snapshotIs(asParquet("customer_id,customer_name,credit_limit,since\n"))})
}

func numberedRows(rows int) string {
	var text strings.Builder
	for i := range rows {
		fmt.Fprintf(&text, "%06d,name %d,%d.50,2020-01-02\n", i, i%50, i)
	}
	return text.String()
}

// mutated cuts the file, flips a bit anywhere or in its footer, or blanks a block.
func mutated(random *rand.Rand, i int, content string) string {
	out := []byte(content)
	switch i % 5 {
	case 0:
		return content[:random.IntN(len(content))]
	case 1, 2:
		out[random.IntN(len(out))] ^= 1 << random.IntN(8)
	case 3:
		out[len(out)-1-random.IntN(600)] ^= 1 << random.IntN(8)
	case 4:
		begin := random.IntN(len(out))
		clear(out[begin:min(begin+64, len(out))])
	}
	return string(out)
}

// parquetTypes are files of one customer, whose columns are of other types than text.
func parquetTypes() []point {
	text := arrow.BinaryTypes.String
	typed := func(name string, kind arrow.DataType, json, id string, want expectation, properties ...parquet.WriterProperty) point {
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
			w.replaceText("customers.csv", content)
			w.knowsRows(1)
		}, after: func(w *world, o outcome) {
			if row := w.publishedRow(o); row != nil && id != "" {
				w.keeps(row, "identifier", strings.Trim(id, `"`))
			} else if row != nil {
				w.keeps(row, "erp_extra", strings.Trim(json, `"`))
			}
		}}
	}
	key := parquet.NewFileEncryptionProperties("0123456789abcdef")
	return []point{
		typed("Brotli", text, `"x"`, "", refused(exitInput, "Brotli"), parquet.WithCompression(compress.Codecs.Brotli)),
		typed("encrypted", text, `"x"`, "", refused(exitInput, "encrypted"), parquet.WithEncryptionProperties(key)),
		typed("a list", arrow.ListOf(text), `["a", "b"]`, "", refused(exitInput, "extra")),
		typed("a struct", arrow.StructOf(arrow.Field{Name: "a", Type: text, Nullable: true}), `{"a": "b"}`, "", refused(exitInput, "extra")),
		typed("an id as DOUBLE", arrow.PrimitiveTypes.Float64, "", "47", refused(exitInput, "DOUBLE")),
		typed("an id as FLOAT", arrow.PrimitiveTypes.Float32, "", "47", refused(exitInput, "customer_id")),
		typed("an id as boolean", arrow.FixedWidthTypes.Boolean, "", "true", refused(exitInput, "customer_id")),
		typed("an id as INT64", arrow.PrimitiveTypes.Int64, "", "9007199254740993", differs()),
		typed("an id as UINT64", arrow.PrimitiveTypes.Uint64, "", "18446744073709551615", differs()),
		typed("an id as decimal(38,0)", &arrow.Decimal128Type{Precision: 38}, "", `"12345678901234567890123456789012345678"`, differs()),
		typed("decimal(38,10)", &arrow.Decimal128Type{Precision: 38, Scale: 10}, `"1234567890123456789012345678.0123456789"`, "", differs()),
		typed("text by gzip", text, `"x"`, "", differs(), parquet.WithCompression(compress.Codecs.Gzip)),
		typed("text by zstd", text, `"x"`, "", differs(), parquet.WithCompression(compress.Codecs.Zstd)),
		typed("INT96", &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}, `"2024-02-29 12:00:00.123456Z"`, "", expectation{codes: []int{0, exitInput}, other: true}),
		rewrittenFile("text in dictionaries", "", func(text string) string { return asParquet(text) }),
		rewrittenFile("text without dictionaries", "", func(text string) string {
			return asParquet(text, parquet.WithDictionaryDefault(false), parquet.WithDataPageVersion(parquet.DataPageV2))
		}),
	}
}

// publishedRow is the customer of parquetTypes, nil where nothing was published. Types that CSV spells otherwise are not compared.
func (w *world) publishedRow(o outcome) map[string]string {
	w.v.t.Helper()
	if o.code != 0 {
		return nil
	}
	row := w.only(w.table("customers"), "customer_name", "Planted")
	if row != nil && strings.Contains(row["erp_extra"], "T") {
		return nil
	}
	return row
}

func parquetDrift() []point {
	renamed := func(old, name string) func(string) string {
		return func(text string) string { return asParquet(strings.Replace(text, old, name, 1)) }
	}
	reordered := rewrittenFile("reordered", "", func(text string) string {
		records := rawRecords(text)
		for _, record := range records {
			record[0], record[len(record)-1] = record[len(record)-1], record[0]
		}
		return asParquet(joined(records, ",", "\n"))
	})
	reordered.after = func(w *world, o outcome) { w.sameTables(o, "customers") }
	return []point{
		reordered,
		rewrittenFile("in row groups of ten", "", func(text string) string { return asParquet(text, parquet.WithMaxRowGroupLength(10)) }),
		{name: "the identifier renamed", want: refused(exitInput, `"customer_id" missing`, `"Customer_ID"`), before: changedFile(renamed("customer_id", "Customer_ID"))},
		{name: "the name renamed", want: refused(exitInput, `"customer_name" missing`), before: changedFile(renamed("customer_name", "title"))},
		{name: "a typed column gone", want: refused(exitUsage, "credit_limit"), before: changedFile(renamed("credit_limit", "credit"))},
		{name: "two columns that differ in case", want: refused(exitInput), before: changedFile(renamed("country", "City"))},
		{name: "a column more", want: differs(), before: func(w *world) {
			w.knowsRows(w.rows("customers.csv"))
			changedFile(func(text string) string { return asParquet(withColumn(text, "extra", "x")) })(w)
		}},
	}
}
