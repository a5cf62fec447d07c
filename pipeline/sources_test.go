package pipeline

import (
	"bytes"
	"encoding/csv"
	"errors"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosswalk/fixtures"

	"github.com/google/go-cmp/cmp"
)

// newFerrowick serves the shipped org for the length of the test, to be linked with the shipped customers.
func newFerrowick(t *testing.T, options fixtures.Options) *org {
	t.Helper()
	options.Directory = "../fixtures/org"
	simulated, err := fixtures.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(simulated)
	t.Cleanup(func() { server.Close(); simulated.Close() })
	customers, err := filepath.Abs("../fixtures/erp/customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("URL", server.URL, "{path: customers.csv}", "{path: "+customers+"}\n  max_age: 0").Replace(testConfig)
	o := &org{dir: t.TempDir(), simulated: simulated}
	path := filepath.Join(o.dir, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if o.config, err = ReadConfig(path, func(string) (string, bool) { return "", false }); err != nil {
		t.Fatal(err)
	}
	return o
}

// rows reads a published CSV file, each row by its columns.
func (o *org) rows(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join(o.config.Output.Directory, partitionPrefix+"2026-11-23", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// byColumn counts rows by the value of a column.
func byColumn(rows []map[string]string, column string) map[string]int {
	counts := map[string]int{}
	for _, row := range rows {
		counts[row[column]]++
	}
	return counts
}

// told picks the planted contact out of the rows: customer, account and source of each of its rows.
func told(rows []map[string]string, id string) string {
	var lines []string
	for _, row := range rows {
		if row["contact_id"] == id {
			lines = append(lines, strings.Join([]string{row["customer_id"], row["account_id"], row["source"], row["is_primary"]}, " "))
		}
	}
	return strings.Join(lines, "; ")
}

const (
	quillbury    = "0015g00000DTE1PAAX" // head office of three linked accounts
	ofTheSpa     = "0035g00000MJEeOAAX" // of a child of Quillbury, blank
	ofTheLaundry = "0035g00000PGVaTAAX" // of a child of that child, blank too
	private      = "0035g00000UohMAAAZ" // without an account; Oakenshade's Billing_Contact__c
	headOfSales  = "0055g00000FcxIxAAJ"
)

// TestContactSources links the shipped org with each source of contacts, over HTTP by either API.
func TestContactSources(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why     string
		config  ContactsConfig
		api     string
		sources map[string]int
		account map[string]int64 // contacts by status
		told    map[string]string
	}{
		{
			"none", ContactsConfig{}, "auto", map[string]int{"account": 159},
			map[string]int64{"total": 198, "published": 159, "no_account": 6, "account_not_linked": 33},
			map[string]string{ofTheSpa: "", private: "", headOfSales: ""},
		},
		{
			"children", ContactsConfig{ChildAccounts: 1}, "rest", map[string]int{"account": 159, "child_account": 1},
			map[string]int64{"total": 198, "published": 160, "no_account": 6, "account_not_linked": 32},
			map[string]string{ofTheSpa: "74603152 " + quillbury + " child_account false", ofTheLaundry: ""},
		},
		{
			"children to a depth beyond the last", ContactsConfig{ChildAccounts: 25}, "bulk", map[string]int{"account": 159, "child_account": 2},
			map[string]int64{"total": 198, "published": 161, "no_account": 6, "account_not_linked": 31},
			map[string]string{ofTheLaundry: "74603152 " + quillbury + " child_account false"},
		},
		{
			"lookups, in any case", ContactsConfig{Lookups: []string{"billing_contact__C"}}, "bulk", map[string]int{"account": 159, "lookup:Billing_Contact__c": 1},
			map[string]int64{"total": 198, "published": 160, "no_account": 5, "account_not_linked": 33},
			map[string]string{private: "00417 0015g00000LmQa7AAF lookup:Billing_Contact__c true"},
		},
		{
			"owners", ContactsConfig{Owner: true}, "rest", map[string]int{"account": 159, "owner": 47},
			map[string]int64{"total": 198, "published": 159, "no_account": 6, "account_not_linked": 33}, nil,
		},
		{
			"all", ContactsConfig{Owner: true, ChildAccounts: 2, Lookups: []string{"Billing_Contact__c"}}, "bulk",
			map[string]int{"account": 159, "child_account": 2, "lookup:Billing_Contact__c": 1, "owner": 47},
			map[string]int64{"total": 198, "published": 162, "no_account": 5, "account_not_linked": 31}, nil,
		},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			o := newFerrowick(t, fixtures.Options{})
			test.config.Primary = o.config.Contacts.Primary
			o.config.Contacts, o.config.Salesforce.API = test.config, test.api
			summary, err := o.run(t, Options{})
			if err != nil {
				t.Fatal(err)
			}
			contacts := o.rows(t, "contacts.csv")
			if diff := cmp.Diff(test.sources, byColumn(contacts, "source")); diff != "" {
				t.Errorf("sources: want -, found +\n%s", diff)
			}
			if diff := cmp.Diff(test.account, summary.Manifest.Accounting.Contacts); diff != "" {
				t.Errorf("accounting: want -, found +\n%s", diff)
			}
			for id, want := range test.told {
				if got := told(contacts, id); got != want {
					t.Errorf("%s is told as %q, want %q", id, got, want)
				}
			}
			o.checkContacts(t, contacts)
			if _, _, err := Verify(t.Context(), o.config, ""); err != nil {
				t.Error(err)
			}
			before := o.hashes(t, "2026-11-23")
			if _, err := o.run(t, Options{Replay: true}); err != nil || !maps.Equal(before, o.hashes(t, "2026-11-23")) {
				t.Errorf("a replay gives other bytes (%v)", err)
			}
		})
	}
}

// checkContacts holds what must be so whatever the sources: one primary contact a customer, nobody twice, an account of
// the customer's own, and the counts of customers.
func (o *org) checkContacts(t *testing.T, contacts []map[string]string) {
	t.Helper()
	linked := map[string]bool{}
	for _, link := range o.rows(t, "links.csv") {
		linked[link["customer_id"]+" "+link["account_id"]] = true
	}
	people, primary, counts := map[string]bool{}, map[string]int{}, map[string]int{}
	for _, row := range contacts {
		customer, person := row["customer_id"], row["customer_id"]+" "+row["contact_id"]
		if people[person] {
			t.Errorf("%s comes twice", person)
		}
		people[person] = true
		counts[customer]++
		if row["is_primary"] == "true" {
			primary[customer]++
		}
		if !linked[customer+" "+row["account_id"]] {
			t.Errorf("%s came through %s, which is not linked to the customer", person, row["account_id"])
		}
		if (row["source"] == "owner") != strings.HasPrefix(row["contact_id"], "005") || row["Id"] != row["contact_id"] {
			t.Errorf("%s is of the source %s, with the Id %s", person, row["source"], row["Id"])
		}
		if row["source"] == "owner" && (row["Name"] == "" || row["AccountId"] != "" || row["MobilePhone"] != "") {
			t.Errorf("the owner %s is %v", person, row)
		}
	}
	for _, customer := range o.rows(t, "customers.csv") {
		id := customer["customer_id"]
		if customer["status"] != "linked" && customer["status"] != "linked_many" {
			continue
		}
		if want := min(counts[id], 1); primary[id] != want {
			t.Errorf("%s has %d primary contacts, want %d", id, primary[id], want)
		}
	}
	var sum int
	for _, count := range counts {
		sum += count
	}
	if sum != len(contacts) {
		t.Errorf("%d contacts are counted, %d are there", sum, len(contacts))
	}
}

// TestNotes publishes the notes of the shipped org: those planted, no private, deleted or stray one, each once.
func TestNotes(t *testing.T) {
	t.Parallel()
	classic := []string{"00417 002BaNkD 001LmQa7 Note Bank details", "Brackwater 002HoLid 003QglEr Note Holiday 🏖️"}
	content := []string{"29058831 069TwoCu 001Fdgj3 ContentNote Joint order", "74603152 069QuIlL 001DTE1P ContentNote Annual review", "Königsauer 069TwoCu 003i5tUV ContentNote Joint order"}
	for _, test := range []struct {
		why    string
		hide   []string
		change func(*Config)
		notes  []string
		counts map[string]int64
		absent []string
	}{
		{"both kinds", nil, func(*Config) {}, slices.Concat(classic, content), map[string]int64{"total": 9, "published": 4, "private": 2, "parent_not_published": 3}, nil},
		{
			"a lookup's contact brings his", nil, func(c *Config) { c.Contacts.Lookups = []string{"Billing_Contact__c"} },
			slices.Concat(classic, content, []string{"00417 002LooKu 003UohMA Note Pays the bills"}),
			map[string]int64{"total": 9, "published": 5, "private": 2, "parent_not_published": 2}, nil,
		},
		{"by Bulk API 2.0", nil, func(c *Config) { c.Salesforce.API = "bulk" }, slices.Concat(classic, content), map[string]int64{"total": 9, "published": 4, "private": 2, "parent_not_published": 3}, nil},
		{
			"an org without enhanced notes", []string{"ContentNote"}, func(*Config) {}, classic,
			map[string]int64{"total": 5, "published": 2, "private": 1, "parent_not_published": 2}, []string{"ContentNote"},
		},
		{
			"a user who may not read links", []string{"ContentDocumentLink"}, func(*Config) {}, classic,
			map[string]int64{"total": 5, "published": 2, "private": 1, "parent_not_published": 2}, []string{"ContentNote"},
		},
		{
			"an org without classic notes", []string{"Note"}, func(*Config) {}, content,
			map[string]int64{"total": 4, "published": 2, "private": 1, "parent_not_published": 1}, []string{"Note"},
		},
		{
			"neither", []string{"Note", "ContentNote"}, func(*Config) {}, nil,
			map[string]int64{"total": 0, "published": 0, "private": 0, "parent_not_published": 0}, []string{"Note", "ContentNote"},
		},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			o := newFerrowick(t, fixtures.Options{Hide: test.hide})
			o.config.Salesforce.Notes = true
			test.change(o.config)
			summary, err := o.run(t, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(test.notes)), o.notes(t)); diff != "" {
				t.Errorf("notes: want -, found +\n%s", diff)
			}
			text, err := os.ReadFile(filepath.Join(o.config.Output.Directory, partitionPrefix+"2026-11-23", "notes.csv"))
			if err != nil {
				t.Fatal(err)
			}
			body := `,Bank details,"New bank from May on.` + "\r\n" + `Ask for ""Ottoline"", not for the office.",2025-03-04T09:15:00Z,2025-06-11T14:02:30Z,Note` + "\n"
			if has := bytes.Contains(text, []byte(body)); has != (len(test.hide) == 0 || test.hide[0] != objectNote) {
				t.Errorf("the note of two lines stands in notes.csv: %t", has)
			}
			if bytes.Contains(text, []byte("Private")) || bytes.Contains(text, []byte("private")) {
				t.Error("a private note is published")
			}
			manifest := summary.Manifest
			if diff := cmp.Diff(test.counts, manifest.Accounting.Notes); diff != "" {
				t.Errorf("accounting: want -, found +\n%s", diff)
			}
			if diff := cmp.Diff(test.absent, manifest.Inputs.Absent); diff != "" {
				t.Errorf("absent: want -, found +\n%s", diff)
			}
			if _, _, err := Verify(t.Context(), o.config, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

// notes tells the published notes in short: customer, note, what it hangs on, kind, title.
func (o *org) notes(t *testing.T) []string {
	t.Helper()
	named := strings.NewReplacer("5g00000", "")
	var lines []string
	for _, row := range o.rows(t, "notes.csv") {
		customer := row["customer_id"]
		if row["account_id"] == "0015g00000M8uTLAAZ" {
			customer = "Brackwater"
		}
		if row["account_id"] == "0015g00000DpPPyAAN" {
			customer = "Königsauer"
		}
		short := func(id string) string { return named.Replace(id)[:8] }
		lines = append(lines, strings.Join([]string{customer, short(row["note_id"]), short(row["parent_id"]), row["source"], row["title"]}, " "))
	}
	slices.Sort(lines)
	return lines
}

// TestSourcesRefused stops before the first row where a source cannot be had.
func TestSourcesRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why, names string
		code       int
		hide       []string
		change     func(*Config)
	}{
		{"a lookup that is not there", "Biling_Contact__c", 2, nil, func(c *Config) { c.Contacts.Lookups = []string{"Biling_Contact__c"} }},
		{"a lookup of users", "OwnerId looks up User", 2, nil, func(c *Config) { c.Contacts.Lookups = []string{"OwnerId"} }},
		{"a text field", "Industry is of type picklist", 2, nil, func(c *Config) { c.Contacts.Lookups = []string{"Industry"} }},
		{"children without a parent field", "ParentId", 2, []string{"Account.ParentId"}, func(c *Config) { c.Contacts.ChildAccounts = 1 }},
		{"owners who may not be read", "User", 2, []string{"User"}, func(c *Config) { c.Contacts.Owner = true }},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			o := newFerrowick(t, fixtures.Options{Hide: test.hide})
			account := o.config.Salesforce.Objects[objectAccount]
			account.Fields = slices.DeleteFunc(slices.Clone(account.Fields), func(field string) bool { return field == "ParentId" })
			o.config.Salesforce.Objects[objectAccount] = account
			test.change(o.config)
			_, err := o.run(t, Options{})
			if err == nil || ExitCode(err) != test.code || !strings.Contains(err.Error(), test.names) || Hint(err) == "" {
				t.Errorf("ended with %d, %v (%s), want %d naming %s", ExitCode(err), err, Hint(err), test.code, test.names)
			}
			var usage *UsageError
			if strings.Contains(test.why, "of users") && !errors.As(err, &usage) {
				t.Errorf("error is %T", err)
			}
		})
	}
}

// A quota that has room for each object alone, but not for both, is told before the first job of either.
func TestQuotaForAllObjects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		used   int64
		refuse bool
	}{{79_920, false}, {79_950, true}, {79_990, true}} {
		o := newOrg(t, small, fixtures.Options{DailyUsed: c.used})
		o.config.Salesforce.API = "bulk"
		_, err := o.run(t, Options{})
		if refused := err != nil; refused != c.refuse {
			t.Fatalf("%d of 80,000 calls used: %v", c.used, err)
		}
		if !c.refuse {
			continue
		}
		var coded interface{ ExitCode() int }
		if !errors.As(err, &coded) || coded.ExitCode() != 4 || !strings.Contains(err.Error(), "needs about 60") {
			t.Errorf("%d of 80,000 calls used: %v", c.used, err)
		}
		if jobs := o.simulated.Calls("job_create"); jobs != 0 {
			t.Errorf("%d of 80,000 calls used: %d jobs were created", c.used, jobs)
		}
	}
}
