package transform_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	rows, err := scratch.QueryContext(t.Context(), "SELECT * FROM read_csv('"+source+"', header = true, all_varchar = true, allow_quoted_nulls = false) LIMIT 0")
	if err != nil {
		t.Fatal(err)
	}
	columns, err := rows.Columns()
	if err != nil || rows.Close() != nil {
		t.Fatal(err)
	}
	var relation transform.Relation
	var selected []string
	for _, column := range columns {
		arrow, duck := typeOf(column)
		relation.Columns = append(relation.Columns, transform.Column{Name: column, Type: arrow})
		selected = append(selected, fmt.Sprintf(`CAST("%s" AS %s) AS "%[1]s"`, column, duck))
	}
	relation.Files = []string{filepath.Join(t.TempDir(), name+".parquet")}
	copied := fmt.Sprintf("COPY (SELECT %s FROM read_csv('%s', header = true, all_varchar = true, allow_quoted_nulls = false)) TO '%s' (FORMAT parquet)", strings.Join(selected, ", "), source, relation.Files[0])
	if _, err := scratch.ExecContext(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	return relation
}

func fixturePlan(t *testing.T) transform.Plan {
	t.Helper()
	plan := parsePlan(t, "rule ERP_Customer_ID__c=customer_id standard accounts")
	plan.Accounts = stageFixture(t, "../fixtures/org/Account.csv")
	plan.Contacts = stageFixture(t, "../fixtures/org/Contact.csv")
	plan.Customers = stageFixture(t, "../fixtures/erp/customers.csv")
	return plan
}

func TestTimes(t *testing.T) {
	plan := fixturePlan(t)
	if os.Getenv("OTHER") != "" {
		plan.Rules = parsePlan(t, "rule Id=sf_account_id salesforce_id customers").Rules
	}
	db := openDatabase(t, nil)
	start, name := time.Now(), "bind"
	sums, err := db.Link(t.Context(), plan, func(next string) {
		if took := time.Since(start); took > 20*time.Millisecond {
			fmt.Fprintf(os.Stderr, "%-40s %6.1f ms\n", name, float64(took.Microseconds())/1000)
		}
		start, name = time.Now(), next
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(describeAccounting(sums))
	for _, result := range plan.Results() {
		if result.Name == "exceptions" {
			fmt.Println(dump(t, db, result))
		}
	}
}
