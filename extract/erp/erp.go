// Package erp reads a snapshot of the ERP's customers, a delimited text or a Parquet file, into the stage.
//
// A snapshot is taken whole or refused. Every byte is accounted for: the file must not change while it is read, its
// compression must end where the file ends, every record must have as many fields as the header, and text must be
// valid in its encoding. Columns go by name, never by position, and are text unless a type is configured: an
// identifier passes as the characters that stand in the file.
package erp

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
)

// The staged table, erp/customers.
const (
	stageSource = "erp"
	stageTable  = "customers"
)

// Options say where the snapshot is and how to read it. The zero value of every field but Path is usable.
type Options struct {
	// Path is the file; a symbolic link is followed once. Its SHA-256 is checked where Path.sha256 stands beside it,
	// in the format of sha256sum.
	Path string
	// Format is auto (default), csv, tsv or parquet. gzip and zstd are recognised by their first bytes.
	Format string
	// Delimiter is auto (default) or one of , ; | and a tab (also written "tab").
	Delimiter string
	// Encoding is auto (default: UTF-8, or what the byte order mark says), utf-8, utf-16, utf-16le, utf-16be, latin-1
	// or windows-1252.
	Encoding string
	// FinalNewline is required (default) or optional. A file without a newline at its end may be half of one; it
	// passes where this says optional or where a checksum file proves it whole.
	FinalNewline string
	// DecimalComma reads "1234,50" in decimal columns of text files.
	DecimalComma bool
	// Types gives columns a type: decimal(p,s), integer, date, timestamp, boolean or text.
	Types map[string]string
	// Required columns must exist, under this very name.
	Required []string
	// Identifiers are columns that must exist and stay text; a spreadsheet's 1.23E+10 in one of them is refused.
	Identifiers []string
	// MaxAge refuses a file last modified longer ago than this before Now, or whose name says a day that ended so long
	// ago; 0 accepts any age.
	MaxAge time.Duration
	// Settle is how long the file must be at rest. One that was modified less than this before Now is waited for, and
	// refused as still being written where it does not come to rest; 0 takes it as it is.
	Settle time.Duration
	// Now is the moment of the run; the zero time stands for the system's clock.
	Now time.Time
	// AllowEmpty accepts a file without rows.
	AllowEmpty bool
	// Limits bound what one file may cost; zero fields have their defaults.
	Limits Limits
	// Workers is how many batches are written at once; default 2. Memory is about (Workers + 1) x 16 MiB x 2.
	Workers int
	// Logger is told one line when the snapshot is staged; nil is silent.
	Logger *slog.Logger
	// Progress, if not nil, is told the rows read so far, after every batch, from one goroutine.
	Progress func(rows int64)
}

// Limits bound the memory and the disk that one snapshot may take. Sizes are bytes.
type Limits struct {
	Field   int64 // one value; default 1 MiB
	Record  int64 // one record of a text file; default 16 MiB
	Columns int   // default 2,000
	Content int64 // the whole file, decompressed; default 64 GiB
	Ratio   int64 // decompressed : compressed, once 16 MiB came out; default 250
	Rows    int64 // default 2^31 - 1
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Field:   cmp.Or(l.Field, 1<<20),
		Record:  cmp.Or(l.Record, 16<<20),
		Columns: cmp.Or(l.Columns, 2_000),
		Content: cmp.Or(l.Content, 64<<30),
		Ratio:   cmp.Or(l.Ratio, 250),
		Rows:    cmp.Or(l.Rows, 1<<31-1),
	}
}

// source is an open snapshot that delivers batches of one schema.
type source interface {
	schema() *arrow.Schema
	// next is the following batch, at most 65,536 rows or about 16 MiB, owned by the caller; io.EOF ends them.
	next(ctx context.Context) (arrow.RecordBatch, error)
	// records is how many the file has, as its reader counted them apart from the batches; once next gave io.EOF.
	records() int64
	close()
}

// Read stages the snapshot as the table erp/customers and commits it to the stage. The parts hold the rows in the
// order of the file and depend on nothing but its content. Errors are *Error (exit code 2 or 5), an
// *extract.StageError, or the cause of ctx.
func Read(ctx context.Context, options Options, stage *extract.Stage) (extract.Snapshot, error) {
	plan, err := newPlan(options)
	if err != nil {
		return extract.Snapshot{}, err
	}
	started := time.Now()
	file, err := openSnapshot(ctx, plan)
	if err != nil {
		return extract.Snapshot{}, err
	}
	defer file.close()
	snapshot, err := read(ctx, plan, file, stage)
	if err != nil {
		return extract.Snapshot{}, file.blame(err)
	}
	plan.logger().LogAttrs(ctx, slog.LevelInfo, "erp snapshot staged", slog.String("file", snapshot.File),
		slog.Int64("rows", snapshot.Rows), slog.Int64("bytes", snapshot.Bytes),
		slog.Float64("duration_seconds", time.Since(started).Seconds()))
	return snapshot, nil
}

func read(ctx context.Context, plan *plan, file *snapshotFile, stage *extract.Stage) (extract.Snapshot, error) {
	from, err := openSource(plan, file)
	if err != nil {
		return extract.Snapshot{}, err
	}
	defer from.close()
	table, err := stage.NewTable(stageSource, stageTable, from.schema())
	if err != nil {
		return extract.Snapshot{}, err
	}
	rows, err := stageBatches(ctx, from, table, plan)
	if err == nil {
		err = prove(plan, file, from.records(), rows)
	}
	if err != nil {
		_ = table.Reset() // the stage is abandoned with this error; parts left behind would be waste only
		return extract.Snapshot{}, err
	}
	snapshot := file.snapshot(rows)
	return snapshot, table.CommitSnapshot(snapshot)
}

// prove is the last word before a table counts: rows there are, and they came from one whole, unchanged file.
func prove(plan *plan, file *snapshotFile, records, rows int64) error {
	if err := file.finish(); err != nil {
		return err
	}
	if rows != records {
		return plan.problem("the file has "+grouped(records)+" records, "+grouped(rows)+" were read", "run again, and report it if the same counts disagree twice")
	}
	if rows == 0 && !plan.AllowEmpty {
		return plan.problem("no rows", "let the export run again, or allow empty snapshots (guards.allow_empty)")
	}
	return nil
}

// openSource chooses the reader by format, after the first bytes.
func openSource(plan *plan, file *snapshotFile) (source, error) {
	shape, err := sniff(plan, file)
	switch {
	case err != nil:
		return nil, err
	case shape.empty:
		return newEmptySource(plan)
	case shape.parquet:
		return openParquet(plan, file)
	}
	return openDelimited(plan, file, shape)
}

// emptySource is a file of no bytes where that is allowed: the columns that were asked for, and no rows.
type emptySource struct{ columns *arrow.Schema }

func newEmptySource(plan *plan) (source, error) {
	if !plan.AllowEmpty {
		return nil, plan.problem("the file is empty", "let the export run again, or allow empty snapshots (guards.allow_empty)")
	}
	fields := make([]arrow.Field, 0, len(plan.needed)+len(plan.types))
	for _, name := range plan.columnsAskedFor() {
		fields = append(fields, arrow.Field{Name: name, Type: plan.typeOf(name).arrowType(), Nullable: true})
	}
	return emptySource{arrow.NewSchema(fields, nil)}, nil
}

func (e emptySource) schema() *arrow.Schema                           { return e.columns }
func (e emptySource) next(context.Context) (arrow.RecordBatch, error) { return nil, io.EOF }
func (e emptySource) records() int64                                  { return 0 }
func (e emptySource) close()                                          {}

// isRefusal tells a refused file from trouble with the stage or a cancelled context.
func isRefusal(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal)
}
