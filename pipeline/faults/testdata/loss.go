// Package loss loses, repeats or alters one row inside a run of crosswalk. It is laid over the program when the tests of
// pipeline/faults build a binary of their own; the program that is shipped has nothing of it.
//
// LOSS=site|how|row says where, how (dropped, repeated, altered) and which row: first, middle or last.
package loss

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var (
	planned = append(strings.Split(os.Getenv("LOSS"), "|"), "", "", "")
	mutex   sync.Mutex
	rows    int
	struck  bool
)

func isAt(site string) bool { return planned[0] == site }

// strike notes that the loss has struck, once.
func strike() bool {
	mutex.Lock()
	defer mutex.Unlock()
	if struck {
		return false
	}
	struck = true
	fmt.Fprintln(os.Stderr, "loss: struck")
	return true
}

// Row counts the rows that pass a site and says what becomes of this one.
func Row(site string) string {
	if !isAt(site) {
		return ""
	}
	mutex.Lock()
	rows++
	ours := rows == map[string]int{"first": 1, "middle": 20, "last": 47}[planned[2]]
	mutex.Unlock()
	if ours && strike() {
		return planned[1]
	}
	return ""
}

func place(all int) int {
	return map[string]int{"first": 0, "middle": all / 2, "last": all - 1}[planned[2]]
}

// Batch changes a row of the first batch that passes a site.
func Batch(site string, batch arrow.RecordBatch) arrow.RecordBatch {
	all := batch.NumRows()
	if !isAt(site) || all == 0 || !strike() {
		return batch
	}
	row := int64(place(int(all)))
	pieces := []arrow.RecordBatch{batch.NewSlice(0, row), batch.NewSlice(row, row+1), batch.NewSlice(row+1, all)}
	switch planned[1] {
	case "dropped":
		pieces = slices.Delete(pieces, 1, 2)
	case "repeated":
		pieces = slices.Insert(pieces, 1, pieces[1])
	default:
		pieces[1] = altered(pieces[1])
	}
	columns := make([]arrow.Array, batch.NumCols())
	for i := range columns {
		var parts []arrow.Array
		for _, piece := range pieces {
			parts = append(parts, piece.Column(i))
		}
		columns[i], _ = array.Concatenate(parts, memory.DefaultAllocator)
	}
	return array.NewRecordBatch(batch.Schema(), columns, int64(columns[0].Len()))
}

// altered changes the last text of a row that is none of an id.
func altered(row arrow.RecordBatch) arrow.RecordBatch {
	columns := slices.Clone(row.Columns())
	for i := len(columns) - 1; i >= 0; i-- {
		text, ok := columns[i].(*array.String)
		if !ok || text.IsNull(0) || text.Value(0) == "" || strings.HasSuffix(row.ColumnName(i), "Id") {
			continue
		}
		builder := array.NewStringBuilder(memory.DefaultAllocator)
		value := []byte(text.Value(0))
		value[len(value)-1] ^= 1
		builder.Append(string(value))
		columns[i] = builder.NewArray()
		break
	}
	return array.NewRecordBatch(row.Schema(), columns, row.NumRows())
}

// Written changes a row of what a statement wrote, by the file of the statement and its header.
func Written(ctx context.Context, db *sql.DB, site, name, text string) error {
	_, written, _ := strings.Cut(text, "; writes: ")
	written, _, _ = strings.Cut(written, "\n")
	return Stored(ctx, db, site+" "+name, written)
}

// Stored changes a row of a table, or of a view, which becomes a table for that.
func Stored(ctx context.Context, db *sql.DB, site, name string) error {
	if !isAt(site) {
		return nil
	}
	var statements []string
	var isView bool
	if err := db.QueryRowContext(ctx, "SELECT count(*) > 0 FROM duckdb_views() WHERE view_name = ?", name).Scan(&isView); err != nil {
		return err
	}
	if isView {
		statements = append(statements, "CREATE TABLE loss AS SELECT * FROM "+name, "DROP VIEW "+name, "ALTER TABLE loss RENAME TO "+name)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("loss: %s: %w", statement, err)
		}
	}
	var all int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+name).Scan(&all); err != nil || all == 0 {
		return err
	}
	var row int64
	if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT rowid FROM %s ORDER BY rowid LIMIT 1 OFFSET %d", name, place(all))).Scan(&row); err != nil {
		return err
	}
	change := fmt.Sprintf("DELETE FROM %s WHERE rowid = %d", name, row)
	switch planned[1] {
	case "repeated":
		change = fmt.Sprintf("INSERT INTO %s SELECT * FROM %[1]s WHERE rowid = %d", name, row)
	case "altered":
		column, value, err := alteration(ctx, db, name, row)
		if err != nil {
			return err
		}
		change = fmt.Sprintf("UPDATE %s SET %s = %s WHERE rowid = %d", name, column, value, row)
	}
	if _, err := db.ExecContext(ctx, change); err != nil {
		return fmt.Errorf("loss: %s: %w", change, err)
	}
	strike()
	return nil
}

// alteration is the last column of a row that is not NULL, and another good value of its type. Texts come first.
func alteration(ctx context.Context, db *sql.DB, table string, row int64) (column, value string, err error) {
	found, err := db.QueryContext(ctx, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND database_name = 'work' ORDER BY data_type <> 'VARCHAR', column_index DESC", table)
	if err != nil {
		return "", "", err
	}
	defer found.Close()
	var columns, types []string
	for found.Next() {
		var name, kind string
		if err := found.Scan(&name, &kind); err != nil {
			return "", "", err
		}
		columns, types = append(columns, `"`+name+`"`), append(types, kind)
	}
	for i, column := range columns {
		var isNull bool
		if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT %s IS NULL FROM %s WHERE rowid = %d", column, table, row)).Scan(&isNull); err != nil {
			return "", "", err
		}
		switch kind := types[i]; {
		case isNull:
		case kind == "VARCHAR":
			return column, column + " || 'x'", nil
		case kind == "BOOLEAN":
			return column, "NOT " + column, nil
		case strings.HasSuffix(kind, "INT") || kind == "INTEGER" || strings.HasPrefix(kind, "DECIMAL"):
			return column, column + " + 1", nil
		}
	}
	return "", "", fmt.Errorf("loss: %s: nothing to alter in row %d", table, row)
}

// Query puts a query that changes a row in the place of what a statement reads.
func Query(site, statement, from, column string) string {
	if !isAt(site) {
		return statement
	}
	if strings.Count(statement, " FROM "+from) != 1 || !strike() {
		return statement
	}
	at := map[string]string{"first": "1", "middle": "1 + loss_all // 2", "last": "loss_all"}[planned[2]]
	numbered := "(SELECT *, row_number() OVER () AS loss_row, count(*) OVER () AS loss_all FROM " + from + ")"
	changed := "SELECT * EXCLUDE (loss_row, loss_all) FROM " + numbered + " WHERE loss_row <> " + at
	switch planned[1] {
	case "repeated":
		changed = "SELECT * EXCLUDE (loss_row, loss_all) FROM (SELECT * FROM " + numbered + " UNION ALL SELECT * FROM " + numbered + " WHERE loss_row = " + at + ")"
	case "altered":
		changed = "SELECT * EXCLUDE (loss_row, loss_all) REPLACE (CASE WHEN loss_row = " + at + " THEN coalesce(" + column + ", '') || 'x' ELSE " + column + " END AS " + column + ") FROM " + numbered
	}
	return strings.Replace(statement, " FROM "+from, " FROM ("+changed+")", 1)
}
