package transform_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crosswalk/transform"
)

// stageFixture writes a CSV file of the fixtures as a Parquet part: nothing between commas is NULL, "" is empty.
func stageFixture(t *testing.T, path string) transform.Relation {
	t.Helper()
	scratch, name := scratchDatabase(t), strings.TrimSuffix(filepath.Base(path), ".csv")
	source, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	reader := "read_csv('" + source + "', header = true, all_varchar = true, allow_quoted_nulls = false)"
	columns := columnsOf(t, scratch, reader)
	relation := transform.Relation{Files: []string{filepath.Join(t.TempDir(), name+".parquet")}}
	var selected []string
	for _, column := range columns {
		arrow, duck := typeOf(column)
		relation.Columns = append(relation.Columns, transform.Column{Name: column, Type: arrow})
		selected = append(selected, fmt.Sprintf(`CAST("%s" AS %s) AS "%[1]s"`, column, duck))
	}
	copied := fmt.Sprintf("COPY (SELECT %s FROM %s) TO '%s' (FORMAT parquet)", strings.Join(selected, ", "), reader, relation.Files[0])
	if _, err := scratch.ExecContext(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	return relation
}

func fixturePlan(t *testing.T, rule string) transform.Plan {
	t.Helper()
	plan := parsePlan(t, "rule "+rule)
	plan.Accounts = stageFixture(t, "../fixtures/org/Account.csv")
	plan.Contacts = stageFixture(t, "../fixtures/org/Contact.csv")
	plan.Customers = stageFixture(t, "../fixtures/erp/customers.csv")
	return plan
}

// said is what an exception says of a near miss.
type said struct{ cause, candidate, suggestion string }

func nearMissesOf(t *testing.T, plan transform.Plan) (map[string]said, *transform.Accounting) {
	t.Helper()
	db := openDatabase(t, nil)
	sums, err := db.Link(t.Context(), plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]said{}
	for _, row := range readRows(t, dump(t, db, transform.Result{Name: "exceptions", OrderBy: []string{"side", "record_id"}})) {
		if row[6] == "near_miss" {
			found[row[2]] = said{row[7], row[9], row[12]}
		}
	}
	return found, sums
}

// plantedCase is a row of the table of planted cases that is marked as a near miss: customer, accounts, cause.
var plantedCase = regexp.MustCompile("(?m)^\\| near miss \\| `([^`]+)` \\([^|]*\\) \\| (.*?) \\| ([^|]*) \\| `(\\w+)` \\|")

// TestFixtureNearMisses finds every planted case of the fixtures, as their table tells it, with its cause, its
// candidate and what to change; and no other.
func TestFixtureNearMisses(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../fixtures/README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]said{}
	for _, row := range plantedCase.FindAllStringSubmatch(string(readme), -1) {
		customer, cause, accounts := shownCharacters(t, row[1]), row[4], strings.Split(row[2], "<br>")
		account := regexp.MustCompile("`(001[^`]+)`").FindStringSubmatch(accounts[len(accounts)-1])[1]
		set := "set ERP_Customer_ID__c of account " + account + ` to "` + customer + `"`
		switch cause {
		case "look_alike": // a letter that looks like another stands in the ERP alone, so the ERP is to be mended
			clean := regexp.MustCompile("`001[^`]+` `([^`]+)`").FindStringSubmatch(row[2])[1]
			set = "set customer_id of customer " + customer + ` to "` + clean + `"`
			want[customer], want[account] = said{cause, account, set}, said{cause, customer, set}
		case "deleted":
			want[customer] = said{cause, account, "restore account " + account + ` from the recycle bin, or set ERP_Customer_ID__c of the account that took its place to "` + customer + `"`}
		case "merged":
			want[customer] = said{cause, account, "account " + account + " is linked to customer 62390715: find out which of the two customers it is, and join or correct them in the ERP"}
		default:
			want[customer] = said{cause, account, set}
			want[account] = said{cause, customer, set}
		}
	}
	if len(want) < 28 {
		t.Fatalf("%d planted near misses read from the table, want 28", len(want))
	}
	found, sums := nearMissesOf(t, fixturePlan(t, "ERP_Customer_ID__c=customer_id standard accounts"))
	if diff := cmp.Diff(want, found, cmp.AllowUnexported(said{})); diff != "" {
		t.Errorf("planted -, found +\n%s", diff)
	}
	for side, counts := range map[string]map[string]int64{"customers": sums.Customers, "accounts": sums.Accounts} {
		for _, row := range regexp.MustCompile("(?m)^\\| "+side+" \\| `(\\w+)` \\| (\\d+) \\|").FindAllStringSubmatch(string(readme), -1) {
			if fmt.Sprint(counts[row[1]]) != row[2] {
				t.Errorf("%s %s: %d, and the table says %s", side, row[1], counts[row[1]], row[2])
			}
		}
	}
}

// exactCase is a row of the table of cases that are near misses where no step is taken: customer, account, cause.
var exactCase = regexp.MustCompile("(?m)^\\| `([^`]+)` \\([^|]*\\) \\| `(001[^`]+)` [^|]*\\| `(\\w+)` \\|$")

// exactCount is a row of the table of causes: cause, customers, accounts or nothing.
var exactCount = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\d+) \\| (\\d*) ?\\|$")

// TestFixturesExact links without any step: every cause that there is has its case, as the tables of that tell.
func TestFixturesExact(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../fixtures/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "## The same company with `key: exact`")
	section, _, _ = strings.Cut(section, "\n## ")
	found, sums := nearMissesOf(t, fixturePlan(t, "ERP_Customer_ID__c=customer_id exact accounts"))
	cases := exactCase.FindAllStringSubmatch(section, -1)
	for _, row := range cases {
		customer := shownCharacters(t, row[1])
		if got := found[customer]; got.cause != row[3] || got.candidate != row[2] {
			t.Errorf("%q is %v, the table says %s with %s", customer, got, row[3], row[2])
		}
	}
	counts := map[string]int{}
	for record, said := range found {
		if strings.HasPrefix(record, "001") && len(record) == 18 {
			counts["account "+said.cause]++
		} else {
			counts["customer "+said.cause]++
		}
	}
	causes := exactCount.FindAllStringSubmatch(section, -1)
	for _, row := range causes {
		customers, accounts := counts["customer "+row[1]], counts["account "+row[1]]
		if told := strings.TrimPrefix(strconv.Itoa(accounts), "0"); strconv.Itoa(customers) != row[2] || told != row[3] {
			t.Errorf("%s: %d customers and %d accounts, the table says %s and %q", row[1], customers, accounts, row[2], row[3])
		}
	}
	if len(cases) != 13 || len(causes) != 15 || sums.Customers["near_miss"] != 28 || sums.Accounts["near_miss"] != 26 {
		t.Errorf("%d cases and %d causes were read; customers %v, accounts %v", len(cases), len(causes), sums.Customers, sums.Accounts)
	}
}

// shownCharacters reads a text in which characters that cannot be seen are written as [U+00A0].
func shownCharacters(t *testing.T, text string) string {
	t.Helper()
	return regexp.MustCompile(`\[U\+([0-9A-F]+)\]`).ReplaceAllStringFunc(text, func(found string) string {
		code, err := strconv.ParseUint(found[3:len(found)-1], 16, 21)
		if err != nil {
			t.Fatal(err)
		}
		return string(rune(code))
	})
}

// TestFixturesTheOtherWay links by the account ids that the ERP holds: the bad ones among them are near misses.
func TestFixturesTheOtherWay(t *testing.T) {
	t.Parallel()
	found, sums := nearMissesOf(t, fixturePlan(t, "Id=sf_account_id salesforce_id customers"))
	for _, test := range []struct{ why, customer, cause, candidate string }{
		{"wrong check characters, and the rest is right", "98492510", "salesforce_id_length", "0015g00000WbDnMAAV"},
		{"15 characters that lost their capitals", "55294334", "case", "0015g00000GbjQRAAZ"},
		{"14 characters; the account knows its customer", "67695863", "other_field", "0015g00000RG9CSAA1"},
		{"a deleted account, and the living one knows its customer", "83487955", "other_field", "0015g00000cFW3FAAW"},
		{"the loser of a merge, and another account knows the customer", "14933638", "other_field", "0015g00000BsMtZAAV"},
	} {
		if got := found[test.customer]; got.cause != test.cause || got.candidate != test.candidate {
			t.Errorf("%s: %s is %v, want %s with %s", test.why, test.customer, got, test.cause, test.candidate)
		}
	}
	if sums.Customers["near_miss"] != 5 || sums.Customers["not_found"] != 0 || sums.Accounts["linked"] != 21 || sums.Accounts["near_miss"] != 35 || sums.Accounts["not_found"] != 26 {
		t.Errorf("customers %v, accounts %v", sums.Customers, sums.Accounts)
	}
}

// columnsOf are the columns of a table function.
func columnsOf(t *testing.T, scratch *sql.DB, reader string) []string {
	t.Helper()
	rows, err := scratch.QueryContext(t.Context(), "SELECT * FROM "+reader+" LIMIT 0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil || rows.Err() != nil {
		t.Fatalf("%s: %v %v", reader, err, rows.Err())
	}
	return columns
}
