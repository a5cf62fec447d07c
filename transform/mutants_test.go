package transform_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	statements "crosswalk/sql"
	"crosswalk/transform"
)

// So the statements are put to the test of their tests: each is changed in one place, and some world must tell the
// difference. It takes long, so it runs by itself alone: make mutation.
var (
	mutants  = flag.Int("mutants", 0, "mutate the statements of keys and links, and play so many random worlds, and every case, against each mutant")
	mutantOf = flag.String("mutants-of", "", "play only the mutants that match this expression, as they are printed: 22_refused_key.sql:15: \"0\" -> \"1\"")
)

// minKilled is the part of the mutants that must be found out.
const minKilled = 0.85

// mutation is a pattern of SQL and what is put in its place; a mutant has one occurrence replaced.
type mutation struct {
	pattern     *regexp.Regexp
	replacement string
}

var mutations = []mutation{
	{regexp.MustCompile(` = `), " <> "}, {regexp.MustCompile(` <> `), " = "},
	{regexp.MustCompile(` < `), " <= "}, {regexp.MustCompile(` <= `), " < "},
	{regexp.MustCompile(` > `), " >= "}, {regexp.MustCompile(` >= `), " > "},
	{regexp.MustCompile(`\bAND\b`), "OR"}, {regexp.MustCompile(`\bOR\b`), "AND"},
	{regexp.MustCompile(`\bIS NULL\b`), "IS NOT NULL"}, {regexp.MustCompile(`\bIS NOT NULL\b`), "IS NULL"},
	{regexp.MustCompile(`\bLEFT JOIN\b`), "JOIN"}, {regexp.MustCompile(`(?m)^(\s*)JOIN\b`), "${1}LEFT JOIN"},
	{regexp.MustCompile(`\bUNION ALL\b`), "UNION"}, {regexp.MustCompile(`\bDISTINCT `), ""},
	{regexp.MustCompile(`\bmin\(`), "max("}, {regexp.MustCompile(`\bmax\(`), "min("},
	{regexp.MustCompile(`\bASC\b`), "DESC"}, {regexp.MustCompile(`\bDESC\b`), "ASC"}, {regexp.MustCompile(`\bNULLS LAST\b`), "NULLS FIRST"},
	{regexp.MustCompile(`\bNOT `), ""}, {regexp.MustCompile(`\btrue\b`), "false"}, {regexp.MustCompile(`\bfalse\b`), "true"},
	{regexp.MustCompile(`\b\d+\b`), "+"}, // one more
}

// mutant is one statement changed in one place.
type mutant struct {
	file, text string
	line       int
	code       string // of the line
	was, is    string
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d: %q -> %q", m.file, m.line, m.was, m.is) }

// mutantsOf makes every mutant of a file. Comments and texts between quotes are left alone.
func mutantsOf(file, text string) []mutant {
	code := masked(text)
	var found []mutant
	for _, m := range mutations {
		for _, at := range m.pattern.FindAllStringSubmatchIndex(code, -1) {
			was := text[at[0]:at[1]]
			if was == "NOT " && strings.HasSuffix(code[:at[0]], "IS ") {
				continue // IS NULL and IS NOT NULL are a mutation of their own
			}
			is := string(m.pattern.ExpandString(nil, m.replacement, code, at))
			if n, err := strconv.Atoi(was); err == nil {
				is = strconv.Itoa(n + 1)
			}
			line := strings.Count(text[:at[0]], "\n")
			found = append(found, mutant{
				file: file, text: text[:at[0]] + is + text[at[1]:], line: 1 + line, code: strings.TrimSpace(strings.Split(text, "\n")[line]),
				was: strings.TrimSpace(was), is: strings.TrimSpace(is),
			})
		}
	}
	return found
}

var quotedOrComment = regexp.MustCompile(`'(?:[^']|'')*'|(?m:--.*$)`)

// masked is text with what is no code blotted out, byte for byte.
func masked(text string) string {
	return quotedOrComment.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("~", len(s)) })
}

// changed is the folder of the statements with one of them changed.
func changed(t *testing.T, m mutant) fs.FS {
	t.Helper()
	overlay := fstest.MapFS{}
	err := fs.WalkDir(statements.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(statements.Files, name)
		overlay[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	overlay[m.file] = &fstest.MapFile{Data: []byte(m.text)}
	return overlay
}

// linkFiles are the statements that decide who links, is refused, is counted and is primary; the tables of characters
// among the keys are held against Unicode character by character, and have no logic to change.
var (
	linkFiles  = regexp.MustCompile(`^(1[1-9]|2\d|3\d|4[0-4]|6\d)_\w+\.sql$`)
	keyFiles   = regexp.MustCompile(`^keys/`)
	tableFiles = regexp.MustCompile(`_(compatible_character|has_compatible_character|folded_part)\.sql$`)
)

// TestMutants changes the statements of keys and links, one place at a time, and counts the changes that the worlds of
// the other tests do not notice. Those worlds agree with plain Go where nothing is changed.
func TestMutants(t *testing.T) {
	if *mutants == 0 {
		t.Skip("runs by make mutation")
	}
	only := regexp.MustCompile(*mutantOf)
	var all []mutant
	err := fs.WalkDir(statements.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || tableFiles.MatchString(name) || !linkFiles.MatchString(name) && !keyFiles.MatchString(name) {
			return err
		}
		text, err := fs.ReadFile(statements.Files, name)
		all = append(all, slices.DeleteFunc(mutantsOf(name, string(text)), func(m mutant) bool { return !only.MatchString(m.String()) })...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	battery, equivalents := newBattery(t), readEquivalents(t)
	var mutex sync.Mutex
	var survivors []string
	played, equal := 0, 0
	work, done := make(chan mutant), sync.WaitGroup{}
	for range 2 {
		done.Go(func() {
			for m := range work {
				noticed := battery.notices(t, m)
				mutex.Lock()
				switch isEquivalent := equivalents[m.declaration()]; {
				case isEquivalent && noticed:
					t.Errorf("%v: is said to be equivalent, and is noticed", m)
				case isEquivalent:
					equal++
				case !noticed:
					survivors = append(survivors, m.String())
				}
				if played++; played%100 == 0 {
					fmt.Printf("statements: %d of %d mutants played, %d survived\n", played, len(all), len(survivors))
				}
				mutex.Unlock()
			}
		})
	}
	for _, m := range all {
		work <- m
	}
	close(work)
	done.Wait()
	slices.Sort(survivors)
	for _, survivor := range survivors {
		fmt.Println("survived:", survivor)
	}
	killed, different := len(all)-equal-len(survivors), len(all)-equal
	fmt.Printf("statements: mutants killed %d of %d (%.1f%%); %d more are equivalent, of all %.1f%% were killed\n",
		killed, different, percent(killed, different), equal, percent(killed, len(all)))
	if float64(killed) < minKilled*float64(different) {
		t.Errorf("fewer than %.0f%%", 100*minKilled)
	}
}

func percent(part, of int) float64 { return 100 * float64(part) / float64(max(of, 1)) }

// declaration is how equivalent_mutants.txt names a mutant: by its line, for numbers of lines change.
func (m mutant) declaration() string {
	return strings.TrimSpace(m.file + " | " + m.code + " | " + m.was + " -> " + m.is)
}

// readEquivalents reads the mutants that no input can tell from the statement, each with its reason.
func readEquivalents(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/equivalent_mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndex(line, " | ")
		if at < 0 || strings.Count(line[:at], " | ") < 2 {
			t.Fatalf("equivalent_mutants.txt: %q is not: file | line | was -> is | reason", line)
		}
		found[line[:at]] = true
	}
	return found
}

// battery is what every mutant meets: worlds with their outputs, and values with their keys.
type battery struct {
	worlds  []staged
	outputs []string
	values  []string
	keys    string
}

// staged is a world whose stage is written once.
type staged struct{ plan transform.Plan }

func newBattery(t *testing.T) *battery {
	t.Helper()
	b := &battery{}
	scratch := scratchDatabase(t)
	generator := rapid.Custom(drawWorld)
	for seed := range *mutants {
		w := generator.Example(seed)
		plan, directory := w.plan, t.TempDir()
		plan.Accounts = stageTable(t, scratch, directory, "accounts", w.accounts)
		plan.Contacts = stageTable(t, scratch, directory, "contacts", w.contacts)
		plan.Customers = stageTable(t, scratch, directory, "customers", w.customers)
		if w.users != nil {
			plan.Owners = stageTable(t, scratch, directory, "users", w.users)
		}
		b.worlds = append(b.worlds, staged{plan: plan})
	}
	for _, rule := range []string{"ERP_Customer_ID__c=customer_id standard accounts", "ERP_Customer_ID__c=customer_id trim,strip_leading_zeros none", "Id=sf_account_id salesforce_id customers"} {
		b.worlds = append(b.worlds, staged{plan: fixturePlan(t, rule)})
	}
	b.addCases(t)
	for _, test := range references {
		for seed := range 40 {
			b.values = append(b.values, test.generator.Example(seed))
		}
	}
	b.values = append(b.values, "ZZZZZZZZZZZZZZZ", "ZZZZZZZZZZZZZZZ555", "KD-KD-1", "CUST-2024-00000017") // what is seldom drawn
	for i := range b.worlds {
		output, err := b.worlds[i].outputs(t, statements.Files)
		if err != nil {
			t.Fatal(err)
		}
		b.outputs = append(b.outputs, output)
	}
	keys, err := b.keysOf(t, statements.Files)
	if err != nil {
		t.Fatal(err)
	}
	b.keys = keys
	return b
}

// addCases adds the stages of testdata that link; the largest world stays the last.
func (b *battery) addCases(t *testing.T) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var cases []staged
	for _, name := range paths {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := filesOf(archive)
		c := staged{plan: parsePlan(t, files["plan"])}
		stageCase(t, &c.plan, files)
		if _, err := c.outputs(t, statements.Files); err == nil {
			cases = append(cases, c)
		}
	}
	b.worlds = slices.Insert(b.worlds, len(b.worlds)-1, cases...)
}

// notices tells whether any world or value comes out otherwise, or not at all.
func (b *battery) notices(t *testing.T, m mutant) bool {
	t.Helper()
	files := changed(t, m)
	if keyFiles.MatchString(m.file) {
		if keys, err := b.keysOf(t, files); err != nil || keys != b.keys {
			return true
		}
	}
	// The largest world comes first: it tells most mutants.
	for i := len(b.worlds) - 1; i >= 0; i-- {
		if output, err := b.worlds[i].outputs(t, files); err != nil || output != b.outputs[i] {
			return true
		}
	}
	return false
}

// openFiles is a database with statements of one's own, closed by close.
func openFiles(t *testing.T, files fs.FS) (db *transform.DB, end func(), err error) {
	t.Helper()
	directory, err := os.MkdirTemp("", "mutant-")
	if err != nil {
		t.Fatal(err)
	}
	db, err = transform.Open(t.Context(), transform.Options{
		Database: path.Join(directory, "link.duckdb"), MemoryBytes: 256 << 20, Threads: 1, Directories: []string{os.TempDir()}, SQL: files,
	})
	return db, func() {
		if db != nil {
			_ = db.Close()
		}
		_ = os.RemoveAll(directory)
	}, err
}

func (s staged) outputs(t *testing.T, files fs.FS) (string, error) {
	t.Helper()
	db, end, err := openFiles(t, files)
	defer end()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a recursion may have lost its end
	defer cancel()
	sums, err := db.Link(ctx, s.plan, nil)
	if err != nil {
		return "", err
	}
	text := describeAccounting(sums)
	for _, result := range s.plan.Results() {
		rows, err := allRows(ctx, db, "SELECT * FROM "+result.Name+" ORDER BY ALL")
		if err != nil {
			return "", err
		}
		text += rows
	}
	return text, nil
}

// allRows is what a query gives, as text. Errors are returned: a mutant may well be no sense.
func allRows(ctx context.Context, db *transform.DB, query string, args ...any) (string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var text strings.Builder
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%q\n", values)
	}
	return text.String(), rows.Err()
}

func (b *battery) keysOf(t *testing.T, files fs.FS) (string, error) {
	t.Helper()
	db, end, err := openFiles(t, files)
	defer end()
	if err != nil {
		return "", err
	}
	var keys strings.Builder
	for _, test := range references {
		found, err := allRows(t.Context(), db, fmt.Sprintf("SELECT %s FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS value)", test.expression), b.values)
		if err != nil {
			return "", err
		}
		keys.WriteString(found)
	}
	return keys.String(), nil
}
