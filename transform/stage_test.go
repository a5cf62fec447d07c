package transform_test

import (
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"crosswalk/transform"
)

// table is a relation as a test writes it: the first row names the columns. A cell that is empty is NULL, and one that
// is `""` is the empty string.
type table [][]string

// parseTable reads a table from CSV.
func parseTable(t *testing.T, text string) table {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(text))
	reader.LazyQuotes = true
	var rows table
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

// typeOf is the type of a staged column: what extract gives to these fields, text to all else.
func typeOf(column string) (arrow, duck string) {
	switch column {
	case "IsDeleted", "IsPrivate":
		return "bool", "BOOLEAN"
	case "CreatedDate", "LastModifiedDate":
		return "timestamp[us, tz=UTC]", "TIMESTAMPTZ"
	case "Number__c":
		return "decimal128(18, 0)", "DECIMAL(18, 0)"
	default:
		return "utf8", "VARCHAR"
	}
}

// stageTable writes a table as a Parquet part, as the stage holds it.
func stageTable(t *testing.T, scratch *sql.DB, directory, name string, rows table) transform.Relation {
	t.Helper()
	var relation transform.Relation
	var columns []string
	for _, column := range rows[0] {
		arrow, duck := typeOf(column)
		relation.Columns = append(relation.Columns, transform.Column{Name: column, Type: arrow})
		columns = append(columns, `"`+strings.ReplaceAll(column, `"`, `""`)+`" `+duck)
	}
	if len(rows) == 1 {
		return relation
	}
	must := func(query string, args ...any) {
		t.Helper()
		if _, err := scratch.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	must("CREATE OR REPLACE TABLE " + name + " (" + strings.Join(columns, ", ") + ")")
	marks := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	for chunk := range slices.Chunk(rows[1:], 100) {
		var values []any
		for _, row := range chunk {
			for _, cell := range row {
				if value := null(cell); value != nil {
					values = append(values, *value)
				} else {
					values = append(values, nil)
				}
			}
		}
		must("INSERT INTO "+name+" VALUES "+strings.TrimSuffix(strings.Repeat(marks+", ", len(chunk)), ", "), values...)
	}
	file := filepath.Join(directory, name+".parquet")
	must("COPY " + name + " TO '" + file + "' (FORMAT parquet)")
	relation.Files = []string{file}
	return relation
}

// scratchDatabase is an unrestricted DuckDB for writing what a test stages.
func scratchDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}
