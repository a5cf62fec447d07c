package load

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	unix.Umask(0o077)
	goleak.VerifyTestMain(m)
}

// openDatabase opens DuckDB as locked down as a run has it: no extension is fetched, no file outside dir is touched.
func openDatabase(t testing.TB, dir string, threads int, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	settings := []string{
		"SET autoinstall_known_extensions=false", "SET autoload_known_extensions=false",
		"SET temp_directory=" + literal(t.TempDir()),
		fmt.Sprintf("SET threads=%d", threads), "SET memory_limit='2GiB'",
		"SET TimeZone='America/New_York'", // not the UTC that the files must be in
		"SET allowed_directories=[" + literal(dir) + "]",
		"SET enable_external_access=false", "SET lock_configuration=true",
	}
	for _, statement := range append(settings, statements...) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

// contactsTable makes rows of the shape and the cardinalities of a real contact export, each a function of its number.
func contactsTable(rows int) string {
	return fmt.Sprintf(`CREATE TABLE contacts AS SELECT
 'C' || lpad((hash(i) %% 800000)::VARCHAR, 8, '0') AS customer_id,
 '001' || upper(substr(md5((hash(i) %% 1000000)::VARCHAR), 1, 15)) AS account_id,
 '003' || upper(substr(md5(i::VARCHAR), 1, 15)) AS contact_id,
 CASE WHEN i %% 10 = 0 THEN 'child_account' ELSE 'account' END AS source,
 i %% 3 = 0 AS is_primary,
 CASE WHEN i %% 3 = 0 THEN 'oldest' END AS primary_reason,
 'First' || (hash(i + 1) %% 5000) AS "FirstName",
 'Last' || (hash(i + 2) %% 50000) AS "LastName",
 'First' || (hash(i + 1) %% 5000) || ' Last' || (hash(i + 2) %% 50000) AS "Name",
 CASE WHEN i %% 7 <> 0 THEN 'first.last' || (hash(i + 3) %% 10000000) || '@example.com' END AS "Email",
 '+49 ' || (hash(i + 4) %% 1000000000) AS "Phone",
 CASE WHEN i %% 2 = 0 THEN '+49 17' || (hash(i + 5) %% 1000000000) END AS "MobilePhone",
 CASE i %% 5 WHEN 0 THEN 'Manager, Sales' WHEN 1 THEN 'CEO' WHEN 2 THEN '' WHEN 3 THEN 'Head "of" IT' END AS "Title",
 (array['Sales', 'IT', 'Finance', 'Legal'])[1 + i %% 4] AS "Department",
 ((hash(i + 6) %% 100000000)::DECIMAL(18, 0) / 100)::DECIMAL(18, 2) AS "Amount",
 make_timestamp(1600000000000000 + (hash(i + 7) %% 100000000)::BIGINT * 1000000) AS "CreatedDate",
 make_timestamp(1700000000000000 + (hash(i + 8) %% 100000000)::BIGINT * 1000) AS "LastModifiedDate",
 DATE '1950-01-01' + (hash(i + 9) %% 20000)::INTEGER AS "Birthdate",
 (hash(i + 10) %% 100000)::INTEGER AS "Score",
 'Street ' || (hash(i + 11) %% 100000) || E',\nCity' AS "MailingStreet"
 FROM range(%d) r(i)`, rows)
}

var contacts = Table{Name: "contacts", OrderBy: []string{"customer_id", "account_id", "contact_id"}}

func mustWrite(t testing.TB, db Database, opts Options, tables ...Table) []Output {
	t.Helper()
	outputs, err := Write(t.Context(), db, tables, opts)
	if err != nil {
		t.Fatal(err)
	}
	return outputs
}

func readText(t testing.TB, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// tampering is a database whose files are altered right after they were written.
type tampering struct {
	*sql.DB
	suffix string
	tamper func(path string) error
}

func (d tampering) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := d.DB.ExecContext(ctx, query, args...)
	_, target, _ := strings.Cut(query, " TO '")
	path, _, isCopy := strings.Cut(target, "'")
	if err == nil && isCopy && strings.HasSuffix(path, d.suffix) {
		err = d.tamper(path)
	}
	return result, err
}
