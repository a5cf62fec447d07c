package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Section F: what identifiers become, and who links.
var identifierFaults = []fault{
	{id: "F113", what: "full-width digits, ligatures, superscripts", points: pairs("",
		pair{"ＰＬ４７１", "PL471", "linked"}, pair{"oﬀer472", "offer472", "linked"}, pair{"X²473", "X2473", "linked"}, pair{"①474", "1474", "linked"}, pair{"e\u0301475", "é475", "linked"})},
	{id: "F114", what: "zero width, soft hyphens, marks of direction", points: pairs("",
		pair{"PL\u200b471", "PL471", "linked"}, pair{"PL\u200c472", "PL472", "linked"}, pair{"\ufeffPL473", "PL473", "linked"}, pair{"PL\u2060474", "PL474", "linked"},
		pair{"PL\u00ad475", "PL475", "linked"}, pair{"\u202ePL476\u202c", "PL476", "linked"}, pair{"PL477", "PL\u200d477", "linked"})},
	{id: "F116", what: "NBSP, thin spaces, tabs, spaces at the ends", points: pairs("",
		pair{"\u00a0PL471\u2009", "PL471", "linked"}, pair{"\tPL472 ", "PL472", "linked"}, pair{"PL\u00a0473", "PL 473", "linked"}, pair{"PL \t 474", "PL 474", "linked"}, pair{"PL 475", "PL475", "near_miss"})},
	{id: "F117", what: "Turkish i, sharp s, long s, final sigma", points: pairs("",
		pair{"straße471", "STRASSE471", ""}, pair{"İX472", "iX472", ""}, pair{"ıX473", "IX473", ""}, pair{"ΣΑΣ474", "σας474", "linked"}, pair{"ſoft475", "SOFT475", "linked"}, pair{"STRAẞE476", "straße476", "linked"})},
	{id: "F118", what: "Salesforce ids of 15 and 18 characters, of other case, with a wrong suffix", points: recordIDs()},
	{id: "F119", what: "leading zeros with a rule and without", points: slices.Concat(
		pairs("", pair{"0004710471", "4710471", "near_miss"}), pairs("[trim, strip_leading_zeros]", pair{"0004710471", "4710471", "linked"}, pair{"4710472", "04710472", "linked"}))},
	{id: "F120", what: "two identifiers become one key", points: []point{{
		name: "reported, not merged", want: differs(), before: func(w *world) {
			customers("Same 471", "SAME 471", "Lone 472")(w)
			w.grow("org/Account.csv", plantedAccount(1, "Same", "same 471"), plantedAccount(2, "Lone", "lone 472"))
		}, after: func(w *world, _ outcome) {
			w.customerIs("Planted 0", "key_collision", "casefold")
			w.customerIs("Planted 1", "key_collision", "casefold")
			w.linkedTo("Planted 2", "Lone 472", 2)
		},
	}}},
	{id: "F121", what: "identifiers that are hard to normalise, or no text at all", points: []point{
		{name: "invalid UTF-8 in the snapshot", want: refused(exitInput, "UTF-8"), after: within(10 * time.Second), before: func(w *world) { customers("a\xff\xcc\x81\xed\xa0\x80b")(w) }},
		{name: "ten thousand marks", want: differs(), after: within(40 * time.Second), before: func(w *world) {
			customers(hardTexts...)(w)
		}},
		{name: "each in a second, by the engine", want: expectation{codes: []int{0}, silent: true}, play: keysInTime},
	}},
	{id: "F122", what: "the key of a key is the key, in SQL as in Go", points: []point{
		{name: "random identifiers", want: differs(), play: sameKeys, env: unlimited},
		{name: "a million, by the engine", want: expectation{codes: []int{0}, silent: true}, play: manyKeys},
	}},
	{id: "F123", what: "one customer and several accounts, several of both", points: []point{
		{name: "one to three", want: differs(), before: shares, after: func(w *world, _ outcome) {
			w.keeps(w.only(w.table("customers"), "customer_name", "Planted 0"), "status", "linked_many")
			w.links("MANY 471", 3)
			w.links("BOTH 472", 0)
		}},
		{name: "two to two, which may be", want: differs(), before: shares, env: unlimited, config: replaced("    erp: customer_id\n", "    erp: customer_id\n    many: both\n"), after: func(w *world, _ outcome) {
			w.links("MANY 471", 3)
			w.links("BOTH 472", 4)
		}},
	}},
	{id: "F124", what: "a key of nothing never meets another", points: pairs("[digits_only]", pair{"abc", "xyz", ""}, pair{"...", "abd", ""}, pair{"\u200b\u200b", "\u00ad", "blank_identifier"}, pair{"", "", "blank_identifier"}, pair{"a471471b", "c471471", "linked"})},
	{id: "F125", what: "the rows of the inputs in another order, and the pages of Bulk", setting: setting{options: optionsWith(47)}, points: shuffledPoints()},
	{id: "F126", what: "the links against a join in plain Go", points: []point{{name: "random sets", want: differs(), play: joinedAlike, config: replaced("memory: 512MiB", "memory: 2GiB")}}},
}

// pair is the identifier of a customer and that of an account, and what becomes of the customer; without a status, whatever
// is no link.
type pair struct{ customer, account, status string }

func pairs(steps string, all ...pair) []point {
	p := point{name: fmt.Sprintf("%d pairs %s", len(all), steps), want: differs(), before: func(w *world) {
		var ids []string
		var accounts []map[string]string
		for i, p := range all {
			ids = append(ids, p.customer)
			accounts = append(accounts, plantedAccount(i, fmt.Sprintf("Account %d", i), p.account))
		}
		customers(ids...)(w)
		w.grow("org/Account.csv", accounts...)
	}, after: func(w *world, _ outcome) {
		for i, p := range all {
			row := w.only(w.table("customers"), "customer_name", fmt.Sprintf("Planted %d", i))
			switch {
			case p.status == "linked":
				w.linkedTo(fmt.Sprintf("Planted %d", i), p.customer, i)
			case p.status != "":
				w.keeps(row, "status", p.status)
			case row != nil && strings.HasPrefix(row["status"], "linked"):
				w.v.errorf("%q is linked to %q", p.customer, p.account)
			}
		}
	}}
	if steps != "" {
		p.config, p.env = key(steps), unlimited
	}
	return []point{p}
}

// links counts the links of an identifier of a customer.
func (w *world) links(identifier string, want int) {
	w.v.t.Helper()
	found := 0
	for _, row := range w.table("links") {
		if row["customer_id"] == identifier {
			found++
		}
	}
	if found != want {
		w.v.errorf("%d links of %s, want %d", found, identifier, want)
	}
}

// shares are a customer with three accounts, and two customers of one identifier with two.
func shares(w *world) {
	customers("MANY 471", "BOTH 472", "BOTH 472")(w)
	w.grow("org/Account.csv", plantedAccount(1, "A", "MANY 471"), plantedAccount(2, "B", "many 471"), plantedAccount(3, "C", "MANY  471"), plantedAccount(4, "D", "BOTH 472"), plantedAccount(5, "E", "BOTH 472"))
}

// recordIDs link by the id of the account that the ERP keeps.
func recordIDs() []point {
	upper, lower := recordID("001000000CASE11"), recordID("001000000case11")
	kept := []struct{ id, account, reason string }{
		{upper[:15], upper, ""}, {lower[:15], lower, ""}, {upper, upper, ""}, {lower, lower, ""}, {upper[:15] + lower[15:], "", "bad_salesforce_id"},
		{upper[:14], "", "bad_salesforce_id"}, {strings.ToLower(upper), "", "salesforce_id_length"},
	}
	return []point{{name: "by Account.Id", want: differs(), env: unlimited, before: func(w *world) {
		var rows []map[string]string
		for i, c := range kept {
			rows = append(rows, with(plantedCustomer(fmt.Sprintf("Planted %d", i), fmt.Sprintf("PL-%d", i)), "sf_account_id", c.id))
		}
		w.grow("customers.csv", rows...)
		w.grow("org/Account.csv", with(plantedAccount(1, "Upper", ""), "Id", upper), with(plantedAccount(2, "Lower", ""), "Id", lower))
	}, config: replaced("  - salesforce: Account.ERP_Customer_ID__c\n    erp: customer_id\n", "  - salesforce: Account.Id\n    erp: sf_account_id\n"), after: func(w *world, _ outcome) {
		for i, c := range kept {
			row := w.only(w.table("customers"), "customer_name", fmt.Sprintf("Planted %d", i))
			w.keeps(row, "account_ids", c.account)
			w.keeps(row, "reason", c.reason)
			if c.reason == "" {
				w.keeps(row, "status", "linked")
			}
		}
	}}}
}

// standardKey is the standard key, in Go.
func standardKey(text string) string {
	kept := func(change func(string) string, text string) string {
		if norm.NFC.IsNormalString(text) {
			return norm.NFC.String(change(text))
		}
		return change(text)
	}
	text = norm.NFKC.String(text)
	text = kept(func(text string) string {
		return strings.Map(func(r rune) rune {
			if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Cf, unicode.Variation_Selector) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
				return -1
			}
			return r
		}, text)
	}, text)
	text = strings.Join(strings.FieldsFunc(text, unicode.IsSpace), " ")
	return kept(func(text string) string { return strings.Map(folded, text) }, text)
}

// folded is the small letter of the orbit; the letters of Cherokee, whose folding is the capital, are not drawn here.
func folded(r rune) rune {
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		if lower := unicode.ToLower(next); lower != next && unicode.ToLower(r) == r {
			return lower
		}
	}
	if unicode.SimpleFold(r) == r {
		return r // İ, whose small letter is that of I
	}
	return unicode.To(unicode.LowerCase, r)
}

// oddLetters are what random identifiers are made of.
var oddLetters = []rune("aAbBzZsSKİ019.-_/' \t\u00a0\u2009\u3000\u00ad\u200b\u200d\u2060\ufeff\u202eßẞſςΣσµμÅΩ\u0301\u0308\u0323ﬁ①ⅧｶﾞＡ０½²ª…가豈😀é")

func oddText(random *rand.Rand) string {
	var text strings.Builder
	for range 1 + random.IntN(10) {
		text.WriteRune(oddLetters[random.IntN(len(oddLetters))])
	}
	return text.String()
}

// sameKeys links thousands of random identifiers, then their keys, and holds each key against Go's. They are few, since
// the keys of 20,000 as odd as these take more memory than the 512 MiB that this configuration gives.
func sameKeys(w *world) outcome {
	random := rand.New(rand.NewPCG(122, 1))
	identifiers := make([]string, many(1_000, 2_000))
	for i := range identifiers {
		identifiers[i] = oddText(random) + fmt.Sprintf("x%dx", i) + oddText(random)
	}
	whole := string(w.read("customers.csv"))
	w.replaceText("customers.csv", whole)
	var o outcome
	for pass := range 2 {
		var rows []map[string]string
		for i, identifier := range identifiers {
			rows = append(rows, plantedCustomer(fmt.Sprintf("Planted %d", i), identifier))
		}
		w.write("customers.csv", whole+w.lines("customers.csv", rows), 0o600)
		if o = w.run(unlimited...); o.code != 0 {
			return o
		}
		found := map[string]string{}
		for _, row := range w.table("customers") {
			found[row["customer_name"]] = row["link_key"]
		}
		for i, identifier := range identifiers {
			w.v.plays++
			got := found[fmt.Sprintf("Planted %d", i)]
			if want := standardKey(identifier); got != want || pass == 1 && got != identifier {
				w.v.errorf("pass %d: the key of %+q is %+q, in Go %+q", pass, identifier, got, want)
			}
			identifiers[i] = got
		}
	}
	return o
}

// joinedAlike draws sets of customers and accounts that may share a key, links them all in one run, and joins them in Go.
func joinedAlike(w *world) outcome {
	random := rand.New(rand.NewPCG(126, 1))
	spelled := func(set int) string {
		forms := []string{"Set %d", "SET %d", " set %d", "set\u00a0%d", "ｓet %d", "set %d\u200b", "set  %d"}
		return fmt.Sprintf(forms[random.IntN(len(forms))], set)
	}
	byKey := map[string][]string{} // the ids of the accounts
	count := map[string]int{}      // of customers
	var accounts, rows []map[string]string
	for set := range many(500, 100_000) {
		for range random.IntN(4) {
			account := plantedAccount(len(accounts), fmt.Sprintf("Account %d", len(accounts)), spelled(set))
			accounts = append(accounts, account)
			byKey[standardKey(account["ERP_Customer_ID__c"])] = append(byKey[standardKey(account["ERP_Customer_ID__c"])], account["Id"])
		}
		for range max(0, random.IntN(4)-1) {
			rows = append(rows, plantedCustomer(fmt.Sprintf("Planted %d", len(rows)), spelled(set)))
			count[standardKey(rows[len(rows)-1]["customer_id"])]++
		}
		w.v.plays++
	}
	w.grow("org/Account.csv", accounts...)
	w.grow("customers.csv", rows...)
	o := w.run(crowded...)
	want := map[string]bool{}
	for _, row := range rows {
		if k := standardKey(row["customer_id"]); count[k] == 1 { // customers may not share
			for _, account := range byKey[k] {
				want[row["customer_id"]+"|"+account] = true
			}
		}
	}
	planted := 0
	for _, row := range w.table("links") {
		if link := row["customer_id"] + "|" + row["account_id"]; strings.Contains(standardKey(link), "set ") {
			planted++
			if !want[link] {
				w.v.errorf("%+q is linked, and not in Go", link)
			}
		}
	}
	if planted != len(want) || planted < 100 {
		w.v.errorf("%d links, in Go %d", planted, len(want))
	}
	return o
}
