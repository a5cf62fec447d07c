package transform_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"crosswalk/transform"
)

// nearSets is how many sets of records TestNearMissReference links at once. A set is an org and an ERP of its own.
var nearSets = flag.Int("near-sets", 10, "sets of records that are linked together, at most 500, when near misses are held against plain Go")

// nearBatches is how many times sets are linked together; make properties plays them all.
var nearBatches = flag.Int("near-batches", 40, "batches of sets at most when near misses are held against plain Go; fewer with -short")

// code spells the number of a set in the digits 2 to 9, which no letter looks like, or in other characters. Neighbours
// differ in several places.
func code(set, length int, characters string) string {
	base, size := len(characters), 1
	for range length {
		size *= base
	}
	number, spelled := (set+1)*7919%size, make([]byte, length)
	for i := range spelled {
		spelled[i] = characters[number%base]
		number /= base
	}
	return string(spelled)
}

const (
	plainDigits  = "23456789"
	plainLetters = "BCDFGHJKMNPQRSTVWZ"
)

// nearFamilies are identifiers that are one or two differences, letters or edits apart, with some that only look so. No
// identifier of one set is anything like one of another set, so that sets may be linked together.
func nearFamilies(set int) [][]string {
	five, four, eight := "1"+code(set, 4, plainDigits), code(set, 4, plainDigits), "9"+code(set, 5, plainDigits)+"32"
	few := code(set, 1+min(set/8, 2), plainDigits)
	id, first, last := "D"+code(set, 6, plainDigits), code(set, 3, plainLetters), "A"+code(set, 3, plainLetters)
	return [][]string{
		{"000" + five, five, five + ".0", "DE-" + five, five[:2] + "-" + five[2:], five[:2] + " " + five[2:], five + "-X", "I" + five[1:], "0" + five[:2] + "," + five[2:], five + ",00", "TW-" + five, "DE-KD-" + five},
		{"KD-" + four + "AO", "kd-" + four + "ao", "KD" + four + "A0", "KD " + four + "AO", "ＫＤ-" + four + "AO", "KD-\u200b" + four + "AO", four + "AO", "KD-0" + four + "AO", "KD." + four + ".AO"},
		{eight, eight[:6] + "23", eight[:7], eight[:7] + "3", eight + "1", eight + "\u00a0", "00" + eight},
		{"001" + id + "IqhSL", "001" + id + "IqhSLIAZ", "001" + id + "iqhSLIAZ", "001" + id + "IqhSLIAA", "001" + strings.ToLower(id) + "iqhsl", "001" + id + "IqhSM", id + "IqhSL"},
		{first + "-" + last, strings.ToLower(first + last), "XY-" + first + "-" + last, first + "-" + last + "-GH", few, "00" + few, few + ".0", "-", "0"},
	}
}

// drawNearSet draws the records of a set, whose names are its own as well.
func drawNearSet(t *rapid.T, set int) world {
	draw := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(t, label) }
	w := world{
		accounts:  table{{"Id", "Name", "IsDeleted", "One__c", "Two__c", "Billing__c"}},
		contacts:  table{{"Id", "AccountId"}},
		customers: table{{"customer_id", "customer_name", "one", "two", "remark"}},
	}
	identifiers := []string{""}
	for range rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "families") {
		identifiers = append(identifiers, rapid.SampledFrom(nearFamilies(set)).Draw(t, "family")...)
	}
	acme, beta := code(set, 8, plainLetters[:9]), code(set, 8, plainLetters[9:]) // no letter in common
	names := []string{"", acme, acme, beta}
	prefix := "001D" + code(set, 6, plainDigits)
	ids := []string{prefix + "IqhSLIAZ", prefix + "IqhSMIAZ", prefix + "00000AAA"}
	for i := range rapid.IntRange(1, 7).Draw(t, "accounts") {
		if i >= len(ids) {
			ids = append(ids, fmt.Sprintf("%s%05dAAA", prefix, i))
		}
		w.accounts = append(w.accounts, []string{ids[i], draw(names, "name"), draw(deleted, "deleted"), draw(identifiers, "one"), draw(append(identifiers, "", ""), "two"), ""})
	}
	for range rapid.IntRange(1, 7).Draw(t, "customers") {
		w.customers = append(w.customers, []string{draw(identifiers, "id"), draw(names, "name"), draw(append(slices.Clone(ids), "", ""), "one"), draw(append(identifiers, "", ""), "two"), "set " + strconv.Itoa(set)})
	}
	return w
}

// nearBatch is some sets under one plan.
type nearBatch struct {
	plan transform.Plan
	sets []world
}

func drawNearBatch(t *rapid.T) nearBatch {
	b := nearBatch{plan: drawPlan(t)}
	b.plan.Lookups = nil
	for set := range *nearSets {
		b.sets = append(b.sets, drawNearSet(t, set))
	}
	return b
}

// together is the sets as one world.
func (b nearBatch) together() world {
	w := world{plan: b.plan}
	for _, set := range b.sets {
		if w.accounts == nil {
			w.accounts, w.contacts, w.customers = set.accounts[:1:1], set.contacts[:1:1], set.customers[:1:1]
		}
		w.accounts, w.customers = append(w.accounts, set.accounts[1:]...), append(w.customers, set.customers[1:]...)
	}
	return w
}

// TestNearMissReference holds every status, cause and candidate against plain Go, and the words against another order
// of the rows. Plain Go judges each set by itself; the statements see them all at once.
func TestNearMissReference(t *testing.T) {
	t.Parallel()
	causes, played := map[string]int{}, 0
	batches, failed := *nearBatches, false
	if testing.Short() {
		batches = min(batches, 10)
	}
	rapid.Check(t, func(r *rapid.T) {
		if batches--; batches < 0 && !failed { // a failing batch is played again until it is small
			return
		}
		batch := drawNearBatch(r)
		want := map[string]int{} // the set of each row
		var rows [][]string
		for i, set := range batch.sets {
			judged := referenceLink(t, batch.plan, set.accounts, set.contacts, set.customers)
			for _, miss := range slices.Concat(judged.customerMisses, judged.accountMisses) {
				causes[miss.cause]++
			}
			for _, row := range judged.outputs()["exceptions"] {
				want[strings.Join(row, " | ")] = i
				rows = append(rows, row)
			}
		}
		played += len(batch.sets)
		drawn := batch.together()
		first := linkWorld(t, drawn, 1)
		if diff := cmp.Diff(sortedRows(rows), sortedRows(withoutWords(readRows(t, first["exceptions"])))); diff != "" {
			failed = true
			r.Fatalf("exceptions of %+v: want -, found +\n%s\n%v", batch.plan.Rules, diff, batch.differing(t, want, first["exceptions"]))
		}
		if rapid.IntRange(0, 3).Draw(r, "shuffle") != 0 {
			return
		}
		shuffled := drawn
		seed := rapid.Uint64().Draw(r, "seed")
		for _, rows := range []*table{&shuffled.accounts, &shuffled.customers} {
			*rows = slices.Clone(*rows)
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(*rows)-1, func(i, j int) { (*rows)[i+1], (*rows)[j+1] = (*rows)[j+1], (*rows)[i+1] })
		}
		if diff := cmp.Diff(first, linkWorld(t, shuffled, 2)); diff != "" {
			failed = true
			r.Fatalf("another order of the rows gives other outputs:\n%s", diff)
		}
	})
	t.Logf("%d sets of records, near misses by cause: %v", played, causes)
}

// differing are the sets of which a wanted row was not found.
func (b nearBatch) differing(t *testing.T, want map[string]int, found string) string {
	t.Helper()
	rows, shown := sortedRows(withoutWords(readRows(t, found))), map[int]bool{}
	var text strings.Builder
	for row, set := range want {
		if _, there := slices.BinarySearch(rows, row); !there && !shown[set] {
			shown[set] = true
			fmt.Fprintf(&text, "set %d:\n%q\n%q\n", set, b.sets[set].accounts[1:], b.sets[set].customers[1:])
		}
	}
	return text.String()
}
