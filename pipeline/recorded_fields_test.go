package pipeline

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosswalk/fixtures"
)

// A number field has no leading zeros, so that they are to be taken off in the ERP: the field is staged as text, and its
// describe is what tells.
func TestSuggestionForNumberField(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	o.config.Link = []Rule{{Salesforce: "Account.ERP_Customer_Number__c", ERP: "customer_number", Key: []string{"exact"}, Many: "accounts"}}
	rewriteCustomers(t, o, func(number string) string { return "00" + number })
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(o.config.Output.Directory, "run_date=2026-11-23", "exceptions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	exceptions, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cause, suggestion := slices.Index(exceptions[0], "reason"), slices.Index(exceptions[0], "suggestion")
	told := 0
	for _, row := range exceptions[1:] {
		if row[cause] != "leading_zeros" {
			continue
		}
		told++
		if !strings.HasPrefix(row[suggestion], "set customer_number of customer ") {
			t.Errorf("suggestion %q: want the ERP's column", row[suggestion])
		}
	}
	if told == 0 {
		t.Errorf("no near miss of leading zeros among %d exceptions", len(exceptions)-1)
	}
}

// rewriteCustomers writes the snapshot anew with other customer numbers.
func rewriteCustomers(t *testing.T, o *org, change func(number string) string) {
	t.Helper()
	path := filepath.Join(o.dir, "customers.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "customer_number")
	for _, row := range rows[1:] {
		row[column] = change(row[column])
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
