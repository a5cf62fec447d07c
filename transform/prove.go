package transform

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// seal is what a table of the link was like when its last statement had ended: its rows, and a sum over the hashes of all
// of them, whatever their order. A row that is lost, repeated or altered changes it. It guards against accidents.
type seal struct {
	rows int64
	sum  string
}

// table is what a statement fills, by its header; empty where that is a view, a macro or nothing.
func (s statement) table() string {
	if !strings.Contains(s.text, "\nCREATE TABLE ") && !strings.Contains(s.text, "\nINSERT INTO ") {
		return ""
	}
	_, written, _ := strings.Cut(s.text, "; writes: ")
	written, _, _ = strings.Cut(written, "\n")
	return written
}

// sealWritten seals what a statement wrote. written are the rows that DuckDB says it added: the table must have those,
// beside the ones that it had.
func (d *DB) sealWritten(ctx context.Context, table string, written int64) error {
	found, err := d.look(ctx, table)
	if err != nil {
		return err
	}
	if missing := d.seals[table].rows + written - found.rows; missing != 0 {
		return sealBroken(table, max(missing, -missing))
	}
	d.seals[table] = found
	return nil
}

// proveSealed holds a table against its seal, before a statement adds to it and when all was read.
func (d *DB) proveSealed(ctx context.Context, table string) error {
	sealed, isSealed := d.seals[table]
	if !isSealed {
		return nil
	}
	found, err := d.look(ctx, table)
	if err != nil {
		return err
	}
	return sealed.compare(table, found)
}

func (d *DB) look(ctx context.Context, table string) (found seal, err error) {
	err = d.pool.QueryRowContext(ctx, "SELECT "+sealQuery(table)).Scan(&found.rows, &found.sum)
	return found, statementError(ctx, "rows of "+table, err)
}

// Prove holds every table of the link against what its statements wrote, when the last row of it was read: what was
// published came of these very rows. Errors are *CheckError, *Error and the cause of a cancelled context.
func (d *DB) Prove(ctx context.Context) error {
	tables := slices.Sorted(maps.Keys(d.seals))
	queries := make([]string, 0, len(tables))
	for _, table := range tables {
		queries = append(queries, fmt.Sprintf("SELECT %s, %s", quoteText(table), sealQuery(table)))
	}
	if len(queries) == 0 {
		return nil
	}
	rows, err := d.pool.QueryContext(ctx, strings.Join(queries, " UNION ALL "))
	if err != nil {
		return statementError(ctx, sealedTables, err)
	}
	var broken error
	err = each(rows, func(scan func(...any) error) error {
		var table string
		var found seal
		if err := scan(&table, &found.rows, &found.sum); err != nil {
			return err
		}
		if broken == nil {
			broken = d.seals[table].compare(table, found)
		}
		return nil
	})
	return cmp.Or(statementError(ctx, sealedTables, err), broken)
}

func (s seal) compare(table string, found seal) error {
	if found == s {
		return nil
	}
	return sealBroken(table, max(found.rows-s.rows, s.rows-found.rows, 1))
}

func sealQuery(table string) string {
	return "count(*), CAST(coalesce(sum(hash(t)), 0) AS VARCHAR) FROM " + quoteName(table) + " t"
}

// sealedTables names the check of the seals in errors.
const sealedTables = "tables of the link"

func sealBroken(table string, records int64) error {
	return &CheckError{Check: sealedTables, Problem: "rows of " + table + " that are not those that were written", Records: records, Code: exitBug}
}
