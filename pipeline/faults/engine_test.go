package faults

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"crosswalk/extract"
	"crosswalk/sql"
	"crosswalk/transform"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// What can only be asked of the engine itself, in this process.

// engine is DuckDB as a run opens it.
func (w *world) engine() *transform.DB {
	w.v.t.Helper()
	dir := w.v.t.TempDir()
	db, err := transform.Open(w.v.t.Context(), engineOptions(dir))
	if err != nil {
		w.v.fatalf("open: %v", err)
	}
	w.v.t.Cleanup(func() { _ = db.Close() })
	return db
}

func engineOptions(dir string) transform.Options {
	return transform.Options{
		Database: filepath.Join(dir, "link.duckdb"), TempDirectory: filepath.Join(dir, "spill"), MemoryBytes: 256 << 20, Threads: 2,
		Directories: []string{dir}, SQL: sql.Files,
	}
}

// try counts a point that is not a run of the program.
func (w *world) try(name string) {
	w.v.where = name
	w.v.points++
	w.v.planned++
}

func cancelled(w *world) {
	db := w.engine()
	for _, query := range []string{
		"SELECT count(*) FROM range(1000000000000) AS a(i) WHERE hash(i) = 1",
		"SELECT count(*) FROM range(10000000) AS a(i) JOIN range(10000000) AS b(j) ON hash(i) % 7 = hash(j) % 7",
		"CREATE TABLE sorted AS SELECT hash(i) AS h FROM range(1000000000) AS a(i) ORDER BY h",
	} {
		w.try(query[:30])
		ctx, cancel := context.WithCancel(w.v.t.Context())
		began := time.Now()
		time.AfterFunc(300*time.Millisecond, cancel)
		_, err := db.ExecContext(ctx, query)
		if took := time.Since(began) - 300*time.Millisecond; err == nil || took > time.Second {
			w.v.errorf("ended %s after it was cancelled, with %v", took, err)
		}
		cancel()
	}
	var one int
	if err := db.QueryRowContext(w.v.t.Context(), "SELECT 1").Scan(&one); err != nil || one != 1 {
		w.v.errorf("the database is of no use afterwards: %v", err)
	}
}

func boundTexts(w *world) {
	db := w.engine()
	for _, text := range []string{
		"a\x00b", "\x00", "a\x00", "\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf5\x80\x80\x80", "Ω\u0301", "\u202e", "\ufeffa", "😀", "", strings.Repeat("ä", 1<<20), "a\r\nb", `\N`, "NULL",
	} {
		w.try(strconv.Quote(text[:min(len(text), 12)]))
		var got *string
		err := db.QueryRowContext(w.v.t.Context(), "SELECT t FROM (VALUES ($1::VARCHAR)) AS v(t)", text).Scan(&got)
		if err == nil && (got == nil || *got != text) {
			w.v.errorf("came back as %v", got)
		}
		if err != nil && utf8.ValidString(text) && !strings.Contains(text, "\x00") {
			w.v.errorf("refused: %v", err)
		}
	}
}

// openerArgument makes this binary a process that opens the database so many times and tells its memory.
const openerArgument = "open"

func openedOften(w *world) {
	times := 400
	if !*whole {
		times = 40
	}
	w.try(fmt.Sprintf("%d times", times))
	self, err := os.Executable()
	if err != nil {
		w.v.fatalf("%v", err)
	}
	text, err := exec.CommandContext(w.v.t.Context(), self, openerArgument, strconv.Itoa(times), w.v.t.TempDir()).CombinedOutput()
	var warm, end int64
	if _, scanned := fmt.Sscanf(string(text), "%d %d", &warm, &end); err != nil || scanned != nil {
		w.v.errorf("%v: %s", err, oneLine(string(text)))
		return
	}
	if grown := end - warm; grown > 20<<20 {
		w.v.errorf("memory grew by %d MiB, from %d MiB", grown>>20, warm>>20)
	}
}

// openOften opens and closes databases one after the other and prints what is resident after a quarter of them, and
// in the end, in bytes.
func openOften(ctx context.Context, times, dir string) error {
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	var warm int64
	for i := range n {
		if i == n/4 {
			if warm, err = residentNow(); err != nil {
				return err
			}
		}
		place := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(place, 0o700); err != nil {
			return err
		}
		db, err := transform.Open(ctx, engineOptions(place))
		if err != nil {
			return err
		}
		if err := db.Close(); err != nil {
			return err
		}
		if err := os.RemoveAll(place); err != nil {
			return err
		}
	}
	end, err := residentNow()
	fmt.Println(warm, end)
	return err
}

func residentNow() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// batches are written to a stage from memory that counts what is not given back.
func batches(w *world) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "Id", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "N", Type: arrow.PrimitiveTypes.Int32, Nullable: true}}, nil)
	make := func(rows int, null bool) (arrow.RecordBatch, *memory.CheckedAllocator) {
		allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
		builder := array.NewRecordBuilder(allocator, schema)
		defer builder.Release()
		for i := range rows {
			if null {
				builder.Field(0).AppendNull()
				builder.Field(1).AppendNull()
				continue
			}
			builder.Field(0).(*array.StringBuilder).Append(strconv.Itoa(i))
			builder.Field(1).(*array.Int32Builder).Append(int32(i))
		}
		return builder.NewRecordBatch(), allocator
	}
	for _, c := range []struct {
		name   string
		rows   int
		null   bool
		writes int
	}{{"released when it is written", 100, false, 1}, {"written twice", 100, false, 2}, {"no rows", 0, false, 1}, {"nothing but nulls", 100, true, 1}, {"one row", 1, false, 1}} {
		w.try(c.name)
		batch, allocator := make(c.rows, c.null)
		stage, err := extract.CreateStage(filepath.Join(w.v.t.TempDir(), "stage"))
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
	}
}

// lockedDown tries what a statement must not do, whoever wrote it.
func lockedDown(w *world) {
	db := w.engine()
	secret := w.write("secret.txt", canarySecret, 0o600)
	elsewhere := filepath.Join(w.dir, "stolen.csv")
	for _, statement := range []string{
		"ATTACH '" + filepath.Join(w.dir, "other.duckdb") + "' AS other", "COPY (SELECT 1) TO '" + elsewhere + "'", "EXPORT DATABASE '" + w.dir + "/export'",
		"INSTALL httpfs", "LOAD httpfs", "INSTALL json FROM community", "SELECT * FROM read_text('" + secret + "')", "SELECT * FROM read_blob('/etc/passwd')",
		"SELECT * FROM read_csv('" + secret + "')", "SELECT * FROM '" + w.dir + "/customers.csv'", "SELECT * FROM glob('" + w.dir + "/*')",
		"SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')", "SET enable_external_access = true", "SET allowed_directories = ['/']",
		"SET lock_configuration = false", "RESET enable_external_access", "SET memory_limit = '100GB'", "SET temp_directory = '/'", "PRAGMA memory_limit = '100GB'", "PRAGMA threads = 64", "PRAGMA profiling_output = '" + elsewhere + "'", "SET profiling_output = '" + elsewhere + "'",
		"SET allow_unsigned_extensions = true", "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')", "IMPORT DATABASE '" + w.dir + "'",
		"SELECT * FROM read_text('" + w.dir + "/out/../secret.txt')",
	} {
		w.try(oneLine(statement)[:min(50, len(oneLine(statement)))])
		if _, err := db.ExecContext(w.v.t.Context(), statement); err == nil {
			w.v.errorf("was done")
		}
	}
	if _, err := os.Lstat(elsewhere); err == nil {
		w.v.errorf("a file was written outside of the folders")
	}
}
