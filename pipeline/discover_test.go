package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosswalk/fixtures"

	"github.com/google/go-cmp/cmp"
)

// fixtureConfig is a configuration that runs on the folder of an org and a snapshot.
func fixtureConfig(t *testing.T, org, snapshot, rules string) *Config {
	t.Helper()
	directory := t.TempDir()
	text := fmt.Sprintf("salesforce: {source: fixtures, fixtures: %q}\nerp: {source: {path: %q}, customer_id: customer_id, customer_name: customer_name, max_age: 0}\nlimits: {memory: 512MiB, threads: 2}\n%s", org, snapshot, rules)
	path := filepath.Join(directory, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := ReadConfig(path, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return config
}

const shippedRule = "link: [{salesforce: Account.ERP_Customer_ID__c, erp: customer_id}]\n"

func shippedFixtures(t *testing.T) *Config {
	t.Helper()
	folder, err := filepath.Abs("../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	return fixtureConfig(t, filepath.Join(folder, "org"), filepath.Join(folder, "erp", "customers.csv"), shippedRule)
}

// holdGolden compares with a file of testdata, which -update writes.
func holdGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateCheck {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s -, found +\n%s", path, diff)
	}
}

// TestDiscoverFixtures proves that the right pair comes first in both directions, with what speaks against the others.
func TestDiscoverFixtures(t *testing.T) {
	t.Parallel()
	config := shippedFixtures(t)
	found, err := Discover(t.Context(), config, DiscoverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]string{}
	for _, candidate := range found.Candidates {
		if first[candidate.Direction] == "" {
			first[candidate.Direction] = candidate.Salesforce + "=" + candidate.ERP
		}
	}
	want := map[string]string{directionSalesforce: "Account.ERP_Customer_ID__c=customer_id", directionERP: "Account.Id=sf_account_id"}
	if diff := cmp.Diff(want, first); diff != "" || found.Candidates[0].Salesforce != "Account.ERP_Customer_ID__c" {
		t.Errorf("the first of each direction\n%s", diff)
	}
	if left, err := os.ReadDir(filepath.Join(config.State.Directory, "discover")); err != nil || slices.ContainsFunc(left, os.DirEntry.IsDir) {
		t.Errorf("left %v behind (%v)", left, err)
	}
	var text bytes.Buffer
	if err := found.JSON(&text); err != nil {
		t.Fatal(err)
	}
	holdGolden(t, "discover.json", text.Bytes())
}

// competingOrg is the fixture's org with other accounts, in which several fields could hold the identifier.
func competingOrg(t *testing.T, customers int) *Config {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../fixtures/org")); err != nil {
		t.Fatal(err)
	}
	type field = map[string]any
	var describe map[string]any
	text, err := os.ReadFile(filepath.Join(folder, "Account.describe.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &describe); err != nil {
		t.Fatal(err)
	}
	fields := describe["fields"].([]any)
	like := func(name string, change field) {
		for _, one := range fields {
			if one.(field)["name"] != "ERP_Customer_ID__c" {
				continue
			}
			made := field{}
			for key, value := range one.(field) {
				made[key] = value
			}
			made["name"], made["label"] = name, name
			for key, value := range change {
				made[key] = value
			}
			fields = append(fields, made)
			return
		}
	}
	like("ERP_Key__c", field{"externalId": true, "unique": true})
	like("Old_Number__c", field{"type": "double", "soapType": "xsd:double", "precision": 18, "scale": 0, "length": 0, "externalId": false, "idLookup": false})
	like("Short__c", field{"length": 6, "externalId": false, "idLookup": false})
	like("Formula__c", field{"calculated": true, "filterable": false, "length": 1300, "externalId": false, "idLookup": false})
	like("Region__c", field{"type": "picklist", "length": 40, "externalId": false, "idLookup": false})
	describe["fields"] = fields
	if text, err = json.Marshal(describe); err != nil {
		t.Fatal(err)
	}
	accounts := []string{"Id,IsDeleted,Name,ERP_Key__c,Old_Number__c,Short__c,Formula__c,Region__c"}
	rows := []string{"customer_id,customer_name,region"}
	for i := range customers {
		id := fmt.Sprintf("%08d", 10_000+i)
		key, number, formula := "", fmt.Sprint(10_000+i), id
		if i%10 != 0 {
			key = id
		}
		if i%4 == 0 {
			number = "10001" // many were given the same
		}
		if i%3 == 0 {
			formula = ""
		}
		accounts = append(accounts, fmt.Sprintf("%s,false,Account %d,%s,%s,%s,%s,R%d", accountIDs(i), i, key, number, id[:6], formula, i%4))
		rows = append(rows, fmt.Sprintf("%s,Customer %d,R%d", id, i, i%4))
	}
	for name, text := range map[string]string{
		"Account.describe.json": string(text), "Account.csv": strings.Join(accounts, "\n") + "\n", "customers.csv": strings.Join(rows, "\n") + "\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	snapshot := filepath.Join(t.TempDir(), "customers.csv")
	if err := os.Rename(filepath.Join(folder, "customers.csv"), snapshot); err != nil {
		t.Fatal(err)
	}
	return fixtureConfig(t, folder, snapshot, "link: [{salesforce: Account.Old_Number__c, erp: customer_id}]\n")
}

// accountIDs makes ids of 18 characters whose last three are the check of fifteen digits without a capital.
func accountIDs(i int) string { return fmt.Sprintf("001%012dAAA", i) }

// TestDiscoverCompeting proves that of fields that compete the better one is first, that the reason is told, and that
// each weakness has its warning.
func TestDiscoverCompeting(t *testing.T) {
	t.Parallel()
	config := competingOrg(t, 200)
	found, err := Discover(t.Context(), config, DiscoverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string][]string{}
	var order []string
	for _, candidate := range found.Candidates {
		if candidate.ERP != "customer_id" {
			continue
		}
		order = append(order, candidate.field)
		for _, warning := range candidate.Warnings {
			codes[candidate.field] = append(codes[candidate.field], warning.Code)
		}
	}
	if len(order) < 3 || order[0] != "ERP_Key__c" || order[1] != "Old_Number__c" || order[2] != "Formula__c" {
		t.Fatalf("the order is %v, want ERP_Key__c, which 180 customers have, Old_Number__c, which 150 have, Formula__c, which 133 have", order)
	}
	for field, want := range map[string][]string{
		"Old_Number__c": {"number", "not_external_id"}, "Formula__c": {"formula"},
	} {
		for _, code := range want {
			if !slices.Contains(codes[field], code) {
				t.Errorf("%s has the warnings %v, want %s among them", field, codes[field], code)
			}
		}
	}
	if slices.Contains(codes["ERP_Key__c"], "not_external_id") {
		t.Errorf("ERP_Key__c is an external id and has the warnings %v", codes["ERP_Key__c"])
	}
	if len(found.Why) == 0 || !strings.Contains(found.Why[0], "ERP_Key__c = customer_id rather than Account.Old_Number__c = customer_id: the first links 180 of 200 customers, the second links 1") {
		t.Errorf("why the first is better: %q", found.Why)
	}
	if !strings.Contains(found.Rules, "salesforce: Account.ERP_Key__c\n    erp: customer_id\n    key: standard\n    many: accounts\n") {
		t.Errorf("the rule to paste is\n%s", found.Rules)
	}
	for _, candidate := range found.Candidates {
		if candidate.field == "Region__c" && (candidate.Likely || candidate.doubt() != "picklist") {
			t.Errorf("the picklist is likely: %+v", candidate)
		}
		if candidate.Configured != (candidate.field == "Old_Number__c" && candidate.ERP == "customer_id") {
			t.Errorf("%s = %s: configured is %v", candidate.Salesforce, candidate.ERP, candidate.Configured)
		}
	}
}

func TestMaskedAndVisible(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ why, value, visible, masked string }{
		{"plain", "KD-481", "KD-481", "AA-999"},
		{"letters of other alphabets", "Åre 東京", "Åre 東京", "Aaa aa"},
		{"zero width", "22\u200d5", "22<U+200D>5", "99<U+200D>9"},
		{"byte order mark", "\ufeff7", "<U+FEFF>7", "<U+FEFF>9"},
		{"spaces that are none", "1\u00a02", "1<U+00A0>2", "9<U+00A0>9"},
		{"a space at the ends", " None  ", "<U+0020>None<U+0020><U+0020>", "<U+0020>Aaaa<U+0020><U+0020>"},
		{"what turns the line around", "\u202e12", "<U+202E>12", "<U+202E>99"},
		{"what moves a cursor", "1\x1b[2J\n", "1<U+001B>[2J<U+000A>", "9<U+001B>[9A<U+000A>"},
		{"no UTF-8", "1\xff", "1\ufffd", "9\ufffd"},
		{"only spaces", "  ", "<U+0020><U+0020>", "<U+0020><U+0020>"},
		{"long", strings.Repeat("x", 10_000), strings.Repeat("x", 120) + "... (10,000 characters)", strings.Repeat("a", 120) + "... (10,000 characters)"},
	} {
		if got := visible(test.value); got != test.visible {
			t.Errorf("%s: visible %q, want %q", test.why, got, test.visible)
		}
		if got := maskValue(test.value); got != test.masked {
			t.Errorf("%s: masked %q, want %q", test.why, got, test.masked)
		}
	}
}

// TestRuleIsYAML proves that what is to be pasted is read back as it was meant, whatever a column is called.
func TestRuleIsYAML(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"customer_id", "Kunden Nr.", "yes", "${HOME}", "a: b", "#1", "007", "Größe"} {
		candidate := Candidate{Salesforce: "Account.ERP__c", ERP: column, Key: append(slices.Clone(standardSteps), "strip_prefix:kd: #"), Many: "accounts", Likely: true, Direction: directionSalesforce}
		folder, err := filepath.Abs("../fixtures")
		if err != nil {
			t.Fatal(err)
		}
		config := fixtureConfig(t, filepath.Join(folder, "org"), filepath.Join(folder, "erp", "customers.csv"), rulesOf([]Candidate{candidate}))
		if diff := cmp.Diff([]Rule{{Salesforce: candidate.Salesforce, ERP: column, Key: candidate.Key, Many: "accounts"}}, config.Link); diff != "" {
			t.Errorf("%q: written -, read +\n%s", column, diff)
		}
	}
}

// TestDiscoverLeavesNoJob: nobody goes on with the job of a search that failed.
func TestDiscoverLeavesNoJob(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{Faults: fault("results", "", denied(403, "API_DISABLED_FOR_ORG", "The API is not enabled"))})
	o.config.Salesforce.API = "bulk"
	if _, err := Discover(t.Context(), o.config, DiscoverOptions{AllFields: true}); ExitCode(err) != 3 {
		t.Fatalf("the search ended with %v", err)
	}
	if jobs := o.simulated.Jobs(); jobs != 0 {
		t.Errorf("%d jobs are left", jobs)
	}
}

// TestDiscoverDamagedStage: a recorded stage is proved before anything reads it.
func TestDiscoverDamagedStage(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.config.State.Directory, "stages", "run_date=2026-11-23", "salesforce", "Account", "part-000000.parquet")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{len(whole) / 3, len(whole) - 40} {
		damaged := slices.Clone(whole)
		damaged[at] ^= 4
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Discover(t.Context(), o.config, DiscoverOptions{}); ExitCode(err) != 5 {
			t.Errorf("byte %d: exit code %d, %v", at, ExitCode(err), err)
		}
	}
}
