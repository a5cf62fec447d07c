package pipeline

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"crosswalk/fixtures"
)

// customerFile reads, changes and writes the ERP snapshot of a test.
func (o *org) customerFile(t *testing.T, change func(rows [][]string) [][]string) {
	t.Helper()
	path := filepath.Join(o.dir, "customers.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var changed strings.Builder
	writer := csv.NewWriter(&changed)
	if err := errors.Join(writer.WriteAll(change(rows)), os.WriteFile(path, []byte(changed.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// linkedIDs are the customers with one account in a publication, and the accounts.
func (o *org) linkedIDs(t *testing.T, date string) (customers, accounts []string) {
	t.Helper()
	for _, row := range o.published(t, date, "customers.csv")[1:] {
		if row[4] == "linked" {
			customers, accounts = append(customers, row[0]), append(accounts, row[7])
		}
	}
	return customers, accounts
}

func (o *org) published(t *testing.T, date, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(o.config.Output.Directory, partitionPrefix+date, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Ten planted changes between two nights: all of them, and only they, are told.
func TestTwoNights(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	first, err := o.run(t, Options{RunDate: "2026-11-22"})
	if err != nil {
		t.Fatal(err)
	}
	if first.Manifest.Previous.RunDate != "" || len(o.published(t, "2026-11-22", "changes.csv")) != 1 {
		t.Fatalf("the first night has changes: %+v", first.Manifest.Previous)
	}
	ids, accounts := o.linkedIDs(t, "2026-11-22")
	var want []string
	o.customerFile(t, func(rows [][]string) [][]string {
		place := func(id string) int {
			return slices.IndexFunc(rows, func(row []string) bool { return row[0] == id })
		}
		for i := range 3 { // an id that no account knows: the customer is new, the one it was is gone
			rows[place(ids[i])][0] = fmt.Sprintf("NEW-%d-NOWHERE", i)
			want = append(want, ids[i]+" "+accounts[i]+" gone linked", fmt.Sprintf("NEW-%d-NOWHERE  new  not_found", i))
		}
		for i := 3; i < 5; i++ { // a second customer of the same id: both are refused
			twin := slices.Clone(rows[place(ids[i])])
			twin[1] += " (second)"
			rows = append(rows, twin)
			want = append(want, ids[i]+" "+accounts[i]+" lost linked duplicate_identifier")
		}
		for i := 5; i < 7; i++ {
			at := place(ids[i])
			rows = slices.Delete(rows, at, at+1)
			want = append(want, ids[i]+" "+accounts[i]+" gone linked")
		}
		return rows
	})
	second, err := o.run(t, Options{RunDate: "2026-11-23"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range o.published(t, "2026-11-23", "changes.csv")[1:] {
		got = append(got, strings.TrimSpace(strings.Join(row, " ")))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("changes are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p := *second.Manifest.Previous; p.RunDate != "2026-11-22" || p.New != 3 || p.Gone != 5 || p.Lost != 2 || p.Linked+p.Moved+p.Status != 0 {
		t.Errorf("previous is %+v", p)
	}
}

// A publication that does not hold is nothing to compare with: the one before it is taken, and the manifest says so.
func TestDamagedPrevious(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	for _, date := range []string{"2026-11-20", "2026-11-21", "2026-11-22"} {
		if _, err := o.run(t, Options{RunDate: date}); err != nil {
			t.Fatal(err)
		}
	}
	out := o.config.Output.Directory
	if err := errors.Join(
		os.WriteFile(filepath.Join(out, "run_date=2026-11-22", "customers.parquet"), []byte("PAR1"), 0o600),
		os.WriteFile(filepath.Join(out, "run_date=2026-11-21", manifestFile), []byte(`{"schema_version": 0}`), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	summary, err := o.run(t, Options{RunDate: "2026-11-23"})
	if err != nil {
		t.Fatal(err)
	}
	if p := summary.Manifest.Previous; p.RunDate != "2026-11-20" || !slices.Equal(p.Skipped, []string{"2026-11-22", "2026-11-21"}) {
		t.Errorf("previous is %+v", p)
	}
}

// Nor is one to compare with whose customers lack a column that is compared: another crosswalk wrote it.
func TestPreviousWithoutColumn(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	for _, date := range []string{"2026-11-21", "2026-11-22"} {
		if _, err := o.run(t, Options{RunDate: date}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(o.config.Output.Directory, "run_date=2026-11-22", manifestFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	older := strings.ReplaceAll(string(text), `"account_ids"`, `"account_list"`)
	if err := os.WriteFile(path, []byte(older), 0o600); err != nil || older == string(text) {
		t.Fatalf("the manifest is as it was: %v", err)
	}
	summary, err := o.run(t, Options{RunDate: "2026-11-23"})
	if err != nil {
		t.Fatal(err)
	}
	if p := summary.Manifest.Previous; p.RunDate != "2026-11-21" || !slices.Equal(p.Skipped, []string{"2026-11-22"}) {
		t.Errorf("previous is %+v", p)
	}
}

// A guard trips on its own cause and on no other, names the customers, publishes nothing and gives way to --force.
func TestGuardsBetweenNights(t *testing.T) {
	t.Parallel()
	cases := []struct {
		guard  string
		change func(rows [][]string, ids []string) [][]string
	}{
		{"max_drop linked customers", func(rows [][]string, ids []string) [][]string {
			for _, row := range rows[1:] { // none is gone, but a third gets a twin
				if slices.Contains(ids[:len(ids)/3], row[0]) {
					twin := slices.Clone(row)
					twin[1] += " (second)"
					rows = append(rows, twin)
				}
			}
			return rows
		}},
		{"max_moved linked customers", func(rows [][]string, ids []string) [][]string {
			next := map[string]string{} // everybody gets a neighbour's place
			for i, id := range ids {
				next[id] = ids[(i+1)%len(ids)]
			}
			for _, row := range rows[1:] {
				if id, ok := next[row[0]]; ok {
					row[0] = id
				}
			}
			return rows
		}},
	}
	for _, c := range cases {
		t.Run(c.guard, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, small, fixtures.Options{})
			if c.guard == "max_moved linked customers" {
				o.config.ERP.CustomerID = "customer_name" // so that a customer keeps its name and changes its number
				o.config.ERP.CustomerName = ""
			}
			if _, err := o.run(t, Options{RunDate: "2026-11-22"}); err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, row := range o.published(t, "2026-11-22", "customers.csv")[1:] {
				if row[4] == "linked" {
					ids = append(ids, row[2])
				}
			}
			o.customerFile(t, func(rows [][]string) [][]string { return c.change(rows, ids) })
			_, err := o.run(t, Options{RunDate: "2026-11-23"})
			var tripped *GuardError
			if !errors.As(err, &tripped) || len(tripped.Tripped) != 1 || tripped.Tripped[0].Name+" "+tripped.Tripped[0].Of != c.guard {
				t.Fatalf("got %v, want only %s", err, c.guard)
			}
			if len(tripped.Tripped[0].Records) != guardRecords {
				t.Errorf("it names %d customers, want %d", len(tripped.Tripped[0].Records), guardRecords)
			}
			if _, err := os.Stat(filepath.Join(o.config.Output.Directory, "run_date=2026-11-23")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("published past a guard: %v", err)
			}
			summary, err := o.run(t, Options{RunDate: "2026-11-23", Replay: true, Force: true})
			if err != nil || !slices.ContainsFunc(summary.Manifest.Guards, func(g Guard) bool { return g.Tripped && g.Forced }) {
				t.Errorf("forced: %v", err)
			}
		})
	}
}

// What somebody put in the place of a published file is passed over, and neither waited for nor read without end.
func TestPreviousIsNoRegularFile(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	if _, err := o.run(t, Options{RunDate: "2026-11-22"}); err != nil {
		t.Fatal(err)
	}
	earlier := filepath.Join(o.config.Output.Directory, "run_date=2026-11-22")
	for name, put := range map[string]func(path string) error{
		"a pipe":            func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"an endless device": func(path string) error { return os.Symlink("/dev/zero", path) },
		"a folder":          func(path string) error { return os.Mkdir(path, 0o700) },
		"a link to itself":  func(path string) error { return os.Symlink(path+".was", path) },
		"a file with a hole of a terabyte": func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 1<<40))
		},
	} {
		for _, file := range []string{manifestFile, "customers.parquet"} {
			path := filepath.Join(earlier, file)
			if err := errors.Join(os.Rename(path, path+".was"), put(path)); err != nil {
				t.Fatal(err)
			}
			last, skipped, err := lastPublication(t.Context(), o.config.Output.Directory, "2026-11-23")
			if err != nil || last != nil || !slices.Equal(skipped, []string{"2026-11-22"}) {
				t.Errorf("%s as %s: %v, passed over %q, %v", name, file, last, skipped, err)
			}
			if err := errors.Join(os.Remove(path), os.Rename(path+".was", path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last, _, err := lastPublication(t.Context(), o.config.Output.Directory, "2026-11-23"); err != nil || last == nil {
		t.Errorf("as it was: %v, %v", last, err)
	}
	// Guards that are held against counts that nobody made would not trip.
	whole, err := readManifest(earlier)
	if err != nil {
		t.Fatal(err)
	}
	whole.Accounting = Accounting{}
	text, err := whole.encode()
	if err := errors.Join(err, os.WriteFile(filepath.Join(earlier, manifestFile), text, 0o600)); err != nil {
		t.Fatal(err)
	}
	if last, skipped, err := lastPublication(t.Context(), o.config.Output.Directory, "2026-11-23"); err != nil || last != nil || len(skipped) != 1 {
		t.Errorf("without its accounting: %v, passed over %q, %v", last, skipped, err)
	}
}

// TestPreviousOfAnotherKind: a file in place of that of the customers, whose size and hash somebody has entered in the
// manifest, is passed over as one that does not hold.
func TestPreviousOfAnotherKind(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	if _, err := o.run(t, Options{RunDate: "2026-11-22"}); err != nil {
		t.Fatal(err)
	}
	earlier := filepath.Join(o.config.Output.Directory, "run_date=2026-11-22")
	links, err := os.ReadFile(filepath.Join(earlier, "links.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"nothing": nil, "garbage": []byte("PAR1 garbage PAR1"), "the links": links} {
		manifest, err := readManifest(earlier)
		if err != nil {
			t.Fatal(err)
		}
		for i := range manifest.Outputs {
			if output := &manifest.Outputs[i]; output.Name == "customers.parquet" {
				sum := sha256.Sum256(content)
				output.Bytes, output.SHA256 = int64(len(content)), hex.EncodeToString(sum[:])
			}
		}
		text, err := manifest.encode()
		if err := errors.Join(err, os.WriteFile(filepath.Join(earlier, manifestFile), text, 0o600), os.WriteFile(filepath.Join(earlier, "customers.parquet"), content, 0o600)); err != nil {
			t.Fatal(err)
		}
		summary, err := o.run(t, Options{RunDate: "2026-11-23", DryRun: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if skipped := summary.Manifest.Previous.Skipped; !slices.Equal(skipped, []string{"2026-11-22"}) {
			t.Errorf("%s: passed over %q", name, skipped)
		}
	}
}

// TestFoldersAreNoColumns: DuckDB takes a folder that is called key=value for a column, and its value for what the files
// hold in a column of that name. The stage lies in run_date=..., and others may lie around it.
func TestFoldersAreNoColumns(t *testing.T) {
	t.Parallel()
	for _, formats := range [][]string{{"parquet", "csv"}, {"csv"}} {
		o := newOrg(t, small, fixtures.Options{})
		o.config.State.Directory = filepath.Join(o.dir, "branch=DE", "customer_id=7", "Id=1", "state")
		o.config.Output.Directory = filepath.Join(o.dir, "source=crm", "status=gone", "account_ids=none", "out")
		o.config.Output.Formats = formats
		o.customerFile(t, func(rows [][]string) [][]string {
			for i, row := range rows {
				added := []string{fmt.Sprintf("2020-01-%02d", 1+i%28), fmt.Sprintf("branch %d", i)}
				if i == 0 {
					added = []string{"Run_Date", "branch"}
				}
				rows[i] = append(row, added...)
			}
			return rows
		})
		for _, date := range []string{"2026-11-22", "2026-11-23"} {
			if _, err := o.run(t, Options{RunDate: date}); err != nil {
				t.Fatal(err)
			}
		}
		if changes := o.published(t, "2026-11-23", "changes.csv"); len(changes) > 1 {
			t.Errorf("of two equal nights: %d changes, %v", len(changes)-1, changes[1])
		}
		want := map[string]string{}
		o.customerFile(t, func(rows [][]string) [][]string {
			for _, row := range rows[1:] {
				want[row[0]] = strings.Join(row[len(row)-2:], ",")
			}
			return rows
		})
		rows := o.published(t, "2026-11-23", "customers.csv")
		day, branch := slices.Index(rows[0], "erp_Run_Date"), slices.Index(rows[0], "erp_branch")
		for _, row := range rows[1:] {
			if got := row[day] + "," + row[branch]; got != want[row[0]] {
				t.Fatalf("customer %s has %q, the file %q", row[0], got, want[row[0]])
			}
		}
		for _, row := range o.published(t, "2026-11-23", "contacts.csv")[1:] {
			if row[3] == "crm" {
				t.Fatal("a contact's source is that of the path")
			}
		}
		if slices.Contains(formats, "parquet") {
			if _, err := Explain(t.Context(), o.config, rows[1][0], ExplainOptions{}); err != nil {
				t.Error(err)
			}
		}
	}
}

// As many others that came do not make up for those who are gone: a third of the customers is another one.
func TestGoneAreCountedByWhoTheyAre(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	if _, err := o.run(t, Options{RunDate: "2026-11-22"}); err != nil {
		t.Fatal(err)
	}
	ids, _ := o.linkedIDs(t, "2026-11-22")
	others := 0
	o.customerFile(t, func(rows [][]string) [][]string {
		for i, row := range rows[1:] {
			if slices.Index(ids, row[0])%3 == 0 {
				others++
				row[0] = fmt.Sprintf("NEW-%d-NOWHERE", i)
			}
		}
		return rows
	})
	_, err := o.run(t, Options{RunDate: "2026-11-23"})
	var tripped *GuardError
	if !errors.As(err, &tripped) {
		t.Fatalf("got %v, want guards that trip", err)
	}
	var found []string
	for _, guard := range tripped.Tripped {
		found = append(found, guard.Name+" "+guard.Of)
		if len(guard.Records) != guardRecords {
			t.Errorf("%s names %d customers, want %d of %d", guard.Of, len(guard.Records), guardRecords, others)
		}
	}
	if want := []string{"max_drop linked customers", "max_drop customers"}; !slices.Equal(found, want) {
		t.Errorf("tripped: %q, want %q", found, want)
	}
}

// What was published as CSV alone can be compared with, however long its rows are.
func TestPreviousOfLongRows(t *testing.T) {
	t.Parallel()
	o := newOrg(t, small, fixtures.Options{})
	o.config.Output.Formats = []string{"csv"}
	o.customerFile(t, func(rows [][]string) [][]string {
		for i := range rows {
			for j := range 3 {
				value := fmt.Sprintf("long_%d", j)
				if i > 0 {
					value = strings.Repeat(`"y`, 340_000*(1-min(i-1, 1)))
				}
				rows[i] = append(rows[i], value)
			}
		}
		return rows
	})
	for _, date := range []string{"2026-11-22", "2026-11-23"} {
		summary, err := o.run(t, Options{RunDate: date})
		if err != nil {
			t.Fatal(date, err)
		}
		if p := summary.Manifest.Previous; p.New+p.Gone+p.Lost+p.Linked+p.Moved+p.Status != 0 {
			t.Errorf("%s: previous is %+v", date, p)
		}
	}
}
