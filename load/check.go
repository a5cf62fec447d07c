package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/sourcegraph/conc/pool"
)

// check reads the files of one table back, right after they were written.
type check struct {
	files    tableFiles
	metadata map[string]string

	parquet       *file.Reader
	keys          []int // the text columns that lead the order, at most two
	chunks        [][]digest
	orders        []groupOrder
	csv           []digest
	parquetOutput Output
	csvOutput     Output
}

// run proves, with readers that share no code with DuckDB:
//
//   - the Parquet file has as many rows as DuckDB counted in the table, and each column as many values;
//   - names, types and order of its columns, and its key-value metadata, are those asked for;
//   - every page of every column decodes, to as many rows as its row group claims and as many NULLs as its statistics;
//   - the rows are in the order of the first two columns of the order, where these are text;
//   - the CSV file is strict (see csvScanner), its header and its number of records are right, and every column, NULL
//     and empty apart, has the same sequence of values as the Parquet file, as text (see digest).
//
// Not proved is that the values are those of the table: what DuckDB computes, it computes. The work is cut by column
// of row group and file, and runs on GOMAXPROCS workers. Memory: a decoded page, or a buffer, a worker.
func (c *check) run(ctx context.Context) ([]Output, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	defer func() { _ = c.parquet.Close() }() // nothing was written
	workers := pool.New().WithMaxGoroutines(runtime.GOMAXPROCS(0)).WithContext(ctx).WithCancelOnError().WithFirstError()
	if c.files.csv != "" {
		workers.Go(c.scanCSV)
		workers.Go(func(ctx context.Context) (err error) { c.csvOutput, err = c.output(ctx, c.files.csv); return err })
	}
	workers.Go(func(ctx context.Context) (err error) {
		c.parquetOutput, err = c.output(ctx, c.files.parquet)
		return err
	})
	for group := range c.chunks {
		workers.Go(func(ctx context.Context) error { return c.readKeys(ctx, group) })
		for column := range c.files.columns {
			if !slices.Contains(c.keys, column) {
				workers.Go(func(ctx context.Context) error { return c.readChunk(ctx, group, column) })
			}
		}
	}
	if err := workers.Wait(); err != nil {
		return nil, err
	}
	return c.conclude()
}

// open reads the footer and compares it with what was asked for.
func (c *check) open() (err error) {
	if c.parquet, err = openParquet(c.files.parquet); err != nil {
		return c.parquetProblem("cannot be opened", err)
	}
	if err := c.footer(); err != nil {
		_ = c.parquet.Close() // the footer is what is wrong
		return err
	}
	for _, name := range c.files.orderBy {
		i := slices.IndexFunc(c.files.columns, func(column Column) bool { return column.Name == name })
		if len(c.keys) == orderColumns || c.files.columns[i].Type != typeText {
			break
		}
		c.keys = append(c.keys, i)
	}
	c.orders = make([]groupOrder, c.parquet.NumRowGroups())
	c.chunks = make([][]digest, c.parquet.NumRowGroups())
	for i := range c.chunks {
		c.chunks[i] = make([]digest, len(c.files.columns))
	}
	return nil
}

func (c *check) footer() error {
	if rows := c.parquet.NumRows(); rows != c.files.counts.rows {
		return c.parquetProblem(fmt.Sprintf("has %d rows, the table has %d", rows, c.files.counts.rows), nil)
	}
	columns, err := parquetColumns(c.parquet.MetaData().Schema.Root())
	if err != nil {
		return c.parquetProblem("schema", err)
	}
	if problem := compareColumns(columns, c.files.columns); problem != "" {
		return c.parquetProblem(problem, nil)
	}
	for key, want := range c.metadata {
		if got := c.parquet.MetaData().KeyValueMetadata().FindValue(key); got == nil || *got != want {
			return c.parquetProblem(fmt.Sprintf("metadata key %s is missing or differs", key), nil)
		}
	}
	return nil
}

// readKeys decodes the columns that lead the order, one after the other, and checks the order on the way.
func (c *check) readKeys(ctx context.Context, group int) error {
	for position, column := range c.keys {
		if err := c.read(ctx, group, column, c.orders[group].visit(position)); err != nil {
			return err
		}
	}
	c.orders[group].ties = nil
	if c.orders[group].unsorted {
		return c.parquetProblem(fmt.Sprintf("row group %d is not in order", group), nil)
	}
	return nil
}

func (c *check) readChunk(ctx context.Context, group, column int) error {
	return c.read(ctx, group, column, nil)
}

// read decodes one column of one row group into its digest, and shows the values to a second visitor where there is one.
func (c *check) read(ctx context.Context, group, column int, also visitor) error {
	sum := &c.chunks[group][column]
	reader := c.parquet.RowGroup(group)
	visit := sum.visit
	if also != nil {
		visit = func(text []byte, null bool) {
			sum.visit(text, null)
			also(text, null)
		}
	}
	rows, err := readColumn(ctx, reader, column, c.files.columns[column].Type, visit)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	where := fmt.Sprintf("row group %d, column %q", group, c.files.columns[column].Name)
	if err != nil {
		return c.parquetProblem(where, err)
	}
	if rows != reader.NumRows() {
		return c.parquetProblem(fmt.Sprintf("%s: %d rows decoded, %d claimed", where, rows, reader.NumRows()), nil)
	}
	if claimed, ok := claimedNulls(reader, column); ok && claimed != sum.nulls && c.files.columns[column].Type != typeTextList {
		return c.parquetProblem(fmt.Sprintf("%s: %d NULLs decoded, %d claimed", where, sum.nulls, claimed), nil)
	}
	return nil
}

// claimedNulls is the number of NULLs in the statistics of a column chunk.
func claimedNulls(group *file.RowGroupReader, column int) (int64, bool) {
	chunk, err := group.MetaData().ColumnChunk(column)
	if err != nil {
		return 0, false
	}
	statistics, err := chunk.Statistics()
	if err != nil || statistics == nil || !statistics.HasNullCount() {
		return 0, false
	}
	return statistics.NullCount(), true
}

func (c *check) scanCSV(ctx context.Context) error {
	source, err := os.Open(c.files.csv)
	if err != nil {
		return storageError("open", c.files.csv, err)
	}
	defer func() { _ = source.Close() }() // nothing was written
	c.csv = make([]digest, len(c.files.columns))
	_, err = scanCSV(ctx, source, c.files.columns, func(column int, value field) { c.csv[column].visit(value.text, value.null) })
	if err != nil && ctx.Err() == nil {
		return &VerifyError{File: filepath.Base(c.files.csv), Problem: "is not the CSV that was written", Err: err}
	}
	return err
}

func (c *check) output(ctx context.Context, path string) (Output, error) {
	size, sum, err := hashFile(ctx, path)
	return Output{Name: filepath.Base(path), Rows: c.files.counts.rows, Bytes: size, SHA256: sum, Columns: c.files.columns}, err
}

// conclude compares what the workers found.
func (c *check) conclude() ([]Output, error) {
	for i := 1; i < len(c.orders); i++ {
		if !c.orders[i-1].precedes(&c.orders[i], len(c.keys)) {
			return nil, c.parquetProblem(fmt.Sprintf("row group %d does not follow the one before it in order", i), nil)
		}
	}
	for i, column := range c.files.columns {
		var whole digest
		for group := range c.chunks {
			whole.append(c.chunks[group][i])
		}
		if values := whole.rows - whole.nulls; values != c.files.counts.values[i] {
			return nil, c.parquetProblem(fmt.Sprintf("column %q has %d values, the table has %d", column.Name, values, c.files.counts.values[i]), nil)
		}
		if c.csv != nil && c.csv[i] != whole {
			return nil, &VerifyError{File: filepath.Base(c.files.csv), Problem: fmt.Sprintf("column %q does not hold the values of the Parquet file", column.Name)}
		}
	}
	var outputs []Output
	if !c.files.parquetIsTemporary {
		outputs = append(outputs, c.parquetOutput)
	}
	if c.files.csv != "" {
		outputs = append(outputs, c.csvOutput)
	}
	return outputs, nil
}

func (c *check) parquetProblem(problem string, err error) error {
	return &VerifyError{File: filepath.Base(c.files.parquet), Problem: problem, Err: err}
}

// hashFile gives the size in bytes and the SHA-256, in hexadecimal, of a regular file.
func hashFile(ctx context.Context, path string) (int64, string, error) {
	source, err := os.Open(path)
	if err != nil {
		return 0, "", storageError("open", path, err)
	}
	defer func() { _ = source.Close() }() // nothing was written
	hash := sha256.New()
	size, err := io.CopyBuffer(struct{ io.Writer }{hash}, cancelReader{ctx, source}, make([]byte, 1<<20))
	if ctx.Err() != nil {
		return 0, "", context.Cause(ctx)
	}
	if err != nil {
		return 0, "", storageError("read", path, err)
	}
	return size, hex.EncodeToString(hash.Sum(nil)), nil
}

// cancelReader ends with the cause of its context.
type cancelReader struct {
	ctx    context.Context
	source io.Reader
}

// Read ends with the cause where the context has ended.
func (r cancelReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.source.Read(p)
}
