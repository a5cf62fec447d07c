package transform_test

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosswalk/transform"
)

// bulkTable stages a table of many rows by way of a CSV file; an empty cell is NULL.
func bulkTable(t *testing.T, scratch *sql.DB, directory, name string, rows table) transform.Relation {
	t.Helper()
	file, err := os.Create(filepath.Join(directory, name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := csv.NewWriter(file).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	relation := transform.Relation{Files: []string{filepath.Join(directory, name+".parquet")}}
	var selected []string
	for _, column := range rows[0] {
		arrow, duck := typeOf(column)
		relation.Columns = append(relation.Columns, transform.Column{Name: column, Type: arrow})
		selected = append(selected, fmt.Sprintf(`CAST("%s" AS %s) AS "%[1]s"`, column, duck))
	}
	copied := fmt.Sprintf("COPY (SELECT %s FROM read_csv('%s', header = true, all_varchar = true, auto_detect = false, delim = ',', quote = '\"', columns = {%s})) TO '%s' (FORMAT parquet)",
		strings.Join(selected, ", "), file.Name(), textColumns(rows[0]), relation.Files[0])
	if _, err := scratch.ExecContext(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	return relation
}

func textColumns(columns []string) string {
	typed := make([]string, 0, len(columns))
	for _, column := range columns {
		typed = append(typed, "'"+column+"': 'VARCHAR'")
	}
	return strings.Join(typed, ", ")
}
