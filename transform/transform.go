// Package transform links the staged records: it opens DuckDB, binds the stage to views and runs the statements of
// the sql folder over it. What links, and why the rest did not, is said there; this package says nothing about it
// except in what order the statements run.
package transform

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// Options say where and with how much DuckDB works.
type Options struct {
	// Database is the file for the narrow tables of the link; it must not exist yet. The caller removes it.
	Database string
	// TempDirectory takes what does not fit into memory; empty is the database's folder.
	TempDirectory string
	// MemoryBytes is DuckDB's share of memory, in bytes; at least 128 MiB is sensible. 0 leaves DuckDB's default.
	MemoryBytes int64
	// TempBytes bounds the spill files, in bytes; 0 is 90 % of the disk, DuckDB's default.
	TempBytes int64
	// Threads is the number of worker threads; 0 is one for each core.
	Threads int
	// Directories are the only folders that statements can read and write, besides Database and TempDirectory: the
	// stage and the folder for the outputs.
	Directories []string
	// SQL holds the statements: *.sql, dialect, keys and parameters.
	SQL fs.FS
}

// DB is an open DuckDB, locked down: statements reach Options.Directories and nothing else, and no setting can be
// changed any more. Its methods are safe for concurrent use, Link excepted, which runs once.
type DB struct {
	pool       *sql.DB
	statements statements
}

// Open starts DuckDB on a new database file, reads the statements and defines the key steps. Errors are *Error.
func Open(ctx context.Context, options Options) (*DB, error) {
	found, err := readStatements(options.SQL)
	if err != nil {
		return nil, &Error{Statement: "files", Err: err}
	}
	connector, err := duckdb.NewConnector("", attach(context.WithoutCancel(ctx), options.Database))
	if err != nil {
		return nil, &Error{Statement: "open database", Err: err}
	}
	db := &DB{pool: sql.OpenDB(connector), statements: found}
	if err := db.prepare(ctx, options); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// rowGroupRows is what one thread scans at a time, a multiple of DuckDB's vectors of 2,048 rows. Most tables behind the
// link have some ten thousand rows: in groups of 122,880, the default, one core would do all their work.
const rowGroupRows = 15 * 2048

// attach makes the file the database of each connection, of those too that are opened once Open has returned. Only where
// a database is attached can its row groups be sized.
func attach(ctx context.Context, file string) func(driver.ExecerContext) error {
	return func(connection driver.ExecerContext) error {
		for _, statement := range []string{
			fmt.Sprintf("ATTACH IF NOT EXISTS %s AS work (ROW_GROUP_SIZE %d)", quoteText(file), rowGroupRows),
			"USE work",
		} {
			if _, err := connection.ExecContext(ctx, statement, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// Close ends DuckDB. The database file stays.
func (d *DB) Close() error {
	if err := d.pool.Close(); err != nil {
		return &Error{Statement: "close database", Err: err}
	}
	return nil
}

// ExecContext runs one statement.
func (d *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return d.pool.ExecContext(ctx, query, args...)
}

// QueryContext runs one statement for its rows; the caller closes them.
func (d *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.pool.QueryContext(ctx, query, args...)
}

// QueryRowContext runs one statement for its first row.
func (d *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return d.pool.QueryRowContext(ctx, query, args...)
}

func (d *DB) prepare(ctx context.Context, options Options) error {
	for _, setting := range settings(options) {
		if _, err := d.pool.ExecContext(ctx, setting); err != nil {
			return statementError(ctx, "settings", err)
		}
	}
	for _, statement := range d.statements.definitions {
		if err := d.execute(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) execute(ctx context.Context, statement statement, args ...any) error {
	_, err := d.pool.ExecContext(ctx, statement.text, args...)
	return statementError(ctx, statement.name, err)
}

// settings lock DuckDB down. The order matters: folders are allowed before access is taken away, and the lock comes
// last (DuckDB: Securing DuckDB). Insertion order is kept: a published Parquet file is sorted, and what is read from it
// to be written as CSV must come in its order, at any number of threads. Freed memory goes back to the system early:
// memory_limit counts what DuckDB holds, not what its allocator keeps, which is up to 200 MiB more by default. Tables are
// not compressed: each is written once and read a few times, and finding the best compression cost as much as the rows.
// Nobody opens the database again, so no checkpoint is made of it, neither on the way nor at the end.
func settings(options Options) []string {
	temp := options.TempDirectory
	if temp == "" {
		temp = filepath.Join(filepath.Dir(options.Database), "spill")
	}
	set := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		"SET allow_persistent_secrets = false",
		"SET preserve_insertion_order = true",
		"SET force_compression = 'uncompressed'",
		"SET checkpoint_threshold = '1TB'",
		"PRAGMA disable_checkpoint_on_shutdown",
		"SET TimeZone = 'UTC'",
		"SET allocator_flush_threshold = '16MiB'",
		"SET allocator_bulk_deallocation_flush_threshold = '32MiB'",
		"SET allocator_background_threads = true",
		"SET temp_directory = " + quoteText(temp),
	}
	if options.MemoryBytes > 0 {
		set = append(set, fmt.Sprintf("SET memory_limit = '%dB'", options.MemoryBytes))
	}
	if options.TempBytes > 0 {
		set = append(set, fmt.Sprintf("SET max_temp_directory_size = '%dB'", options.TempBytes))
	}
	if options.Threads > 0 {
		set = append(set, fmt.Sprintf("SET threads = %d", options.Threads))
	}
	allowed := make([]string, 0, len(options.Directories))
	for _, directory := range options.Directories {
		allowed = append(allowed, quoteText(directory))
	}
	return append(set,
		"SET allowed_directories = ["+strings.Join(allowed, ", ")+"]",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	)
}

// quoteName makes a name an SQL identifier.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteText makes text an SQL literal. Statements that define views cannot take bound values.
func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
