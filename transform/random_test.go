package transform_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"crosswalk/transform"
)

// world is a small stage and a plan, as rapid draws them.
type world struct {
	plan                          transform.Plan
	accounts, contacts, customers table
	users                         table // nil where owners are no contacts
}

var (
	// families are identifiers that some steps make one and others do not. A world draws from few of them, so that its
	// records meet.
	families = [][]string{
		{"A1", "a1", " A1", "A1 ", "00A1"},
		{"B2", "B2", "b-2", "Ｂ2", "xB2"},
		{"007", "7", "7.0", "X7"},
		{"-", "N/A", " n/a", "0", "00", `""`},
		{"C\u200b3", "C3"},
		{"001D000000IqhSL", "001D000000IqhSLIAZ", "001D000000iqhSLIAZ", "001D000000IqhSM", "nonsense"},
	}
	keys    = [][]string{{"standard"}, {"exact"}, {"trim", "strip_leading_zeros"}, {"casefold", "strip_punctuation", "strip_prefix:x"}, {"trim", "strip_prefix:KD-", "casefold"}, {"nfkc", "trim", "strip_decimal", "strip_leading_zeros"}, {"salesforce_id"}, {"trim", "digits_only"}}
	dates   = []string{"", "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "2021-01-01T00:00:00.5Z"}
	deleted = []string{"false", "false", "false", "true"}
)

func drawWorld(t *rapid.T) world {
	draw := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(t, label) }
	w := world{
		accounts:  table{{"Id", "Name", "IsDeleted", "ParentId", "CreatedDate", "One__c", "Two__c", "Billing__c", "Pays__c", "OwnerId"}},
		contacts:  table{{"Id", "IsDeleted", "AccountId", "Title", "Email", "CreatedDate"}},
		customers: table{{"customer_id", "customer_name", "one", "two"}},
	}
	identifiers := []string{""}
	for range rapid.SampledFrom([]int{1, 2, 3}).Draw(t, "families") {
		identifiers = append(identifiers, rapid.SampledFrom(families).Draw(t, "family")...)
	}
	size := func(label string) int { return rapid.SampledFrom([]int{0, 5, 10, 16}).Draw(t, label) }
	accounts := size("accounts")
	id := func(i int) string { return fmt.Sprintf("001D00000000%03dAAA", i) }
	ids := []string{""}
	for i := range accounts {
		ids = append(ids, id(i))
	}
	contactIDs := []string{""}
	for i := range size("contacts") {
		contactIDs = append(contactIDs, fmt.Sprintf("003%02d", i))
		w.contacts = append(w.contacts, []string{
			contactIDs[i+1], draw(deleted, "deleted"), draw(append(ids, "001D00000000999AAA"), "account"),
			draw([]string{"", "Accounts Payable", "BUCHHALTUNG", "Chief"}, "title"), draw([]string{"", `""`, "a@b"}, "email"), draw(dates, "created"),
		})
	}
	for i := range accounts {
		w.accounts = append(w.accounts, []string{
			id(i), draw([]string{"", "Acme", "Beta"}, "name"), draw(deleted, "deleted"), draw(ids, "parent"), draw(dates, "created"),
			draw(identifiers, "one"), draw(identifiers, "two"), draw(contactIDs, "billing"), draw(contactIDs, "pays"), draw([]string{"", "005A", "005B", "005Z"}, "owner"),
		})
	}
	for range size("customers") {
		w.customers = append(w.customers, []string{
			draw(identifiers, "id"), draw([]string{"", "Acme"}, "name"), draw(slices.Concat(identifiers, ids), "one"), draw(identifiers, "two"),
		})
	}
	w.plan = drawPlan(t)
	w.plan.ChildLevels = rapid.SampledFrom([]int{0, 0, 1, 2, 20}).Draw(t, "levels")
	if rapid.Bool().Draw(t, "owners") {
		w.users = table{{"Id", "Title", "Email", "CreatedDate"}, {"005A", draw([]string{"", "Accounts Payable"}, "title"), "a@b", draw(dates, "created")}, {"005B", "", "", ""}}
	}
	return w
}

func drawPlan(t *rapid.T) transform.Plan {
	plan := transform.Plan{
		CustomerID: "customer_id", CustomerName: "customer_name", Blanks: []string{"", "-", "0", "n/A"},
		Primary: rapid.Permutation([]string{"lookup", "billing_title", "has_email", "oldest"}).Draw(t, "primary"),
	}
	plan.Primary = plan.Primary[:rapid.IntRange(0, 4).Draw(t, "criteria")]
	if rapid.Bool().Draw(t, "lookups") {
		plan.Lookups = []string{"Pays__c", "Billing__c"}
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
		field := rapid.SampledFrom([]string{"One__c", "Two__c", "Id"}).Draw(t, "field")
		column := rapid.SampledFrom([]string{"customer_id", "one", "two"}).Draw(t, "column")
		plan.Rules = append(plan.Rules, transform.Rule{
			Name: fmt.Sprintf("%d Account.%s=%s", i, field, column), AccountField: field, CustomerColumn: column,
			Steps: rapid.SampledFrom(keys).Draw(t, "key"), Many: rapid.SampledFrom([]string{"accounts", "customers", "both", "none"}).Draw(t, "many"),
		})
	}
	return plan
}

// TestReference links random stages by the statements and by plain Go, F123 to F126: every row of every output agrees,
// in whatever order the rows come and on any number of threads, F125 and F138.
func TestReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		drawn := drawWorld(r)
		world := referenceLink(t, drawn.plan, drawn.accounts, drawn.contacts, drawn.customers)
		if drawn.users != nil {
			world.users = rowsOf(drawn.users)
		}
		want := world.outputs()
		first := linkWorld(t, drawn, 1)
		for name, text := range first {
			found := readRows(t, text)
			if name == "exceptions" {
				found = withoutWords(found)
			}
			if diff := cmp.Diff(sortedRows(want[name]), sortedRows(found)); diff != "" {
				r.Fatalf("%s of %+v: want -, found +\n%s", name, drawn.plan, diff)
			}
		}
		if rapid.IntRange(0, 3).Draw(r, "shuffle") != 0 {
			return
		}
		shuffled := drawn
		seed := rapid.Uint64().Draw(r, "seed")
		for _, rows := range []*table{&shuffled.accounts, &shuffled.contacts, &shuffled.customers} {
			*rows = slices.Clone(*rows)
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(*rows)-1, func(i, j int) { (*rows)[i+1], (*rows)[j+1] = (*rows)[j+1], (*rows)[i+1] })
		}
		if diff := cmp.Diff(first, linkWorld(t, shuffled, 2)); diff != "" {
			r.Fatalf("another order of the rows gives other outputs:\n%s", diff)
		}
	})
}

// linkWorld links a stage and dumps every output in its order. It runs as a test of its own, so that its databases are
// closed at its end.
func linkWorld(t *testing.T, w world, threads int) map[string]string {
	t.Helper()
	found := map[string]string{}
	linked := t.Run("link", func(t *testing.T) {
		scratch, directory := scratchDatabase(t), t.TempDir()
		plan := w.plan
		plan.Accounts = stageTable(t, scratch, directory, "accounts", w.accounts)
		plan.Contacts = stageTable(t, scratch, directory, "contacts", w.contacts)
		plan.Customers = stageTable(t, scratch, directory, "customers", w.customers)
		if w.users != nil {
			plan.Owners = stageTable(t, scratch, directory, "users", w.users)
		}
		db := openDatabase(t, func(o *transform.Options) { o.Threads = threads })
		if _, err := db.Link(t.Context(), plan, nil); err != nil {
			t.Fatal(err)
		}
		for _, result := range plan.Results() {
			found[result.Name] = dump(t, db, result)
		}
	})
	if !linked {
		t.FailNow()
	}
	return found
}

// withoutWords leaves what is said of a candidate out of exceptions, but for who it is.
func withoutWords(rows [][]string) [][]string {
	short := make([][]string, 0, len(rows))
	for _, row := range rows {
		short = append(short, append(slices.Clone(row[:8]), row[9]))
	}
	return short
}

func readRows(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func sortedRows(rows [][]string) []string {
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, strings.Join(row, " | "))
	}
	slices.Sort(lines)
	return lines
}
