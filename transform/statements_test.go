package transform_test

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	statements "crosswalk/sql"
)

// statementFiles are all embedded files by their name.
func statementFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(statements.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(statements.Files, name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestOnlyStatementsAreEmbedded proves that each embedded file is one statement with its header.
func TestOnlyStatementsAreEmbedded(t *testing.T) {
	t.Parallel()
	header := regexp.MustCompile(`^-- purpose: \S.*\n-- reads: \w+(, \w+)*; writes: \w+(, \w+)*\n`)
	literals := regexp.MustCompile(`'(?:[^']|'')*'`)
	for name, text := range statementFiles(t) {
		switch {
		case path.Ext(name) != ".sql":
			t.Errorf("%s is no statement", name)
		case !header.MatchString(text):
			t.Errorf("%s does not open with its purpose and what it reads and writes", name)
		case strings.Contains(literals.ReplaceAllString(withoutComments(text), ""), ";"):
			t.Errorf("%s holds more than one statement, or a semicolon at its end", name)
		case !strings.HasSuffix(text, "\n") || strings.Contains(text, "\t") || strings.Contains(text, " \n"):
			t.Errorf("%s is not formatted: tabs, space at the end of a line, or no line end at the end", name)
		}
	}
}

func withoutComments(text string) string {
	return regexp.MustCompile(`(?m)^\s*--.*$`).ReplaceAllString(text, "")
}

// TestEveryStatementRuns proves that each file of the link is executed, and that what the files say they read and
// write is there afterwards.
func TestEveryStatementRuns(t *testing.T) {
	t.Parallel()
	db := openDatabase(t, nil)
	var ran []string
	if _, err := db.Link(t.Context(), planOfNothing(t), func(name string) { ran = append(ran, name) }); err != nil {
		t.Fatal(err)
	}
	var want []string
	files := statementFiles(t)
	for name := range files {
		if folder := path.Dir(name); folder == "." || folder == "dialect" {
			want = append(want, name)
		}
	}
	slices.SortFunc(want, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) })
	if diff := cmp.Diff(want, ran); diff != "" {
		t.Errorf("files -, executed +\n%s", diff)
	}
	there := map[string]bool{"none": true}
	rows, err := db.QueryContext(t.Context(), "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() UNION SELECT function_name FROM duckdb_functions()")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		there[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`(?m)^-- reads: (.*); writes: (.*)$`)
	for name, text := range files {
		for _, object := range said.FindStringSubmatch(text)[1:] {
			for _, object := range strings.Split(object, ", ") {
				if !there[object] {
					t.Errorf("%s speaks of %s, which is not there", name, object)
				}
				if object != "none" && !strings.Contains(withoutComments(text), object) {
					t.Errorf("%s speaks of %s and does not use it", name, object)
				}
			}
		}
	}
}

// TestReadsAreTold proves that a file names everything that it reads from.
func TestReadsAreTold(t *testing.T) {
	t.Parallel()
	reads := regexp.MustCompile(`(?m)^-- reads: (.*); writes:`)
	from := regexp.MustCompile(`\b(?:FROM|JOIN) (\w+)`)
	inner := regexp.MustCompile(`(?m)(?:^WITH (?:RECURSIVE )?|^)(\w+) AS \(`)
	for name, text := range statementFiles(t) {
		told := strings.Split(reads.FindStringSubmatch(text)[1], ", ")
		for _, match := range inner.FindAllStringSubmatch(text, -1) {
			told = append(told, match[1])
		}
		for _, match := range from.FindAllStringSubmatch(withoutComments(text), -1) {
			if !slices.Contains(told, match[1]) {
				t.Errorf("%s reads %s and does not say so", name, match[1])
			}
		}
	}
}

// TestPortable keeps the link to the SQL that DuckDB and Spark share; what differs stands in folders of its own.
func TestPortable(t *testing.T) {
	t.Parallel()
	foreign := map[string]*regexp.Regexp{
		"QUALIFY":                     regexp.MustCompile(`(?i)\bQUALIFY\b`),
		"* EXCLUDE":                   regexp.MustCompile(`(?i)\*\s*(EXCLUDE|REPLACE)\b`),
		"a cast of DuckDB":            regexp.MustCompile(`::|(?i)\bTRY_CAST\b|\bVARCHAR\b`),
		"a list or a lambda":          regexp.MustCompile(`\[|\blambda\b|->`),
		"a function of DuckDB":        regexp.MustCompile(`(?i)\b(read_parquet|list_\w+|array_agg|string_agg|arg_min|arg_max|regexp_\w+|epoch_\w+|strlen|nfc_normalize|unnest|starts_with)\s*\(`),
		"GROUP BY ALL":                regexp.MustCompile(`(?i)\b(GROUP|ORDER) BY ALL\b`),
		"DISTINCT ON":                 regexp.MustCompile(`(?i)\bDISTINCT ON\b`),
		"a quoted identifier":         regexp.MustCompile(`"`),
		"an outer join by its letter": regexp.MustCompile(`(?i)\b(SEMI|ANTI|ASOF|POSITIONAL)\s+JOIN\b`),
	}
	files, literals := statementFiles(t), regexp.MustCompile(`'(?:[^']|'')*'`)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Dir(name) != "." && path.Dir(name) != "parameters" {
			continue
		}
		for what, pattern := range foreign {
			if found := pattern.FindString(literals.ReplaceAllString(withoutComments(files[name]), "''")); found != "" {
				t.Errorf("%s uses %s: %q", name, what, found)
			}
		}
	}
}

// TestMacrosStandAlone proves that the key steps work in a plain DuckDB, in the order of their files, and that nothing
// of this package is needed.
func TestMacrosStandAlone(t *testing.T) {
	t.Parallel()
	scratch, files := scratchDatabase(t), statementFiles(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Dir(name) != "keys" {
			continue
		}
		if _, err := scratch.ExecContext(t.Context(), files[name]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	var found string
	if err := scratch.QueryRowContext(t.Context(), "SELECT key_casefold(key_trim(key_nfkc('　ＫＤ１　')))").Scan(&found); err != nil || found != "kd1" {
		t.Errorf("key is %q (%v), want kd1", found, err)
	}
}
