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
	return asParquetWith(text, func([][]string, int) bool { return true }, properties...)
}

// asParquetWith has the columns optional that nullable tells.
func asParquetWith(text string, nullable func(records [][]string, column int) bool, properties ...parquet.WriterProperty) string {
	records := rawRecords(text)
	var fields []arrow.Field
	for i, name := range records[0] {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: nullable(records, i)})
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
