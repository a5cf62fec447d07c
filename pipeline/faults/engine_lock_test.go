package faults

import (
	"os"
	"path/filepath"
	"strings"
)

// F135: what a statement must not do, whoever wrote it, and the reason for which it is refused: one that fails for a
// mistake of its own would prove nothing.

// lockedDown tries each. What is allowed is tried in the same engine: it must be done.
func lockedDown(w *world) {
	w.v.t.Helper()
	dir := w.v.t.TempDir()
	db := w.engineIn(dir)
	secret := w.write("secret.txt", "a,b\n1,2\n", 0o600)
	inside := filepath.Join(dir, "inside.csv")
	if err := os.WriteFile(inside, []byte("a,b\n1,2\n"), 0o600); err != nil {
		w.v.fatalf("%v", err)
	}
	for _, statement := range []string{
		"SELECT * FROM read_csv('" + inside + "')", "SELECT * FROM read_text('" + inside + "')", "COPY (SELECT 1) TO '" + filepath.Join(dir, "made.csv") + "'",
		"CREATE TABLE kept AS SELECT * FROM '" + inside + "'", "SELECT * FROM glob('" + dir + "/*')", "SELECT json_extract('{\"a\": 1}', '$.a')",
	} {
		w.try("done: " + shortened(statement))
		if _, err := db.ExecContext(w.v.t.Context(), statement); err != nil {
			w.v.errorf("what is allowed was refused: %v", err)
		}
	}
	elsewhere := filepath.Join(w.dir, "stolen.csv")
	for reason, statements := range refusedStatements(w.dir, secret, elsewhere) {
		for _, statement := range statements {
			w.try(shortened(statement))
			_, err := db.ExecContext(w.v.t.Context(), statement)
			if err == nil {
				w.v.errorf("was done")
			} else if !strings.Contains(err.Error(), reason) {
				w.v.errorf("refused with %q, want %q in it", oneLine(err.Error()), reason)
			}
		}
	}
	for _, made := range []string{elsewhere, filepath.Join(w.dir, "other.duckdb"), filepath.Join(w.dir, "export")} {
		if _, err := os.Lstat(made); err == nil {
			w.v.errorf("%s was made, outside of the folders", filepath.Base(made))
		}
	}
}

func shortened(statement string) string {
	line := oneLine(statement)
	return line[:min(50, len(line))]
}

// refusedStatements are by the words with which DuckDB refuses them.
func refusedStatements(dir, secret, elsewhere string) map[string][]string {
	return map[string][]string{
		"file system operations are disabled by configuration": {
			"ATTACH '" + filepath.Join(dir, "other.duckdb") + "' AS other", "COPY (SELECT 1) TO '" + elsewhere + "'", "EXPORT DATABASE '" + dir + "/export'",
			"SELECT * FROM read_text('" + secret + "')", "SELECT * FROM read_blob('/etc/passwd')", "SELECT * FROM read_csv('" + secret + "')",
			"SELECT * FROM '" + dir + "/customers.csv'", "SELECT * FROM glob('" + dir + "/*')", "SELECT * FROM read_text('" + dir + "/out/../secret.txt')",
			"IMPORT DATABASE '" + dir + "'", "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
			"INSTALL httpfs", "INSTALL json FROM community",
		},
		"the configuration has been locked": {
			"SET enable_external_access = true", "SET allowed_directories = ['/']", "SET lock_configuration = false", "RESET enable_external_access",
			"SET memory_limit = '100GB'", "SET temp_directory = '/'", "PRAGMA memory_limit = '100GB'", "PRAGMA threads = 64",
			"PRAGMA profiling_output = '" + elsewhere + "'", "SET profiling_output = '" + elsewhere + "'", "SET allow_unsigned_extensions = true",
			"SET autoload_known_extensions = true",
		},
		"Loading external extensions is disabled": {"LOAD httpfs", "LOAD '" + dir + "/evil.duckdb_extension'"},
		"it exists in the httpfs extension":       {"CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')"},
		"ersistent secrets are disabled":          {"CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')"},
	}
}
