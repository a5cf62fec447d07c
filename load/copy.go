package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// rowGroupRows is the size of a row group: a multiple of DuckDB's vector size of 2,048, small enough that a reader
// works on several at once and large enough that dictionaries pay.
const rowGroupRows = 122_880

// tableFiles are the files of one table. The Parquet file is always written, because the CSV file is made from it
// and verified against it; where only CSV is wanted it is temporary.
type tableFiles struct {
	table              string
	orderBy            []string
	columns            []Column
	counts             counts
	parquet            string
	parquetIsTemporary bool
	csv                string // empty where not wanted
}

func (f tableFiles) paths() []string {
	if f.csv == "" {
		return []string{f.parquet}
	}
	return []string{f.parquet, f.csv}
}

// counts are what DuckDB says of a table apart from writing it: its rows, and the values of each column that are not
// NULL.
type counts struct {
	rows   int64
	values []int64
}

// copyTable writes the files of one table.
func copyTable(ctx context.Context, db Database, table Table, opts Options) (tableFiles, error) {
	files := tableFiles{table: table.Name, orderBy: table.OrderBy}
	files.parquet = filepath.Join(opts.Directory, table.Name+".parquet")
	if !slices.Contains(opts.Formats, Parquet) {
		files.parquetIsTemporary = true
		files.parquet = filepath.Join(opts.Directory, "."+table.Name+".parquet")
	}
	var err error
	if files.columns, err = describe(ctx, db, table); err != nil {
		return files, err
	}
	if files.counts, err = countTable(ctx, db, table.Name, files.columns); err != nil {
		return files, err
	}
	if err := execCopy(ctx, db, files, files.parquet, parquetStatement(table, files.parquet, opts.Metadata)); err != nil {
		return files, err
	}
	if slices.Contains(opts.Formats, CSV) {
		files.csv = filepath.Join(opts.Directory, table.Name+".csv")
		err = execCopy(ctx, db, files, files.csv, csvStatement(files))
	}
	return files, err
}

func countTable(ctx context.Context, db Database, table string, columns []Column) (counts, error) {
	result := counts{values: make([]int64, len(columns))}
	expressions, targets := []string{"count(*)"}, []any{&result.rows}
	for i, column := range columns {
		expressions = append(expressions, "count("+identifier(column.Name)+")")
		targets = append(targets, &result.values[i])
	}
	query := "SELECT " + strings.Join(expressions, ", ") + " FROM " + identifier(table)
	if err := db.QueryRowContext(ctx, query).Scan(targets...); err != nil {
		return counts{}, databaseError(ctx, "count", table, err)
	}
	return result, nil
}

func execCopy(ctx context.Context, db Database, files tableFiles, path, statement string) error {
	_, err := db.ExecContext(ctx, statement)
	if err == nil {
		return nil
	}
	err = databaseError(ctx, "write", path, err)
	var full *Error
	if errors.As(err, &full) && full.isFull() {
		full.Needed = max(estimate(ctx, db, files), leastFile)
	}
	return err
}

// leastFile is what a file without a row takes on a disk, in bytes.
const leastFile = 4096

// estimate guesses the bytes that a table takes as text from its first thousand rows. It serves a message about a
// full disk only, so it gives 0 where it cannot tell.
func estimate(ctx context.Context, db Database, files tableFiles) int64 {
	var width float64
	query := "SELECT coalesce(avg(strlen(r::VARCHAR)), 0)::DOUBLE FROM (SELECT * FROM " + identifier(files.table) + " LIMIT 1000) r"
	if err := db.QueryRowContext(ctx, query).Scan(&width); err != nil {
		return 0
	}
	return int64(width * float64(files.counts.rows))
}

// describe maps the columns of a table to the words of the manifest and refuses those that no output can carry
// exactly: DuckDB writes HUGEINT to Parquet as a double, and a double has no one text.
func describe(ctx context.Context, db Database, table Table) (columns []Column, err error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+identifier(table.Name)+")")
	if err != nil {
		return nil, databaseError(ctx, "describe", table.Name, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name, databaseType string
		if err := rows.Scan(&name, &databaseType); err != nil {
			return nil, databaseError(ctx, "describe", table.Name, err)
		}
		typ, ok := columnType(databaseType)
		if !ok {
			return nil, fmt.Errorf("output table %s: column %q: type %s cannot be published exactly; cast it in the SQL", table.Name, name, databaseType)
		}
		columns = append(columns, Column{Name: name, Type: typ})
	}
	if err := rows.Err(); err != nil {
		return nil, databaseError(ctx, "describe", table.Name, err)
	}
	return columns, checkOrder(table, columns)
}

func checkOrder(table Table, columns []Column) error {
	if len(table.OrderBy) == 0 {
		return fmt.Errorf("output table %s: no order given", table.Name)
	}
	for _, name := range table.OrderBy {
		if !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name }) {
			return fmt.Errorf("output table %s: ordered by %q, which is not a column of it", table.Name, name)
		}
	}
	return nil
}

// parquetStatement sorts by the bytes of the values, NULL last. DuckDB cuts an ordered result into row groups by
// position, whatever its thread count, as long as preserve_insertion_order keeps its default; so equal rows give equal
// bytes. Version V1 of the encodings is the one that every reader knows.
func parquetStatement(table Table, path string, metadata map[string]string) string {
	order := make([]string, len(table.OrderBy))
	for i, column := range table.OrderBy {
		order[i] = identifier(column) + " ASC NULLS LAST"
	}
	settings := []string{"FORMAT parquet", "COMPRESSION zstd", fmt.Sprintf("ROW_GROUP_SIZE %d", rowGroupRows), "PARQUET_VERSION V1"}
	if len(metadata) > 0 {
		settings = append(settings, "KV_METADATA "+metadataStruct(metadata))
	}
	return fmt.Sprintf("COPY (SELECT * FROM %s ORDER BY %s) TO %s (%s)",
		identifier(table.Name), strings.Join(order, ", "), literal(path), strings.Join(settings, ", "))
}

func metadataStruct(metadata map[string]string) string {
	pairs := make([]string, 0, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		pairs = append(pairs, literal(key)+": "+literal(metadata[key]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
