package faults

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"crosswalk/extract"
	"crosswalk/transform"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// F132, F134: how values come to DuckDB. The program has two ways: what it knows itself is bound to statements or stands
// in them, what it fetched is Arrow that becomes a part of the stage, which DuckDB reads. It uses no Appender.

var oddTexts = []string{
	"a\x00b", "\x00", "a\x00", "\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf5\x80\x80\x80", "Ω\u0301", "\u202e", "\ufeffa", "😀", "", strings.Repeat("ä", 1<<20), "a\r\nb", `\N`, "NULL", "it's", "'",
}

// oddValues takes each text each way: it comes back byte by byte, or is refused; never NULL, never cut.
func oddValues(w *world) {
	w.v.t.Helper()
	db := w.engine()
	ctx := w.v.t.Context()
	if _, err := db.ExecContext(ctx, "CREATE TABLE kept (place INTEGER, t VARCHAR)"); err != nil {
		w.v.fatalf("%v", err)
	}
	for i, text := range oddTexts {
		name := strconv.Quote(text[:min(len(text), 12)])
		var bound, inserted, literal *string
		w.try(name + ", bound to a query")
		w.cameBack(text, &bound, db.QueryRowContext(ctx, "SELECT t FROM (VALUES ($1::VARCHAR)) AS v(t)", text).Scan(&bound))
		w.try(name + ", bound to an INSERT")
		_, err := db.ExecContext(ctx, "INSERT INTO kept VALUES (?, ?)", i, text)
		if err == nil {
			err = db.QueryRowContext(ctx, "SELECT t FROM kept WHERE place = ?", i).Scan(&inserted)
		}
		w.cameBack(text, &inserted, err)
		w.try(name + ", in a statement")
		w.cameBack(text, &literal, db.QueryRowContext(ctx, "SELECT '"+strings.ReplaceAll(text, "'", "''")+"'").Scan(&literal))
		w.try(name + ", staged")
		staged, err := w.staged(text)
		w.cameBack(text, &staged, err)
	}
}

// cameBack holds that a value is what it was, or that bytes which are no text were refused with a word of why.
func (w *world) cameBack(want string, got **string, err error) {
	w.v.t.Helper()
	plain := utf8.ValidString(want) && !strings.Contains(want, "\x00")
	switch {
	case err != nil && plain:
		w.v.errorf("refused: %v", err)
	case err != nil && len(err.Error()) < 10:
		w.v.errorf("refused without a reason: %v", err)
	case err == nil && *got == nil:
		w.v.errorf("came back as NULL")
	case err == nil && **got != want:
		w.v.errorf("came back as %.40q, %d bytes of %d", **got, len(**got), len(want))
	}
}

// staged takes a text through a part of a stage.
func (w *world) staged(text string) (*string, error) {
	w.v.t.Helper()
	dir := w.v.t.TempDir()
	schema := arrow.NewSchema([]arrow.Field{{Name: "t", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	builder.Field(0).(*array.StringBuilder).Append(text)
	batch := builder.NewRecordBatch()
	defer batch.Release()
	part := w.newPart(dir, schema)
	if err := part.Write(batch); err != nil {
		return nil, err
	}
	closed, err := part.Close()
	if err != nil {
		return nil, err
	}
	var got *string
	err = w.engineIn(dir).QueryRowContext(w.v.t.Context(), fmt.Sprintf("SELECT t FROM read_parquet('%s')", filepath.Join(dir, "stage", closed.File))).Scan(&got)
	return got, err
}

func (w *world) newPart(dir string, schema *arrow.Schema) *extract.PartWriter {
	w.v.t.Helper()
	stage, err := extract.CreateStage(filepath.Join(dir, "stage"))
	if err != nil {
		w.v.fatalf("%v", err)
	}
	table, err := stage.NewTable("salesforce", "Account", schema)
	if err != nil {
		w.v.fatalf("%v", err)
	}
	part, err := table.NewPart(0)
	if err != nil {
		w.v.fatalf("%v", err)
	}
	return part
}

var batchSchema = arrow.NewSchema([]arrow.Field{{Name: "Id", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "N", Type: arrow.PrimitiveTypes.Int32, Nullable: true}}, nil)

// batchOf has every place NULL at which nulls is true, from memory that counts what is not given back.
func batchOf(rows int, null func(int) bool) (arrow.RecordBatch, *memory.CheckedAllocator) {
	allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
	builder := array.NewRecordBuilder(allocator, batchSchema)
	defer builder.Release()
	for i := range rows {
		if null(i) {
			builder.Field(0).AppendNull()
			builder.Field(1).AppendNull()
			continue
		}
		builder.Field(0).(*array.StringBuilder).Append(strconv.Itoa(i))
		builder.Field(1).(*array.Int32Builder).Append(int32(i))
	}
	return builder.NewRecordBatch(), allocator
}

// batches are written to a stage, and DuckDB reads what was in them.
func batches(w *world) {
	never, ever, thirds := func(int) bool { return false }, func(int) bool { return true }, func(i int) bool { return i%3 == 0 }
	for _, c := range []struct {
		name   string
		rows   int
		null   func(int) bool
		writes int
	}{
		{"released when it is written", 100, never, 1}, {"written twice", 100, never, 2}, {"no rows", 0, never, 1}, {"nothing but nulls", 100, ever, 1},
		{"nulls between", 100, thirds, 2}, {"one row", 1, never, 1},
	} {
		w.try(c.name)
		batch, allocator := batchOf(c.rows, c.null)
		dir := w.v.t.TempDir()
		part := w.newPart(dir, batchSchema)
		for range c.writes {
			if err := part.Write(batch); err != nil {
				w.v.errorf("write: %v", err)
			}
		}
		batch.Release() // before the part is closed: nothing of it may be needed any more
		closed, err := part.Close()
		if want := int64(c.rows * c.writes); err != nil || closed.Rows != want {
			w.v.errorf("%d rows, want %d (%v)", closed.Rows, want, err)
		}
		if held := allocator.CurrentAlloc(); held != 0 {
			w.v.errorf("%d bytes were not given back", held)
		}
		if c.rows == 0 { // there is nothing to read: no file is made
			if _, err := os.Lstat(filepath.Join(dir, "stage", closed.File)); !errors.Is(err, fs.ErrNotExist) {
				w.v.errorf("a part without rows: %v", err)
			}
			continue
		}
		var want []string
		for i := range c.rows * c.writes {
			if i %= c.rows; c.null(i) {
				want = append(want, "NULL NULL")
			} else {
				want = append(want, fmt.Sprintf("%d %d", i, i))
			}
		}
		if got := w.rowsOf(w.engineIn(dir), filepath.Join(dir, "stage", closed.File)); !slices.Equal(got, want) {
			w.v.errorf("DuckDB reads %.60q, want %.60q", got, want)
		}
	}
}

// rowsOf reads a part in the order of its rows.
func (w *world) rowsOf(db *transform.DB, path string) []string {
	w.v.t.Helper()
	rows, err := db.QueryContext(w.v.t.Context(), fmt.Sprintf(`SELECT coalesce("Id", 'NULL') || ' ' || coalesce("N"::VARCHAR, 'NULL') FROM read_parquet('%s')`, path))
	if err != nil {
		w.v.errorf("read: %v", err)
		return nil
	}
	defer func() { _ = rows.Close() }()
	var found []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			w.v.errorf("scan: %v", err)
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		w.v.errorf("rows: %v", err)
	}
	return found
}
