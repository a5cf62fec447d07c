package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"html"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"crosswalk/extract"
	"crosswalk/load"

	_ "github.com/duckdb/duckdb-go/v2" // the database that the page is read from
)

const exceptionTable = `CREATE TABLE exceptions (side VARCHAR, object VARCHAR, record_id VARCHAR, record_name VARCHAR,
	identifier VARCHAR, link_key VARCHAR, status VARCHAR, reason VARCHAR, detail VARCHAR, candidate_id VARCHAR,
	candidate_name VARCHAR, candidate_identifier VARCHAR, suggestion VARCHAR);
	CREATE TABLE changes (customer_id VARCHAR, account_id VARCHAR, change VARCHAR, before VARCHAR, after VARCHAR);`

// records is a database that holds exceptions and changes, filled by statements.
func records(t *testing.T, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	t.Cleanup(func() { _ = db.Close() })
	for _, statement := range append([]string{exceptionTable}, statements...) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// reporting is a run that has come as far as its report, of an org that has pages.
func reporting(t *testing.T) *run {
	t.Helper()
	r := &run{date: "2026-11-23", staging: t.TempDir()}
	r.config = &Config{Salesforce: SalesforceConfig{Source: "org", InstanceURL: "https://acme.my.salesforce.com"}, Output: OutputConfig{Directory: t.TempDir()}}
	r.progress = newProgress(slog.New(slog.NewTextHandler(io.Discard, nil)), nil)
	r.manifest = Manifest{
		RunDate: r.date, RunID: newRunID(time.Now()), ToolVersion: "test", Previous: &Previous{},
		Accounting: accountingOf(90, 47),
		Checks:     []Check{{Name: "erp.customers: rows", Left: 90, Right: 90, Holds: true}},
		Guards:     []Guard{{Name: "min_link_rate", Of: "customers", Limit: 0.5, Value: 0.5222}, {Name: "allow_empty", Of: "Salesforce Account", Limit: 1, Value: 82}},
		Inputs: Inputs{
			Salesforce: []extract.Query{{Object: "Account", CountQuery: 86, Announced: 86, Received: 86, Staged: 86, Deleted: 4}},
			ERP:        ERPInput{Snapshot: extract.Snapshot{File: "customers.csv", Bytes: 14388, Rows: 92}, ExactDuplicatesDropped: 2},
		},
		Outputs: []load.Output{{Name: "exceptions.csv", Rows: 63, Bytes: 1}, {Name: "changes.csv"}},
	}
	return r
}

func accountingOf(customers, linked int64) Accounting {
	return Accounting{
		Customers: withTotal(map[string]int64{"linked": linked, "not_found": customers - linked}, customerStatuses),
		Accounts:  withTotal(map[string]int64{"linked": linked, "blank_identifier": 10}, accountStatuses),
		Contacts:  withTotal(map[string]int64{"published": 2 * linked}, contactStatuses),
	}
}

func rendered(t *testing.T, r *run, from results) string {
	t.Helper()
	page, err := r.page(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	text, err := page.render()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustSay(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}

var (
	elementPattern = regexp.MustCompile(`<([a-zA-Z][^\s>/]*)([^>]*)>`)
	eventPattern   = regexp.MustCompile(`(?i)[\s"'/]on[a-z]+\s*=`)
)

// What a source holds is text on the page, wherever it stands.
func TestReportEscapes(t *testing.T) {
	t.Parallel()
	attacks := []string{
		`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`,
		`<iframe src=javascript:alert(1)>`, `<!--<script>`, `]]><svg/onload=alert(1)>`, `{{.Policy}}`, `javascript:alert(1)`, `</style><style>*{display:none}`, `</td></tr></table>`,
	}
	var values []string
	for _, attack := range attacks {
		quoted := "'" + strings.ReplaceAll(attack, "'", "''") + "'"
		for _, side := range []string{"'erp'", "'salesforce'"} {
			values = append(values, "("+side+", 'customer'"+strings.Repeat(", "+quoted, 4)+", 'near_miss'"+strings.Repeat(", "+quoted, 6)+")")
		}
	}
	quoted := "'" + strings.ReplaceAll(strings.Join(attacks, " "), "'", "''") + "'"
	db := records(t, "INSERT INTO exceptions VALUES "+strings.Join(values, ", "), "INSERT INTO changes VALUES ("+strings.Repeat(quoted+", ", 4)+quoted+")")
	r := reporting(t)
	hostile := strings.Join(attacks, " ")
	r.previous = &publication{Manifest: &Manifest{RunDate: "2026-11-22"}}
	r.manifest.Previous.Linked, r.manifest.Previous.Skipped = 1, []string{hostile}
	r.manifest.Inputs.ERP.File, r.manifest.Inputs.Salesforce[0].Object, r.manifest.Checks[0].Name = hostile, hostile, hostile
	r.manifest.Guards[0].Of, r.manifest.Guards[0].Forced, r.manifest.ToolVersion = hostile, true, hostile
	page := rendered(t, r, db)

	mustSay(t, page, html.EscapeString(attacks[0]))
	body := strings.Replace(strings.Replace(page, reportCSS, "", 1), reportJS, "", 1)
	template := strings.Replace(reportHTML, "{{.Style}}", "", 1)
	for _, element := range elementPattern.FindAllStringSubmatch(body, -1) {
		if !strings.Contains(template, "<"+element[1]) || eventPattern.MatchString(element[2]) {
			t.Errorf("the page holds %s", element[0])
		}
	}
	if n := strings.Count(body, "<script"); n != 1 || strings.Contains(body, "<img") || strings.Contains(body, "<!--") {
		t.Errorf("%d scripts, or a picture, or a comment", n)
	}
	for _, address := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if strings.Contains(address[1], "alert") {
			t.Errorf("a link to %s", address[1])
		}
	}
}

// The policy lets the page run what it holds and nothing else: a hash that does not fit would leave it without style.
func TestReportPolicy(t *testing.T) {
	t.Parallel()
	page := rendered(t, reporting(t), records(t))
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]+)"`).FindStringSubmatch(page)[1])
	for element, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
		text := regexp.MustCompile(`(?s)<` + element + `>(.*)</` + element + `>`).FindStringSubmatch(page)[1]
		sum := sha256.Sum256([]byte(text))
		if want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy %q has no %q", policy, want)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("a policy that allows too much: %s", policy)
	}
	if want := "const printed = " + strconv.Itoa(printedExceptions) + ";"; !strings.Contains(page, want) {
		t.Errorf("the script does not print as many rows as the page says: no %q", want)
	}
	if regexp.MustCompile(` style="|@import|url\(|src="`).MatchString(page) {
		t.Error("the page asks for something, or has a style that its policy forbids")
	}
}

// A hundred thousand exceptions, and values as long as they come.
func TestReportStaysSmall(t *testing.T) {
	t.Parallel()
	const insert = `INSERT INTO exceptions SELECT 'erp', 'customer', printf('%06d', i), VALUE, VALUE, NULL, 'near_miss', 'case', VALUE, '0015g00000EXGmaAAH', VALUE, VALUE, VALUE FROM range(100000) r(i)`
	for _, c := range []struct {
		why, value string
		rows       int
	}{
		{"values of a common length", `'Harbour ' || i || ' & Sons'`, shownExceptions},
		{"identifiers of 10 kB that take six bytes a character to escape", `repeat('"<', 5000)`, 0},
		{"only combining marks", `repeat(chr(769), 5000)`, 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			insert := strings.ReplaceAll(insert, "VALUE", c.value)
			if c.rows == 0 { // the long values need not all be stored
				insert = strings.Replace(insert, "100000", "3000", 1)
			}
			page := rendered(t, reporting(t), records(t, insert))
			rows := strings.Count(page, `<tr data-side=`)
			if len(page) >= 3_000_000 || rows > shownExceptions || rows < 100 || c.rows > 0 && rows != c.rows {
				t.Errorf("%d bytes, %d rows", len(page), rows)
			}
			mustSay(t, page, "This page holds the first "+thousands(int64(rows))+", in the order of the file.", `<a href="exceptions.csv">`)
		})
	}
}

// The rows come in the order of the file, and the links lead to the org.
func TestReportRows(t *testing.T) {
	t.Parallel()
	db := records(t, `INSERT INTO exceptions VALUES
		('salesforce', 'account', '0015g00000EXGmaAAH', 'Late', 'B', 'b', 'not_found', NULL, NULL, NULL, NULL, NULL, NULL),
		('erp', 'customer', NULL, 'Nobody', NULL, NULL, 'blank_identifier', NULL, NULL, NULL, NULL, NULL, NULL),
		('erp', 'customer', '00123 ', 'Zebra', '00123 ', '00123 ', 'near_miss', 'space', '1 account qualifies', '0015g00000EXGmaAAI', 'Zebra Ltd', '00123', 'set A to "00123 "'),
		('erp', 'customer', '7', 'Gone', '7', '7', 'near_miss', 'deleted', NULL, '0015g00000EXGmaAAJ', 'Gone', '7', NULL),
		('erp', 'customer', '8', 'Odd', '8', '8', 'a_status_of_tomorrow', 'a_reason', NULL, 'no id', NULL, NULL, NULL)`)
	page := rendered(t, reporting(t), db)
	var at []int
	for _, name := range []string{">Zebra<", ">Gone<", ">Odd<", ">Nobody<", ">Late<"} {
		at = append(at, strings.LastIndex(page, name))
	}
	if !slices.IsSorted(at) || at[0] < 0 {
		t.Errorf("the rows stand at %v", at)
	}
	mustSay(t, page, `<code>00123␣</code>`, `Set A to &#34;00123 &#34;`, `href="https://acme.my.salesforce.com/0015g00000EXGmaAAH"`,
		`href="https://acme.my.salesforce.com/0015g00000EXGmaAAI"`, `All 5 of them.`, "a_status_of_tomorrow", "2 records have an identifier that almost matches")
	if strings.Contains(page, "EXGmaAAJ\"") || strings.Contains(page, "salesforce.com/no") {
		t.Error("a link to a deleted account, or to what is no id")
	}
}

func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	r := reporting(t)
	r.manifest.Accounting, r.manifest.Checks, r.manifest.Guards, r.manifest.Inputs.Salesforce = accountingOf(0, 0), nil, nil, nil
	page := rendered(t, r, records(t))
	mustSay(t, page, "There are no customers in the ERP file.", "No record needs a look.", "This is the first publication.")
	if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "exceptions-table\">") {
		t.Error("a number that is none, or an empty table")
	}
}

// Neither the run nor its clock, nor what it cost, is on the page.
func TestReportOfEqualInputs(t *testing.T) {
	t.Parallel()
	first, second, db := reporting(t), reporting(t), records(t)
	second.manifest.RunID, second.manifest.StartedAt, second.manifest.EndedAt = "another", time.Now(), time.Now()
	second.manifest.Replayed, second.manifest.API = true, APIUsage{Calls: 7, Retries: 3}
	second.manifest.Stages = []Step{{Name: "extract", Seconds: 3}}
	second.manifest.Inputs.Salesforce[0].JobIDs, second.manifest.Inputs.ERP.ModifiedAt = []string{"750"}, time.Now()
	if rendered(t, first, db) != rendered(t, second, db) {
		t.Error("equal inputs gave different pages")
	}
}

// A guard that was overridden stands before everything else.
func TestReportForced(t *testing.T) {
	t.Parallel()
	r := reporting(t)
	r.manifest.Guards[0].Tripped, r.manifest.Guards[0].Forced = true, true
	page := rendered(t, r, records(t))
	mustSay(t, page, "not kept, published by force")
	if at := strings.Index(page, "Published by force."); at < 0 || at > strings.Index(page, `id="rate"`) {
		t.Error("the warning is not the first thing that the page says")
	}
}

func TestReportFile(t *testing.T) {
	t.Parallel()
	r := reporting(t)
	if err := r.report(t.Context(), records(t)); err != nil {
		t.Fatal(err)
	}
	output := r.manifest.Outputs[len(r.manifest.Outputs)-1]
	if output.Name != "report.html" || output.Rows != 0 || output.Columns == nil || len(output.Columns) != 0 {
		t.Errorf("listed as %+v", output)
	}
	if err := load.Verify(t.Context(), r.staging, []load.Output{output}); err != nil {
		t.Error(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	r.staging = t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(r.staging, reportFile)); err != nil {
		t.Fatal(err)
	}
	var storage *load.Error
	if err := r.report(t.Context(), records(t)); !errors.As(err, &storage) || storage.ExitCode() != 8 {
		t.Errorf("through a link: %v, want a *load.Error", err)
	}
	if _, err := os.Lstat(elsewhere); err == nil {
		t.Error("wrote through a link")
	}
}

func TestReportStops(t *testing.T) {
	t.Parallel()
	stop := errors.New("deadline of the run")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if err := reporting(t).report(ctx, records(t)); !errors.Is(err, stop) {
		t.Errorf("got %v, want the cause", err)
	}
	db := records(t, "DROP TABLE exceptions")
	if err := reporting(t).report(t.Context(), db); ExitCode(err) != 1 || !strings.Contains(err.Error(), "sql report:") {
		t.Errorf("got %v, want the statement named", err)
	}
}

var (
	hashPattern = regexp.MustCompile(`[0-9a-f]{64}`)
	sizePattern = regexp.MustCompile(`(\.parquet</a></th><td class="n">[0-9,]+</td><td class="n">)[0-9,]+`)
)

// TestReportGolden holds the page of the fixtures, but for hashes, for the sizes of files that DuckDB's version decides,
// and for the style and the script, which have files of their own.
func TestReportGolden(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fixtures, err := filepath.Abs("../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.yaml")
	text := "salesforce: {source: fixtures, fixtures: " + fixtures + "/org}\nerp:\n  source: {path: " + fixtures + "/erp/customers.csv}\n  max_age: 0\n" +
		"  customer_id: customer_id\n  customer_name: customer_name\nlink:\n  - {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := ReadConfig(path, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	o := &org{dir: dir, config: config}
	summary, err := o.run(t, Options{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(summary.Directory, reportFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{reportCSS, reportJS} {
		page = bytes.Replace(page, []byte(own), nil, 1)
	}
	page = regexp.MustCompile(`(?m)^<meta http-equiv.*\n`).ReplaceAll(page, nil)
	page = sizePattern.ReplaceAll(hashPattern.ReplaceAll(page, []byte("(hash)")), []byte("${1}(size)"))
	golden := filepath.Join("testdata", "report.html")
	if *updateCheck {
		if err := os.WriteFile(golden, page, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, want) {
		t.Errorf("the page of the fixtures is not %s; rewrite it with -update and read the difference", golden)
	}
}
