package load

import (
	"flag"
	"testing"
	"time"
)

var benchRows = flag.Int("rows", 200_000, "rows of the table that the benchmarks write")

// BenchmarkWrite splits the time of an export into writing and reading back.
func BenchmarkWrite(b *testing.B) {
	dir := b.TempDir()
	db := openDatabase(b, dir, 2, contactsTable(*benchRows))
	opts := Options{Directory: dir, Formats: []string{Parquet, CSV}}
	var writing, checking time.Duration
	for b.Loop() {
		start := time.Now()
		files, err := copyTable(b.Context(), db, contacts, opts)
		if err != nil {
			b.Fatal(err)
		}
		copied := time.Now()
		outputs, err := finish(b.Context(), files, opts)
		if err != nil {
			b.Fatal(err)
		}
		writing, checking = writing+copied.Sub(start), checking+time.Since(copied)
		b.SetBytes(outputs[0].Bytes + outputs[1].Bytes)
	}
	b.ReportMetric(writing.Seconds()/float64(b.N), "copy_s/op")
	b.ReportMetric(checking.Seconds()/float64(b.N), "verify_s/op")
	b.ReportMetric(100*checking.Seconds()/writing.Seconds(), "verify_%")
	b.ReportMetric(float64(*benchRows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
