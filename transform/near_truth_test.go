package transform_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"crosswalk/fixtures"
	"crosswalk/transform"
)

// suggestion is what the link said of a record: the cause and the candidate.
type suggestion struct{ cause, candidate string }

// TestPlantedTruth links orgs of which the truth is known. No link may be wrong; of the planted near misses at least
// 98 in a hundred must be found with their cause and candidate, and of the suggestions at most one in a hundred may be
// wrong.
func TestPlantedTruth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why   string
		key   string
		exact bool
		seed  uint64
	}{
		{"the standard key", "standard", false, 1},
		{"the standard key, other numbers", "standard", false, 2},
		{"the exact key keeps more apart", "exact", true, 3},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			companies := 4000
			if testing.Short() {
				companies = 1000
			}
			judgeTruth(t, fixtures.NewTruth(test.seed, companies, test.exact), test.key)
		})
	}
}

func judgeTruth(t *testing.T, truth fixtures.Truth, key string) {
	t.Helper()
	scratch, directory := scratchDatabase(t), t.TempDir()
	plan := parsePlan(t, "rule ERP_Customer_ID__c=customer_id "+key+" accounts")
	plan.Accounts = bulkTable(t, scratch, directory, "accounts", truth.Accounts)
	plan.Customers = bulkTable(t, scratch, directory, "customers", truth.Customers)
	plan.Contacts = stageTable(t, scratch, directory, "contacts", table{{"Id", "AccountId"}})
	db := openDatabase(t, nil)
	sums, err := db.Link(t.Context(), plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]suggestion{}
	links := map[string]string{}
	for _, result := range plan.Results() {
		switch result.Name {
		case "links":
			for _, row := range readRows(t, dump(t, db, result)) {
				links[row[0]] = row[1]
			}
		case "exceptions":
			for _, row := range readRows(t, dump(t, db, result)) {
				if row[6] == "near_miss" {
					found[row[2]] = suggestion{row[7], row[9]}
				}
			}
		}
	}
	if !maps.Equal(links, truth.Links) {
		t.Errorf("%d links, want exactly the %d of the truth", len(links), len(truth.Links))
	}
	judgeSuggestions(t, truth, found, sums)
}

// judgeSuggestions holds what was found against what was planted, and tells the figures.
func judgeSuggestions(t *testing.T, truth fixtures.Truth, found map[string]suggestion, sums *transform.Accounting) {
	t.Helper()
	want := map[string]suggestion{}
	for _, miss := range truth.Misses {
		want[miss.Customer] = suggestion{miss.Cause, miss.Account}
		if !miss.OneSided {
			want[miss.Account] = suggestion{miss.Cause, miss.Customer}
		}
	}
	right, wrong := map[string]int{}, 0
	planted := map[string]int{}
	for record, expected := range want {
		planted[expected.cause]++
		if found[record] == expected {
			right[expected.cause]++
		} else if t.Logf("%s: found %v, planted %v", record, found[record], expected); found[record].candidate != "" && found[record].candidate != expected.candidate {
			wrong++
		}
	}
	for record, unexpected := range found {
		if _, is := want[record]; !is {
			wrong++
			t.Logf("%s (%s): found %v (%s), planted nothing", record, named(truth, record), unexpected, named(truth, unexpected.candidate))
		}
	}
	all := 0
	for _, cause := range slices.Sorted(maps.Keys(planted)) {
		all += right[cause]
		t.Logf("%-22s %5d of %5d", cause, right[cause], planted[cause])
	}
	t.Logf("causes right %.2f %%, wrong suggestions %.2f %% of %d; %v %v", 100*float64(all)/float64(len(want)), 100*float64(wrong)/float64(max(len(found), 1)), len(found), sums.Customers, sums.Accounts)
	if 100*all < 98*len(want) {
		t.Errorf("%d of %d near misses right, want 98 in a hundred", all, len(want))
	}
	if 100*wrong > len(found) {
		t.Errorf("%d of %d suggestions wrong, want at most one in a hundred", wrong, len(found))
	}
	if len(want) < len(truth.Customers)/10 {
		t.Error(fmt.Sprint(len(want), " near misses planted: too few to judge by"))
	}
}

// named finds the name of a record.
func named(truth fixtures.Truth, id string) string {
	for _, rows := range [][][]string{truth.Accounts, truth.Customers} {
		for _, row := range rows {
			if row[0] == id {
				return row[slices.IndexFunc(rows[0], func(column string) bool { return column == "Name" || column == "customer_name" })]
			}
		}
	}
	return ""
}
