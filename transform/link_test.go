package transform_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	statements "crosswalk/sql"
	"crosswalk/transform"
)

// TestLink runs every case of testdata: the stage and the plan that it holds, against the outputs that it wants.
// -update writes the outputs that the case names.
func TestLink(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			runCase(t, path, archive)
		})
	}
}

func runCase(t *testing.T, path string, archive *txtar.Archive) {
	t.Helper()
	files := filesOf(archive)
	plan := parsePlan(t, files["plan"])
	stageCase(t, &plan, files)
	publishBefore(t, &plan, files["previous.csv"])
	db := openDatabase(t, nil)
	sums, err := db.Link(t.Context(), plan, nil)
	for i, file := range archive.Files {
		name, isWant := strings.CutPrefix(file.Name, "want/")
		if !isWant {
			continue
		}
		found := describe(t, db, plan, name, sums, err)
		if updating() {
			archive.Files[i].Data = []byte(found)
		} else if diff := cmp.Diff(string(file.Data), found); diff != "" {
			t.Errorf("%s: want -, found +\n%s", name, diff)
		}
	}
	if updating() {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// filesOf are the texts of a case by their names.
func filesOf(archive *txtar.Archive) map[string]string {
	files := map[string]string{}
	for _, file := range archive.Files {
		files[file.Name] = string(file.Data)
	}
	return files
}

// publishBefore puts the customers of the last publication where the link reads them: as the CSV file that they are.
func publishBefore(t *testing.T, plan *transform.Plan, text string) {
	t.Helper()
	if text == "" {
		return
	}
	path := filepath.Join(t.TempDir(), "customers.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	plan.Previous = transform.Relation{Files: []string{path}}
	header, _, _ := strings.Cut(text, "\n")
	for name := range strings.SplitSeq(header, ",") {
		plan.Previous.Columns = append(plan.Previous.Columns, transform.Column{Name: name, Type: "utf8"})
	}
}

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// describe writes what a case wants to see under a name: error, accounting, or an output of the link.
func describe(t *testing.T, db *transform.DB, plan transform.Plan, name string, sums *transform.Accounting, err error) string {
	t.Helper()
	if name == "error" {
		var coded interface{ ExitCode() int }
		if !errors.As(err, &coded) {
			t.Fatalf("error is %v, want one with an exit code", err)
		}
		return fmt.Sprintf("%v\nexit code %d\n", err, coded.ExitCode())
	}
	if err != nil {
		t.Fatal(err)
	}
	if name == "accounting" {
		return describeAccounting(sums)
	}
	for _, result := range plan.Results() {
		if result.Name+".csv" == name {
			return dump(t, db, result)
		}
	}
	t.Fatalf("no output %s", name)
	return ""
}

func describeAccounting(sums *transform.Accounting) string {
	var text strings.Builder
	list := func(object string, counts map[string]int64) {
		for _, status := range slices.Sorted(maps.Keys(counts)) {
			if counts[status] > 0 {
				fmt.Fprintf(&text, "%s %s %d\n", object, status, counts[status])
			}
		}
	}
	list("customers", sums.Customers)
	list("accounts", sums.Accounts)
	list("contacts", sums.Contacts)
	list("notes", sums.Notes)
	fmt.Fprintf(&text, "dropped %d deleted accounts %d deleted contacts %d\n", sums.ExactDuplicatesDropped, sums.DeletedAccounts, sums.DeletedContacts)
	return text.String()
}

// dump writes an output as sorted CSV; NULL is nothing and the empty string is "". The columns that pass through are
// left out, but for those whose name ends in _kept.
func dump(t *testing.T, db *transform.DB, result transform.Result) string {
	t.Helper()
	order := make([]string, 0, len(result.OrderBy))
	for _, column := range result.OrderBy {
		order = append(order, `"`+strings.ReplaceAll(column, `"`, `""`)+`" ASC NULLS LAST`)
	}
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+result.Name+" ORDER BY "+strings.Join(order, ", "))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	writer := csv.NewWriter(&text)
	show := func(cells []string) {
		shown := []string{}
		for i, column := range columns {
			if column == strings.ToLower(column) && !strings.HasPrefix(column, "erp_") || strings.HasSuffix(column, "_kept") {
				shown = append(shown, cells[i])
			}
		}
		if err := writer.Write(shown); err != nil {
			t.Fatal(err)
		}
	}
	show(columns)
	for rows.Next() {
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		cells := make([]string, len(columns))
		for i, value := range values {
			cells[i] = cell(value)
		}
		show(cells)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	writer.Flush()
	return text.String()
}

func cell(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		if value == "" {
			return `""`
		}
		return value
	case []any:
		parts := make([]string, len(value))
		for i := range value {
			parts[i] = cell(value[i])
		}
		return strings.Join(parts, ";")
	default:
		return fmt.Sprint(value)
	}
}

// parsePlan reads the lines of a plan: "rule ERP__c=customer_id key,steps many", "blank WORD...", "primary WORD...",
// "lookup FIELD...", "children LEVELS", "notes", "attribute NAME COLUMN".
func parsePlan(t *testing.T, text string) transform.Plan {
	t.Helper()
	plan := transform.Plan{
		CustomerID: "customer_id", CustomerName: "customer_name",
		Blanks:  []string{"", "-", "0", "n/a", "na", "null", "none", "unknown", "tbd"},
		Primary: []string{"lookup", "billing_title", "has_email", "oldest"},
	}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch words[0] {
		case "rule":
			field, column, _ := strings.Cut(words[1], "=")
			plan.Rules = append(plan.Rules, transform.Rule{
				Name: "Account." + words[1], AccountField: field, CustomerColumn: column,
				Steps: strings.Split(words[2], ","), Many: words[3],
			})
		case "blank":
			plan.Blanks = words[1:]
		case "primary":
			plan.Primary = words[1:]
		case "lookup":
			plan.Lookups = words[1:]
		case "children":
			if _, err := fmt.Sscan(words[1], &plan.ChildLevels); err != nil {
				t.Fatalf("plan: %q: %v", line, err)
			}
		case "notes":
			plan.PublishNotes = true
		case "attribute":
			plan.Attributes = transform.CustomerAttributes()
			plan.Attributes[0].Column = plan.CustomerName
			i := slices.IndexFunc(plan.Attributes, func(a transform.Attribute) bool { return a.Name == words[1] })
			plan.Attributes[i].Column = words[2]
		default:
			t.Fatalf("plan: %q", line)
		}
	}
	if len(plan.Rules) == 0 {
		plan.Rules = []transform.Rule{{
			Name: "Account.ERP__c=customer_id", AccountField: "ERP__c", CustomerColumn: "customer_id",
			Steps: []string{"standard"}, Many: "accounts",
		}}
	}
	return plan
}

func stageCase(t *testing.T, plan *transform.Plan, files map[string]string) {
	t.Helper()
	scratch, directory := scratchDatabase(t), t.TempDir()
	staged := func(name string, columns string) transform.Relation {
		rows := table{strings.Split(columns, ",")}
		if files[name+".csv"] != "" {
			rows = parseTable(t, files[name+".csv"])
		}
		return stageTable(t, scratch, directory, name, rows)
	}
	plan.Accounts = staged("accounts", "Id,Name,ERP__c")
	plan.Contacts = staged("contacts", "Id,AccountId")
	plan.Customers = staged("customers", "customer_id,customer_name")
	for name, relation := range map[string]*transform.Relation{
		"users": &plan.Owners, "notes": &plan.Notes, "content_notes": &plan.ContentNotes, "note_links": &plan.NoteLinks,
	} {
		if files[name+".csv"] != "" {
			*relation = staged(name, "")
		}
	}
}

// openDatabase opens a database for one link; change may adjust the options.
func openDatabase(t testing.TB, change func(*transform.Options)) *transform.DB {
	t.Helper()
	options := transform.Options{
		Database: filepath.Join(t.TempDir(), "link.duckdb"), MemoryBytes: 256 << 20, Threads: 2,
		Directories: []string{os.TempDir()}, SQL: statements.Files,
	}
	if change != nil {
		change(&options)
	}
	db, err := transform.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
