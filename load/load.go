// Package load takes a result that stands in DuckDB to where people and machines read it: Parquet and CSV files in a
// hidden staging folder, read back and proved equal, and published in one atomic step.
//
// The order is fixed: [NewStaging], [Write], [Publish]. [Sweep] clears what a dead run left behind, [Verify] checks a
// publication against its manifest at any later time. Nothing here takes a lock: the caller holds the run's lock
// around all of them except Verify, [Latest] and [Partitions].
package load

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/sourcegraph/conc/pool"
)

// Database runs statements. All of a run's statements must see the same DuckDB instance and the same temporary
// views; *sql.DB limited to one connection, *sql.Conn and *sql.Tx do.
type Database interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Table is one table or view of the result and the columns that order its rows. Equal inputs give equal bytes only
// where OrderBy is a total order over rows that differ.
type Table struct {
	Name    string
	OrderBy []string
}

// Column is one column of an output: its name and its type in the words of the manifest (text, integer, bigint,
// boolean, decimal(18,2), date, time, timestamp, list<text>).
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Output is one published data file as the manifest lists it. Rows are records without the header.
type Output struct {
	Name    string   `json:"name"`
	Rows    int64    `json:"rows"`
	Bytes   int64    `json:"bytes"`
	SHA256  string   `json:"sha256"`
	Columns []Column `json:"columns"`
}

// The formats that Options.Formats may name.
const (
	Parquet = "parquet"
	CSV     = "csv"
)

// Options say where and how Write writes.
type Options struct {
	Directory string            // staging folder; must exist, and DuckDB must be allowed to write to it
	Formats   []string          // Parquet, CSV or both
	Metadata  map[string]string // key-value metadata of each Parquet file; nothing that differs between equal runs
	// Progress, where set, is told of each file once it is verified. It is called from one goroutine at a time.
	Progress func(Output)
}

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Write exports each table to Options.Directory, in the order given, and returns one Output a file: tables in order,
// for each its Parquet file, then its CSV file. Every file is synced to the disk, hashed, and read back by readers
// that share no code with the writer; see check.run for what is proved. While one table is read back the next is
// already being written.
//
// DuckDB creates files with mode 0666 less the umask. Set the umask to 077 or 027 before calling; Write takes away
// what a looser umask would let the world or group writers do, which is safe only because the staging folder is
// closed to others.
//
// Errors: *Error where the storage refused, *VerifyError where a file read back is not what was written, the cause
// of ctx where it ended. Files of a failed Write stay for the caller to remove with the staging folder.
func Write(ctx context.Context, db Database, tables []Table, opts Options) ([]Output, error) {
	if err := checkOptions(tables, opts); err != nil {
		return nil, err
	}
	written := make([][]Output, len(tables))
	checks := pool.New().WithMaxGoroutines(1).WithContext(ctx).WithCancelOnError().WithFirstError()
	copied := copyTables(ctx, db, tables, opts, func(i int, files tableFiles) {
		checks.Go(func(ctx context.Context) (err error) {
			written[i], err = finish(ctx, files, opts)
			return err
		})
	})
	checked := checks.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if checked != nil {
		return nil, checked
	}
	if copied != nil {
		return nil, copied
	}
	return slices.Concat(written...), syncDirectory(osFiles{}, opts.Directory)
}

func copyTables(ctx context.Context, db Database, tables []Table, opts Options, done func(int, tableFiles)) error {
	for i, table := range tables {
		files, err := copyTable(ctx, db, table, opts)
		if err != nil {
			return err
		}
		done(i, files)
	}
	return nil
}

func checkOptions(tables []Table, opts Options) error {
	if len(opts.Formats) == 0 {
		return fmt.Errorf("output formats: none given")
	}
	for _, format := range opts.Formats {
		if format != Parquet && format != CSV {
			return fmt.Errorf("output formats: %q is neither %s nor %s", format, Parquet, CSV)
		}
	}
	for _, table := range tables {
		if !tableName.MatchString(table.Name) {
			return fmt.Errorf("output table %q: the name must be lower-case letters, digits and underscores", table.Name)
		}
	}
	return nil
}

// finish syncs and verifies the files of one table and describes those that stay.
func finish(ctx context.Context, files tableFiles, opts Options) ([]Output, error) {
	for _, path := range files.paths() {
		if err := settle(path); err != nil {
			return nil, err
		}
	}
	outputs, err := (&check{files: files, metadata: opts.Metadata}).run(ctx)
	if err != nil {
		return nil, err
	}
	if files.parquetIsTemporary {
		if err := os.Remove(files.parquet); err != nil {
			return nil, storageError("remove", files.parquet, err)
		}
	}
	if opts.Progress != nil {
		for _, output := range outputs {
			opts.Progress(output)
		}
	}
	return outputs, nil
}

// settle makes what DuckDB wrote durable and closes it to the world and to writers other than its owner.
func settle(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return storageError("stat", path, err)
	}
	if !info.Mode().IsRegular() {
		return &VerifyError{File: filepath.Base(path), Problem: "is not a regular file"}
	}
	if loose := info.Mode().Perm() &^ 0o640; loose != 0 {
		if err := os.Chmod(path, info.Mode().Perm()&0o640); err != nil {
			return storageError("chmod", path, err)
		}
	}
	return syncFile(osFiles{}, path)
}
