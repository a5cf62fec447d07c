package erp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// null stands for SQL's NULL in the rows that tests compare.
const null = "\x00NULL"

// staged is what a test sees of a snapshot that was read.
type staged struct {
	snapshot extract.Snapshot
	table    extract.Table
	rows     [][]string
}

func (s staged) columns() string {
	var names []string
	for _, column := range s.table.Columns {
		names = append(names, column.Name+" "+column.Type)
	}
	return strings.Join(names, ", ")
}

// writeFile writes content into a file of its own folder.
func writeFile(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// readSnapshot reads options.Path into a new stage and back out of it.
func readSnapshot(tb testing.TB, ctx context.Context, options Options) (staged, error) {
	tb.Helper()
	directory, err := os.MkdirTemp(tb.TempDir(), "")
	if err != nil {
		tb.Fatal(err)
	}
	stage, err := extract.CreateStage(filepath.Join(directory, "stage"))
	if err != nil {
		tb.Fatal(err)
	}
	snapshot, err := Read(ctx, options, stage)
	if err != nil {
		requireNoParts(tb, stage)
		return staged{}, err
	}
	table, err := stage.Table("erp", "customers")
	if err != nil {
		tb.Fatal(err)
	}
	return staged{snapshot, table, stagedRows(tb, stage, table)}, nil
}

// requireNoParts holds a refused snapshot to "complete or not at all".
func requireNoParts(tb testing.TB, stage *extract.Stage) {
	tb.Helper()
	if tables := stage.Tables(); len(tables) != 0 {
		tb.Fatalf("a refused snapshot left the table %v", tables)
	}
	if parts, _ := filepath.Glob(filepath.Join(stage.Directory(), "erp", "customers", "*")); len(parts) != 0 {
		tb.Fatalf("a refused snapshot left the parts %v", parts)
	}
}

func stagedRows(tb testing.TB, stage *extract.Stage, table extract.Table) [][]string {
	tb.Helper()
	rows := [][]string{}
	for _, path := range stage.Files(table) {
		reader, err := file.OpenParquetFile(path, false)
		if err != nil {
			tb.Fatal(err)
		}
		arrows, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		if err != nil {
			tb.Fatal(err)
		}
		content, err := arrows.ReadTable(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		rows = append(rows, textRows(content)...)
		content.Release()
		if err := reader.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return rows
}

func textRows(content arrow.Table) [][]string {
	var rows [][]string
	reader := array.NewTableReader(content, 0)
	defer reader.Release()
	for reader.Next() {
		batch := reader.RecordBatch()
		for row := range int(batch.NumRows()) {
			var values []string
			for _, column := range batch.Columns() {
				if column.IsNull(row) {
					values = append(values, null)
					continue
				}
				if decimals, ok := column.(*array.Decimal128); ok { // ValueStr drops trailing zeros
					values = append(values, decimals.Value(row).ToString(decimals.DataType().(arrow.DecimalType).GetScale()))
					continue
				}
				values = append(values, strings.Clone(column.ValueStr(row)))
			}
			rows = append(rows, values)
		}
	}
	return rows
}

// mustRead reads content under name and fails the test where it is refused.
func mustRead(tb testing.TB, name string, content []byte, options Options) staged {
	tb.Helper()
	options.Path = writeFile(tb, name, content)
	read, err := readSnapshot(tb, tb.Context(), options)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	if read.snapshot.Rows != int64(len(read.rows)) || read.table.Rows != read.snapshot.Rows {
		tb.Fatalf("snapshot says %d rows, the table %d, the parts hold %d", read.snapshot.Rows, read.table.Rows, len(read.rows))
	}
	return read
}

// mustRefuse holds the refusal to its exit code and its words.
func mustRefuse(tb testing.TB, name string, content []byte, options Options, code int, words ...string) *Error {
	tb.Helper()
	options.Path = writeFile(tb, name, content)
	_, err := readSnapshot(tb, tb.Context(), options)
	return requireRefusal(tb, err, code, words...)
}

func requireRefusal(tb testing.TB, err error, code int, words ...string) *Error {
	tb.Helper()
	var refusal *Error
	if !errors.As(err, &refusal) {
		tb.Fatalf("got %v, want an *Error", err)
	}
	if refusal.ExitCode() != code {
		tb.Errorf("exit code %d, want %d: %v", refusal.ExitCode(), code, err)
	}
	if refusal.Hint() == "" {
		tb.Errorf("no hint: %v", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			tb.Errorf("%q does not say %q", err.Error(), word)
		}
	}
	return refusal
}

func gzipBytes(tb testing.TB, content []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := writer.Write(content); err != nil {
		tb.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func zstdBytes(tb testing.TB, content []byte) []byte {
	tb.Helper()
	writer, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return writer.EncodeAll(content, nil)
}

// parquetBytes writes batches as a Parquet file, each as a row group.
func parquetBytes(tb testing.TB, schema *arrow.Schema, properties []parquet.WriterProperty, batches ...arrow.RecordBatch) []byte {
	tb.Helper()
	var out bytes.Buffer
	writer, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(properties...), pqarrow.NewArrowWriterProperties())
	if err != nil {
		tb.Fatal(err)
	}
	for _, batch := range batches {
		if err := writer.Write(batch); err != nil {
			tb.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// batchOf reads rows from JSON into a batch.
func batchOf(tb testing.TB, schema *arrow.Schema, rows string) arrow.RecordBatch {
	tb.Helper()
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	if err != nil {
		tb.Fatal(err)
	}
	return batch
}

func fieldsOf(pairs ...any) *arrow.Schema {
	var fields []arrow.Field
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, arrow.Field{Name: pairs[i].(string), Type: pairs[i+1].(arrow.DataType), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// writeChecksum puts the SHA-256 of content beside path.
func writeChecksum(tb testing.TB, path string, content []byte) {
	tb.Helper()
	line := fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(content), filepath.Base(path))
	if err := os.WriteFile(path+".sha256", line, 0o600); err != nil {
		tb.Fatal(err)
	}
}
