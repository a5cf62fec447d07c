package transform_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// nearFamilies are identifiers that are one or two differences, letters or edits apart, with some that only look so.
var nearFamilies = [][]string{
	{"00012345", "12345", "12345.0", "DE-12345", "12-345", "12 345", "12345-X", "I2345", "012,345", "12345,00", "TW-12345", "DE-KD-12345"},
	{"KD-4711AO", "kd-4711ao", "KD4711A0", "KD 4711AO", "ＫＤ-4711AO", "KD-\u200b4711AO", "4711AO", "KD-04711AO", "KD.4711.AO"},
	{"98765432", "98765423", "9876543", "98765433", "987654321", "98765432\u00a0", "0098765432"},
	{"001D000000IqhSL", "001D000000IqhSLIAZ", "001D000000iqhSLIAZ", "001D000000IqhSLIAA", "001d000000iqhsl", "001D000000IqhSM", "D000000IqhSL"},
	{"ABC-DEF", "abcdef", "XY-ABC-DEF", "ABC-DEF-GH", "7", "007", "7.0", "-", "0"},
}

func drawNearWorld(t *rapid.T) world {
	draw := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(t, label) }
	w := world{
		accounts:  table{{"Id", "Name", "IsDeleted", "One__c", "Two__c", "Billing__c"}},
		contacts:  table{{"Id", "AccountId"}},
		customers: table{{"customer_id", "customer_name", "one", "two"}},
	}
	identifiers := []string{""}
	for range rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "families") {
		identifiers = append(identifiers, rapid.SampledFrom(nearFamilies).Draw(t, "family")...)
	}
	names := []string{"", "Acme", "Acme", "Beta"}
	ids := []string{"001D000000IqhSLIAZ", "001D000000IqhSMIAZ", "001D00000000000AAA"}
	for i := range rapid.IntRange(1, 7).Draw(t, "accounts") {
		if i >= len(ids) {
			ids = append(ids, fmt.Sprintf("001D00000000%03dAAA", i))
		}
		w.accounts = append(w.accounts, []string{ids[i], draw(names, "name"), draw(deleted, "deleted"), draw(identifiers, "one"), draw(append(identifiers, "", ""), "two"), ""})
	}
	for range rapid.IntRange(1, 7).Draw(t, "customers") {
		w.customers = append(w.customers, []string{draw(identifiers, "id"), draw(names, "name"), draw(append(slices.Clone(ids), "", ""), "one"), draw(append(identifiers, "", ""), "two")})
	}
	w.plan = drawPlan(t)
	w.plan.Lookups = nil
	return w
}

// nearWorlds is how many worlds TestNearMissReference plays; they are the same every time, and -near-worlds plays more.
var nearWorlds = flag.Int("near-worlds", 40, "random worlds that near misses are held against plain Go in")

// TestNearMissReference holds every status, cause and candidate against plain Go, and the words against another order
// of the rows.
func TestNearMissReference(t *testing.T) {
	t.Parallel()
	causes := map[string]int{}
	generator := rapid.Custom(drawNearWorld)
	for seed := range *nearWorlds {
		drawn := generator.Example(seed)
		want := referenceLink(t, drawn.plan, drawn.accounts, drawn.contacts, drawn.customers)
		outputs, first := want.outputs(), linkWorld(t, drawn, 1)
		if diff := cmp.Diff(sortedRows(outputs["exceptions"]), sortedRows(withoutWords(readRows(t, first["exceptions"])))); diff != "" {
			t.Errorf("world %d: exceptions of %+v: want -, found +\n%s\n%v\n%v", seed, drawn.plan.Rules, diff, drawn.accounts, drawn.customers)
		}
		for _, miss := range slices.Concat(want.customerMisses, want.accountMisses) {
			causes[miss.cause]++
		}
		if seed%4 != 0 {
			continue
		}
		shuffled := drawn
		for _, rows := range []*table{&shuffled.accounts, &shuffled.customers} {
			*rows = slices.Clone(*rows)
			rand.New(rand.NewPCG(uint64(seed), 0)).Shuffle(len(*rows)-1, func(i, j int) { (*rows)[i+1], (*rows)[j+1] = (*rows)[j+1], (*rows)[i+1] })
		}
		if diff := cmp.Diff(first, linkWorld(t, shuffled, 2)); diff != "" {
			t.Errorf("world %d: another order of the rows gives other outputs:\n%s", seed, diff)
		}
	}
	t.Logf("near misses by cause: %v", causes)
}
