package transform_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	statements "crosswalk/sql"
	"crosswalk/transform"
)

// discoverPlan stages accounts and customers, every column of which may hold the identifier.
func discoverPlan(t *testing.T, accounts, customers table) transform.DiscoverPlan {
	t.Helper()
	scratch, directory := scratchDatabase(t), t.TempDir()
	plan := transform.DiscoverPlan{CustomerID: customers[0][0], Blanks: []string{"", "0", "n/a"}}
	plan.Accounts = stageTable(t, scratch, directory, "accounts", accounts)
	plan.Customers = stageTable(t, scratch, directory, "customers", customers)
	for _, column := range accounts[0] {
		if column != "IsDeleted" {
			plan.AccountFields = append(plan.AccountFields, transform.DiscoverColumn{Name: column, HoldsRecordIDs: column == "Id"})
		}
	}
	for _, column := range customers[0] {
		plan.CustomerColumns = append(plan.CustomerColumns, transform.DiscoverColumn{Name: column})
	}
	return plan
}

func discover(t *testing.T, plan transform.DiscoverPlan) *transform.Discovery {
	t.Helper()
	found, err := openDatabase(t, nil).Discover(t.Context(), statements.Discovery, plan)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// trialOf is what a pair links under a key; the zero value where that was not measured.
func trialOf(pairs []transform.PairFacts, field, column, key string) transform.TrialFacts {
	for _, pair := range pairs {
		if pair.AccountField != field || pair.CustomerColumn != column {
			continue
		}
		for _, trial := range pair.Trials {
			if trial.Key == key {
				return trial
			}
		}
	}
	return transform.TrialFacts{}
}

func TestDiscoverMeasures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why                       string
		accounts, customers       table
		field, column, key        string
		oneToOne, byAccounts      int64
		byCustomers, collided     int64
		accountUnique, inAccounts int64
	}{
		{"spellings that standard makes one", table{{"Id", "ERP__c"}, {"a1", " kd-1 "}, {"a2", "KD-2"}, {"a3", "kd-9"}}, table{{"no"}, {"KD-1"}, {"KD-2"}, {"KD-3"}},
			"ERP__c", "no", "standard", 2, 2, 2, 0, 3, 3},
		{"as they stand they are not", table{{"Id", "ERP__c"}, {"a1", " kd-1 "}, {"a2", "KD-2"}, {"a3", "kd-9"}}, table{{"no"}, {"KD-1"}, {"KD-2"}, {"KD-3"}},
			"ERP__c", "no", "exact", 1, 1, 1, 0, 3, 3},
		{"several accounts of one customer", table{{"Id", "ERP__c"}, {"a1", "11"}, {"a2", "11"}, {"a3", "12"}}, table{{"no"}, {"11"}, {"12"}},
			"ERP__c", "no", "standard", 1, 2, 1, 0, 2, 3},
		{"several customers of one account", table{{"Id", "ERP__c"}, {"a1", "11"}, {"a2", "12"}}, table{{"no"}, {"11"}, {"11 "}, {"12"}},
			"ERP__c", "no", "standard", 1, 1, 3, 2, 2, 2},
		{"blanks link nobody", table{{"Id", "ERP__c"}, {"a1", "n/a"}, {"a2", "0"}, {"a3", "12"}}, table{{"no"}, {"N/A"}, {"0"}, {"12"}},
			"ERP__c", "no", "standard", 1, 1, 1, 0, 1, 1},
		{"zeros that one side lost", table{{"Id", "ERP__c"}, {"a1", "11"}, {"a2", "12"}}, table{{"no"}, {"0011"}, {"0012"}},
			"ERP__c", "no", "strip_leading_zeros", 2, 2, 2, 0, 2, 2},
		{"a decimal that a spreadsheet left", table{{"Id", "ERP__c"}, {"a1", "11.0"}, {"a2", "12.0"}}, table{{"no"}, {"11"}, {"12"}},
			"ERP__c", "no", "strip_decimal", 2, 2, 2, 0, 2, 2},
		{"dashes that one side has", table{{"Id", "ERP__c"}, {"a1", "1-11"}, {"a2", "1-12"}}, table{{"no"}, {"111"}, {"112"}},
			"ERP__c", "no", "strip_punctuation", 2, 2, 2, 0, 2, 2},
		{"letters that one side has", table{{"Id", "ERP__c"}, {"a1", "DE-111"}, {"a2", "DE-112"}}, table{{"no"}, {"111"}, {"112"}},
			"ERP__c", "no", "strip_prefix", 2, 2, 2, 0, 2, 2},
		{"ids of 15 and of 18 characters", table{{"Id"}, {"0015g00000M8uTLAAZ"}, {"0015g00000EXGmaAAH"}}, table{{"no", "sf"}, {"1", "0015g00000M8uTL"}, {"2", "0015g00000EXGmaAAH"}},
			"Id", "sf", "salesforce_id", 2, 2, 2, 0, 2, 2},
		{"deleted accounts do not count", table{{"Id", "IsDeleted", "ERP__c"}, {"a1", "true", "11"}, {"a2", "false", "12"}}, table{{"no"}, {"11"}, {"12"}},
			"ERP__c", "no", "standard", 1, 1, 1, 0, 1, 1},
		{"equal rows are one customer", table{{"Id", "ERP__c"}, {"a1", "11"}}, table{{"no"}, {"11"}, {"11"}},
			"ERP__c", "no", "standard", 1, 1, 1, 0, 1, 1},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			found := discover(t, discoverPlan(t, test.accounts, test.customers))
			got := trialOf(found.Pairs, test.field, test.column, test.key)
			got.Samples = nil
			want := transform.TrialFacts{Key: test.key, Prefix: got.Prefix, Keys: got.Keys, OneToOne: test.oneToOne, ByAccounts: test.byAccounts, ByCustomers: test.byCustomers,
				AccountFilled: test.inAccounts, AccountUnique: test.accountUnique, CustomerFilled: got.CustomerFilled, CustomerUnique: got.CustomerUnique, CustomerCollided: test.collided}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("wanted -, measured +\n%s", diff)
			}
		})
	}
}

// TestDiscoverSamples proves that a sample points at the pairs that the whole has, near their true counts, and that
// Measure then counts every record.
func TestDiscoverSamples(t *testing.T) {
	t.Parallel()
	const accounts, customers = 6_000, 5_000
	left, right := table{{"Id", "ERP__c", "Other__c"}}, table{{"no", "kind"}}
	for i := range accounts {
		left = append(left, []string{fmt.Sprintf("001%015d", i), fmt.Sprintf("KD-%06d", i), fmt.Sprint(i % 7)})
	}
	for i := range customers {
		right = append(right, []string{fmt.Sprintf("kd-%06d", i+2_000), fmt.Sprint(i % 5)})
	}
	plan := discoverPlan(t, left, right)
	plan.SampledKeys = 500
	found := discover(t, plan)
	if found.Modulus != 12 || found.Accounts != accounts || found.Customers != customers {
		t.Fatalf("one of %d keys of %d accounts and %d customers, want one of 12 of %d and %d", found.Modulus, found.Accounts, found.Customers, accounts, customers)
	}
	estimate := trialOf(found.Pairs, "ERP__c", "no", "standard")
	if !estimate.Estimated || estimate.OneToOne < 3_200 || estimate.OneToOne > 4_800 {
		t.Errorf("the sample says %d one to one, estimated %v; 4,000 are", estimate.OneToOne, estimate.Estimated)
	}
	exact, err := found.Measure(t.Context(), []transform.Trial{{AccountField: "ERP__c", CustomerColumn: "no", Key: "standard"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := trialOf(exact, "ERP__c", "no", "standard"); got.OneToOne != 4_000 || got.Estimated || got.CustomerFilled != customers || len(exact) != 1 || len(exact[0].Trials) != 1 {
		t.Errorf("measured %+v of %d pairs, want 4,000 one to one of this pair and key alone", got, len(exact))
	}
}

func TestDiscoverRefuses(t *testing.T) {
	t.Parallel()
	plan := discoverPlan(t, table{{"Id"}, {"a"}}, table{{"no"}, {"1"}})
	plan.AccountFields = append(plan.AccountFields, transform.DiscoverColumn{Name: "Gone__c"})
	if _, err := openDatabase(t, nil).Discover(t.Context(), statements.Discovery, plan); err == nil || !strings.Contains(err.Error(), "Gone__c") {
		t.Errorf("a field that the stage lacks: %v", err)
	}
}

// TestQuestionsAreWritten holds the statements that stand beside the link to the form of the others, and to what they
// say that they read.
func TestQuestionsAreWritten(t *testing.T) {
	t.Parallel()
	header := regexp.MustCompile(`^-- purpose: \S.*\n-- reads: (\w+(?:, \w+)*); writes: \w+\n`)
	from := regexp.MustCompile(`\b(?:FROM|JOIN) (\w+)`)
	inner := regexp.MustCompile(`(?m)(?:^WITH (?:RECURSIVE )?|^)(\w+) AS \(`)
	checked := 0
	for _, files := range []fs.FS{statements.Discovery, statements.Explanation} {
		err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := fs.ReadFile(files, name)
			text := string(data)
			found := header.FindStringSubmatch(text)
			if found == nil {
				t.Errorf("%s does not open with its purpose and what it reads and writes", name)
				return err
			}
			checked++
			told := strings.Split(found[1], ", ")
			for _, table := range told {
				if table != "none" && !strings.Contains(withoutComments(text), table) {
					t.Errorf("%s speaks of %s and does not use it", name, table)
				}
			}
			for _, match := range inner.FindAllStringSubmatch(text, -1) {
				told = append(told, match[1])
			}
			for _, match := range from.FindAllStringSubmatch(strings.ReplaceAll(withoutComments(text), "DISTINCT FROM", ""), -1) {
				if !slices.Contains(told, match[1]) {
					t.Errorf("%s reads %s and does not say so", name, match[1])
				}
			}
			if strings.Contains(text, "\t") || strings.Contains(text, " \n") || !strings.HasSuffix(text, "\n") {
				t.Errorf("%s is not formatted", name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if checked < 20 {
		t.Errorf("%d statements were checked, want all of two folders", checked)
	}
}
