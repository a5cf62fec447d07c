package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"crosswalk/sql"
	"crosswalk/transform"
)

// What can only be asked of the engine itself, in this process.

// engine is DuckDB as a run opens it.
func (w *world) engine() *transform.DB {
	w.v.t.Helper()
	return w.engineIn(w.v.t.TempDir())
}

func (w *world) engineIn(dir string) *transform.DB {
	w.v.t.Helper()
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
	var latest time.Duration
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
		took := time.Since(began) - 300*time.Millisecond
		if !errors.Is(err, context.Canceled) || took < 0 || took > time.Second {
			w.v.errorf("ended %s after it was cancelled, with %v; want less than a second after, and that it was cancelled", took, err)
		}
		latest = max(latest, took)
		cancel()
	}
	w.v.note = fmt.Sprintf("at most %d ms after it was cancelled", latest.Milliseconds())
	var one int
	if err := db.QueryRowContext(w.v.t.Context(), "SELECT 1").Scan(&one); err != nil || one != 1 {
		w.v.errorf("the database is of no use afterwards: %v", err)
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
	w.v.note = fmt.Sprintf("from %d to %d MiB", warm>>20, end>>20)
	if grown := end - warm; grown > 20<<20 || warm < 20<<20 {
		w.v.errorf("memory grew by %d MiB, from %d MiB; want no more than 20 from what a process with DuckDB has", grown>>20, warm>>20)
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
