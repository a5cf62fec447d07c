package transform_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	duckdb "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	statements "crosswalk/sql"
	"crosswalk/transform"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestLockedDown proves F135: no statement reaches beyond the folders that were given, and no setting opens the door
// again.
func TestLockedDown(t *testing.T) {
	t.Parallel()
	allowed, outside := t.TempDir(), t.TempDir()
	for _, file := range []string{filepath.Join(outside, "secret.csv"), filepath.Join(allowed, "inside.csv")} {
		if err := os.WriteFile(file, []byte("a,b\n1,2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(outside, "secret.csv"), filepath.Join(allowed, "link.csv")); err != nil {
		t.Fatal(err)
	}
	db := openDatabase(t, func(o *transform.Options) { o.Directories = []string{allowed} })
	if _, err := db.ExecContext(t.Context(), "SELECT * FROM read_csv('"+allowed+"/inside.csv')"); err != nil {
		t.Errorf("a file of an allowed folder is refused: %v", err)
	}
	for _, test := range []struct{ why, query string }{
		{"a file of the system", "SELECT * FROM read_text('/etc/passwd')"},
		{"a file of the system, as a table", "SELECT * FROM '/etc/passwd'"},
		{"a file outside", "SELECT * FROM read_csv('" + outside + "/secret.csv')"},
		{"a file outside, by way of the allowed folder", "SELECT * FROM read_csv('" + allowed + "/../" + filepath.Base(outside) + "/secret.csv')"},
		{"a file outside, by a link in the allowed folder", "SELECT * FROM read_csv('" + allowed + "/link.csv')"},
		{"a listing", "SELECT * FROM glob('/etc/*')"},
		{"another database", "ATTACH '" + outside + "/other.duckdb' AS other"},
		{"an extension from the network", "INSTALL httpfs"},
		{"an extension from a file", "LOAD '" + allowed + "/evil.duckdb_extension'"},
		{"the network", "SELECT * FROM read_csv('https://example.com/a.csv')"},
		{"a copy to the outside", "COPY (SELECT 1) TO '" + outside + "/stolen.csv'"},
		{"an export to the outside", "EXPORT DATABASE '" + outside + "/all'"},
		{"access again", "SET enable_external_access = true"},
		{"another folder", "SET allowed_directories = ['/']"},
		{"more memory", "SET memory_limit = '100GB'"},
		{"extensions again", "SET autoinstall_known_extensions = true"},
		{"settings again", "SET lock_configuration = false"},
		{"settings by their old name", "PRAGMA memory_limit = '100GB'"},
		{"settings by reset", "RESET memory_limit"},
		{"a secret that stays", "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')"},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			rows, err := db.QueryContext(t.Context(), test.query)
			if err == nil {
				defer func() { _ = rows.Close() }()
				err = rows.Err()
			}
			if err == nil {
				t.Errorf("%s: done, want it refused", test.query)
			}
		})
	}
	t.Cleanup(func() {
		if found, err := os.ReadDir(outside); err != nil || len(found) != 1 {
			t.Errorf("outside stand %v (%v), want the one file that stood there", found, err)
		}
	})
}

// TestCancel proves F131: a long statement ends within a second of its context, and the cause is told.
func TestCancel(t *testing.T) {
	t.Parallel()
	plan := planOfNothing(t)
	files := withStatement(t, "99_endless.sql", "CREATE TABLE endless AS SELECT sum(a.range * b.range) AS s FROM range(10000000) a CROSS JOIN range(10000000) b")
	db := openDatabase(t, func(o *transform.Options) { o.SQL = files })
	cause := errors.New("the deadline of the run")
	ctx, cancel := context.WithCancelCause(t.Context())
	var cancelled time.Time
	_, err := db.Link(ctx, plan, func(statement string) {
		if statement == "99_endless.sql" {
			time.AfterFunc(200*time.Millisecond, func() { cancelled = time.Now(); cancel(cause) })
		}
	})
	if took := time.Since(cancelled); took > time.Second {
		t.Errorf("ended %v after the cancellation, want less than a second", took)
	}
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "99_endless.sql") {
		t.Errorf("error is %v, want the cause and the statement", err)
	}
}

// TestStatementErrors proves that an error names its file, tells bug from storage, and never shows a record.
func TestStatementErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why, text string
		options   func(*transform.Options)
		code      int
		says      string
		hint      string
	}{
		{"a mistake in a statement is a bug", "SELECT nothing FROM customer", nil, 1, "Binder Error", "bug"},
		{"a value that does not convert is not shown", "SELECT CAST('secret ' || customer_id AS INTEGER) FROM customer", nil, 1, "conversion error", "bug"},
		{"F127: memory that runs out asks for more", "SELECT list(hash(range)) FROM range(100000000)",
			func(o *transform.Options) { o.MemoryBytes, o.TempBytes = 64<<20, 1<<20 }, 8, "Out of Memory", "limits."},
		{"F128: a disk that runs out asks for room", "CREATE TABLE sorted AS SELECT * FROM (SELECT hash(range) AS h, repeat('x', 100) || range AS t FROM range(5000000)) ORDER BY h",
			func(o *transform.Options) { o.MemoryBytes, o.TempBytes, o.Threads = 64<<20, 4<<20, 1 }, 8, "", "limits.temp_directory"},
		{"a stage that is gone is storage", "SELECT * FROM read_parquet('" + os.TempDir() + "/gone/part.parquet')", nil, 8, "IO Error", "limits.temp_directory"},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			plan := planOfNothing(t)
			scratch, directory := scratchDatabase(t), t.TempDir()
			plan.Customers = stageTable(t, scratch, directory, "customers", table{{"customer_id", "customer_name"}, {"C1", "Acme"}})
			db := openDatabase(t, func(o *transform.Options) {
				o.SQL = withStatement(t, "99_broken.sql", test.text)
				if test.options != nil {
					test.options(o)
				}
			})
			_, err := db.Link(t.Context(), plan, nil)
			var typed *transform.Error
			if !errors.As(err, &typed) {
				t.Fatalf("error is %v, want *transform.Error", err)
			}
			if typed.Statement != "99_broken.sql" || typed.ExitCode() != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error is %v with exit code %d, want %q in 99_broken.sql and %d", err, typed.ExitCode(), test.says, test.code)
			}
			if strings.Contains(err.Error(), "C1") || !strings.Contains(typed.Hint(), test.hint) {
				t.Errorf("error is %v with the hint %q, want no record in it and a hint on %q", err, typed.Hint(), test.hint)
			}
		})
	}
}

// TestSpill links two hundred thousand contacts within 64 MiB, F127: the link is that of plenty of memory.
func TestSpill(t *testing.T) {
	t.Parallel()
	outputs := func(memory int64) string {
		db := openDatabase(t, func(o *transform.Options) { o.MemoryBytes, o.Threads = memory, 2 })
		plan := generateStage(t, 40_000)
		sums, err := db.Link(t.Context(), plan, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := describeAccounting(sums)
		for _, result := range plan.Results() {
			if result.Name == "links" || result.Name == "exceptions" {
				text += dump(t, db, result)
			}
		}
		return text
	}
	if diff := cmp.Diff(outputs(1<<30), outputs(64<<20)); diff != "" {
		t.Errorf("with plenty of memory -, with little +\n%s", diff)
	}
}

// TestOpenRefuses proves that a folder of statements is whole before DuckDB starts.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why   string
		files fs.FS
		says  string
	}{
		{"no statements at all", fstest.MapFS{}, "no statements"},
		{"a statement without its purpose", withFile(t, "99_odd.sql", "SELECT 1"), "want a purpose"},
		{"a statement that does not say what it reads", withFile(t, "99_odd.sql", "-- purpose: odd\nSELECT 1"), "want what is read"},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			_, err := transform.Open(t.Context(), transform.Options{Database: filepath.Join(t.TempDir(), "d.duckdb"), SQL: test.files})
			var typed *transform.Error
			if !errors.As(err, &typed) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error is %v, want %q", err, test.says)
			}
		})
	}
}

// TestDriverError keeps the assumption that the driver's errors have a class, on which exit codes stand.
func TestDriverError(t *testing.T) {
	t.Parallel()
	_, err := openDatabase(t, nil).ExecContext(t.Context(), "SELECT nothing")
	var engine *duckdb.Error
	if !errors.As(err, &engine) || engine.Type != duckdb.ErrorTypeBinder {
		t.Errorf("error is %v, want a binder error", err)
	}
}

// planOfNothing is the default plan over a stage without rows.
func planOfNothing(t *testing.T) transform.Plan {
	t.Helper()
	plan := parsePlan(t, "")
	stageCase(t, &plan, nil)
	return plan
}

func withStatement(t *testing.T, name, text string) fs.FS {
	t.Helper()
	return withFile(t, name, "-- purpose: break a test\n-- reads: none; writes: none\n"+text)
}

// withFile is the shipped sql folder with one more file.
func withFile(t *testing.T, name, text string) fs.FS {
	t.Helper()
	files := fstest.MapFS{name: {Data: []byte(text)}}
	err := fs.WalkDir(statements.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(statements.Files, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
