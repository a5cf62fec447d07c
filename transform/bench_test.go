package transform_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	statements "crosswalk/sql"
	"crosswalk/transform"
)

var (
	benchMemory  = flag.Int64("memory", 512<<20, "bytes of memory for DuckDB in BenchmarkLink")
	benchThreads = flag.Int("threads", 2, "threads of DuckDB in BenchmarkLink")
)

var benchStage = flag.String("stage", "", "folder in which BenchmarkLink keeps its stages, to use them again")

// BenchmarkLink links a generated stage and sorts the outputs into Parquet, with 512 MB for DuckDB on two threads.
// The larger size takes minutes: go test ./transform -run '^$' -bench 'Link/accounts=1000000' -benchtime 1x
func BenchmarkLink(b *testing.B) {
	for _, accounts := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			plan := generateStage(b, accounts)
			b.ResetTimer()
			for b.Loop() {
				linkAndExport(b, plan)
			}
		})
	}
}

func linkAndExport(b *testing.B, plan transform.Plan) {
	b.Helper()
	directory := b.TempDir()
	db, err := transform.Open(b.Context(), transform.Options{
		Database: filepath.Join(directory, "link.duckdb"), MemoryBytes: *benchMemory, Threads: *benchThreads,
		Directories: []string{os.TempDir(), *benchStage}, SQL: statements.Files,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	start, name, near := time.Now(), "bind", time.Duration(0)
	clock := func(next string) {
		took := time.Since(start)
		if took > 100*time.Millisecond {
			fmt.Fprintf(os.Stderr, "%-40s %6.2f s\n", name, took.Seconds())
		}
		if isNearMiss(name) {
			near += took
		}
		start, name = time.Now(), next
	}
	begin := time.Now()
	sums, err := db.Link(b.Context(), plan, clock)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(begin)
	b.ReportMetric(took.Seconds(), "link-s/op")
	b.ReportMetric(near.Seconds(), "near-s/op")
	b.ReportMetric(100*near.Seconds()/(took-near).Seconds(), "near-percent")
	for _, result := range plan.Results() {
		clock("export " + result.Name)
		order := `"` + strings.Join(result.OrderBy, `" ASC NULLS LAST, "`) + `" ASC NULLS LAST`
		export := fmt.Sprintf("COPY (SELECT * FROM %s ORDER BY %s) TO '%s' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, PARQUET_VERSION V1)",
			result.Name, order, filepath.Join(directory, result.Name+".parquet"))
		if _, err := db.ExecContext(b.Context(), export); err != nil {
			b.Fatal(err)
		}
	}
	clock("")
	fmt.Fprintln(os.Stderr, sums.Customers, sums.Accounts, sums.Contacts)
}

// isNearMiss tells the statements that look for near misses, so that their cost stands apart.
func isNearMiss(statement string) bool { return statement >= "45_" && statement < "60_" }

// generateStage writes accounts, five times as many contacts and eight customers for ten accounts. One account in ten
// is blank, one in fifty carries a second customer's identifier in another spelling.
func generateStage(b testing.TB, accounts int) transform.Plan {
	b.Helper()
	directory := *benchStage
	if directory == "" {
		directory = b.TempDir()
	}
	directory = filepath.Join(directory, fmt.Sprint(accounts))
	plan := transform.Plan{
		CustomerID: "customer_id", CustomerName: "customer_name",
		Rules: []transform.Rule{{
			Name: "Account.ERP__c=customer_id", AccountField: "ERP__c", CustomerColumn: "customer_id",
			Steps: []string{"standard"}, Many: "accounts",
		}},
		Blanks:  []string{"", "-", "0", "n/a", "na", "null", "none", "unknown", "tbd"},
		Primary: []string{"lookup", "billing_title", "has_email", "oldest"},
	}
	filler := func(names ...string) string {
		var b strings.Builder
		for i, name := range names {
			fmt.Fprintf(&b, ", 'some %s of number ' || hash(i + %d) AS %s", name, i, name)
		}
		return b.String()
	}
	plan.Accounts = generateRelation(b, directory, "Account", fmt.Sprintf(`SELECT '001' || lpad(CAST((i * 7919) %% %[1]d AS VARCHAR), 12, '0') || 'AAA' AS Id, i %% 500 = 0 AS IsDeleted,
		CASE WHEN i %% 10 = 0 THEN NULL WHEN i %% 50 = 1 THEN ' kd-' || (i + 1) || '  ' ELSE 'KD-' || i END AS ERP__c,
		CASE WHEN i %% 7 = 0 THEN '001' || lpad(CAST(((i //  7) * 7919) %% %[1]d AS VARCHAR), 12, '0') || 'AAA' END AS ParentId,
		'Company ' || i AS Name, TIMESTAMPTZ '2015-01-01 00:00:00Z' + to_seconds(hash(i) %% 100000000) AS CreatedDate%[2]s FROM range(%[1]d) AS r(i)`,
		accounts, filler("Phone", "Website", "Industry", "BillingStreet", "BillingCity", "OwnerId", "AccountNumber")))
	plan.Contacts = generateRelation(b, directory, "Contact", fmt.Sprintf(`SELECT '003' || lpad(CAST((i * 7919) %% %[1]d AS VARCHAR), 12, '0') || 'AAA' AS Id, false AS IsDeleted,
		CASE WHEN i %% 100 <> 0 THEN '001' || lpad(CAST(hash(i) %% %[2]d AS VARCHAR), 12, '0') || 'AAA' END AS AccountId,
		CASE i %% 9 WHEN 0 THEN 'Accounts Payable' WHEN 1 THEN 'Buchhaltung' ELSE 'Sales Manager' END AS Title,
		CASE WHEN i %% 3 <> 0 THEN 'person' || i || '@example.com' END AS Email,
		TIMESTAMPTZ '2015-01-01 00:00:00Z' + to_seconds(hash(i) %% 100000000) AS CreatedDate%[3]s FROM range(%[1]d) AS r(i)`,
		5*accounts, accounts, filler("FirstName", "LastName", "Name", "Phone", "MobilePhone", "Department")))
	plan.Customers = generateRelation(b, directory, "customers", fmt.Sprintf(`SELECT 'KD-' || CASE WHEN i %% 1000 = 999 THEN i - 1 ELSE i END AS customer_id,
		'Customer ' || CASE WHEN i %% 1000 = 999 THEN i - 1 ELSE i END AS customer_name, CAST(1.25 AS DECIMAL(18, 2)) AS balance%s
		FROM range(%d) AS r(i)`, strings.ReplaceAll(filler("street", "city", "country", "terms"), "hash(i", "hash(CASE WHEN i % 1000 = 999 THEN i - 1 ELSE i END"), accounts*8/10))
	return plan
}

// generateRelation writes parts of a million rows, unless they are there already.
func generateRelation(b testing.TB, directory, name, query string) transform.Relation {
	b.Helper()
	scratch, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = scratch.Close() }()
	folder := filepath.Join(directory, name)
	if _, err := os.Stat(folder); err != nil {
		if err := os.MkdirAll(directory, 0o700); err != nil {
			b.Fatal(err)
		}
		copied := fmt.Sprintf("COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 65536, FILE_SIZE_BYTES '100MB')", query, folder)
		if _, err := scratch.ExecContext(b.Context(), copied); err != nil {
			b.Fatal(err)
		}
	}
	var relation transform.Relation
	if relation.Files, err = filepath.Glob(filepath.Join(folder, "*.parquet")); err != nil || len(relation.Files) == 0 {
		b.Fatalf("%s: %v", folder, err)
	}
	rows, err := scratch.QueryContext(b.Context(), "SELECT * FROM read_parquet('"+relation.Files[0]+"') LIMIT 0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err := errors.Join(err, rows.Err()); err != nil {
		b.Fatal(err)
	}
	for _, column := range columns {
		arrow, _ := typeOf(column)
		relation.Columns = append(relation.Columns, transform.Column{Name: column, Type: arrow})
	}
	return relation
}
