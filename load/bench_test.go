package load

import (
	"flag"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var benchRows = flag.Int("rows", 200_000, "rows of the table that the benchmarks write")

// spent is time by the wall clock and by the processors; the second does not suffer from busy neighbours.
type spent struct{ wall, processor time.Duration }

func (s *spent) measure(b *testing.B, run func() error) {
	start, before := time.Now(), processorTime(b)
	if err := run(); err != nil {
		b.Fatal(err)
	}
	s.wall += time.Since(start)
	s.processor += processorTime(b) - before
}

func processorTime(b *testing.B) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkWrite splits the time of an export into writing and reading back.
func BenchmarkWrite(b *testing.B) {
	dir := b.TempDir()
	db := openDatabase(b, dir, 2, contactsTable(*benchRows))
	opts := Options{Directory: dir, Formats: []string{Parquet, CSV}}
	var writing, checking spent
	for b.Loop() {
		var files tableFiles
		var outputs []Output
		writing.measure(b, func() (err error) { files, err = copyTable(b.Context(), db, contacts, opts); return err })
		checking.measure(b, func() (err error) { outputs, err = finish(b.Context(), files, opts); return err })
		b.SetBytes(outputs[0].Bytes + outputs[1].Bytes)
	}
	n := float64(b.N)
	b.ReportMetric(writing.wall.Seconds()/n, "copy_s/op")
	b.ReportMetric(writing.processor.Seconds()/n, "copy_cpu_s/op")
	b.ReportMetric(checking.wall.Seconds()/n, "verify_s/op")
	b.ReportMetric(checking.processor.Seconds()/n, "verify_cpu_s/op")
	b.ReportMetric(100*checking.processor.Seconds()/writing.processor.Seconds(), "verify_cpu_%")
	b.ReportMetric(float64(*benchRows)*n/b.Elapsed().Seconds(), "rows/s")
}
