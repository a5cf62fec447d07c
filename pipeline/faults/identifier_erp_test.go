package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The second half of section E: what the identifiers of a snapshot look like.
var identifierFileFaults = []fault{
	{id: "F100", what: "leading zeros, in every row and in the last of 30,000", points: []point{
		{name: "in the last row", want: differs(), before: func(w *world) {
			var rows []map[string]string
			for i := range many(3_000, 30_000) {
				rows = append(rows, plantedCustomer(fmt.Sprintf("Plain %d", i), fmt.Sprint(10_000_000+i*7)))
			}
			w.grow("customers.csv", append(rows, plantedCustomer("Last", "00123"), plantedCustomer("Other", "123"))...)
			w.grow("org/Account.csv", plantedAccount(1, "Zeros", "00123"), plantedAccount(2, "Plain", "123"))
		}, after: func(w *world, _ outcome) {
			w.linkedTo("Last", "00123", 1)
			w.linkedTo("Other", "123", 2)
		}},
		{name: "in every row", want: differs(), env: unlimited, before: func(w *world) {
			var rows []map[string]string
			for i := range 500 {
				rows = append(rows, plantedCustomer(fmt.Sprintf("Zeros %d", i), fmt.Sprintf("%08d", 4_700_001+i)))
			}
			header, _, _ := strings.Cut(string(w.read("customers.csv")), "\n")
			w.replaceText("customers.csv", header+"\n"+w.lines("customers.csv", rows))
			w.grow("org/Account.csv", plantedAccount(1, "Zeros", "04700047"), plantedAccount(2, "Plain", "4700048"))
		}, after: func(w *world, _ outcome) {
			kept := map[string]string{}
			for _, row := range w.table("customers") {
				kept[row["customer_name"]] = row["identifier"]
			}
			for i := range 500 {
				if got, want := kept[fmt.Sprintf("Zeros %d", i)], fmt.Sprintf("%08d", 4_700_001+i); got != want {
					w.v.errorf("%q was published as %q", want, got)
				}
			}
			w.linkedTo("Zeros 46", "04700047", 1)
			w.customerIs("Zeros 47", "near_miss", "leading_zeros")
		}},
	}},
	{id: "F101", what: "identifiers that a spreadsheet made 1.23E+10", points: []point{
		{name: "three of them", want: refused(exitInput, "the first of 3 identifiers", "line", "customer_id"), before: customers("1.23E+10", "4.5E+3", "1.23E+10"), after: placed(`"1.23E+10"`)},
		{name: "with a comma", want: refused(exitInput, "the first of 1 identifier", "line"), before: customers("47", "1,23E+10"), after: placed(`"1,23E+10"`)},
		{name: "1E10 and 12E5 may be identifiers", want: differs(), before: customers("1E10", "12E5", "1.E+5", "E+5"), after: func(w *world, _ outcome) {
			for i, identifier := range []string{"1E10", "12E5", "1.E+5", "E+5"} {
				w.keeps(w.only(w.table("customers"), "customer_name", fmt.Sprintf("Planted %d", i)), "identifier", identifier)
			}
		}},
	}},
	{id: "F102", what: "identifiers that a spreadsheet made 123.0", points: []point{
		{name: "without a rule", want: differs(), before: decimalIDs, after: func(w *world, _ outcome) {
			w.customerIs("Planted 0", "near_miss", "trailing_decimal")
			w.keeps(w.only(w.table("customers"), "customer_name", "Planted 0"), "identifier", "470047.0")
			if causes := w.causes(); causes["trailing_decimal"] < 1 {
				w.v.errorf("the manifest counts no customer for a trailing decimal: %v", causes)
			}
		}},
		{name: "with strip_decimal", want: differs(), config: key("[trim, strip_decimal]"), env: unlimited, before: decimalIDs, after: func(w *world, _ outcome) { w.linkedTo("Planted 0", "470047.0", 1) }},
	}},
	{id: "F103", what: "identifiers of 20 to 38 digits that differ in the last", points: []point{{name: "kept apart", want: differs(), before: func(w *world) {
		var ids []string
		var accounts []map[string]string
		for i, digits := range []int{20, 25, 30, 38} {
			for last := range 2 {
				id := strings.Repeat("9", digits-1) + fmt.Sprint(last)
				ids = append(ids, id)
				accounts = append(accounts, plantedAccount(2*i+last, "Long "+id, id))
			}
		}
		customers(ids...)(w)
		w.grow("org/Account.csv", accounts...)
	}, after: func(w *world, _ outcome) {
		for i, digits := range []int{20, 25, 30, 38} {
			w.linkedTo(fmt.Sprintf("Planted %d", 2*i), strings.Repeat("9", digits-1)+"0", 2*i)
			w.linkedTo(fmt.Sprintf("Planted %d", 2*i+1), strings.Repeat("9", digits-1)+"1", 2*i+1)
		}
	}}}},
	{id: "F104", what: "customers twice: equal rows, different rows", points: []point{
		{name: "equal rows", want: same(), before: func(w *world) {
			text := string(w.read("customers.csv"))
			_, rows, _ := strings.Cut(text, "\n")
			w.replaceText("customers.csv", text+rows+rows)
		}, after: func(w *world, o outcome) {
			w.sameTables(o)
			if m := w.told(); m.Inputs.ERP.Rows != 3*93 || m.Inputs.ERP.Dropped < 2*93 {
				w.v.errorf("%d rows, %d dropped; want 279 rows, of which at least 186 are dropped", m.Inputs.ERP.Rows, m.Inputs.ERP.Dropped)
			}
		}},
		{name: "different rows", want: differs(), before: func(w *world) {
			w.grow("customers.csv", plantedCustomer("Twin 1", "TWIN"), plantedCustomer("Twin 2", "TWIN"), plantedCustomer("Twin 3", " twin "))
			w.grow("org/Account.csv", plantedAccount(1, "Twin A", "TWIN"), plantedAccount(2, "Twin B", "TWIN"))
			w.grow("org/Contact.csv", plantedContact(1, "Of Twin A"))
		}, after: func(w *world, _ outcome) {
			for _, table := range []string{"links", "contacts"} {
				for _, row := range w.table(table) {
					if strings.EqualFold(strings.TrimSpace(row["customer_id"]), "twin") {
						w.v.errorf("%s links a customer that stands there three times", table)
					}
				}
			}
			for _, name := range []string{"Twin 1", "Twin 2", "Twin 3"} {
				if status := w.only(w.table("customers"), "customer_name", name)["status"]; status != "duplicate_identifier" && status != "key_collision" {
					w.v.errorf("%s is %s", name, status)
				}
			}
		}},
	}},
	{id: "F105", what: "identifiers that say there is none: empty, -, 0, N/A, spaces", points: []point{{name: "never joined", want: differs(), before: func(w *world) {
		var accounts []map[string]string
		for i, blank := range blanks {
			accounts = append(accounts, plantedAccount(i, fmt.Sprintf("Blank %d", i), blank))
		}
		customers(blanks...)(w)
		w.grow("org/Account.csv", accounts...)
	}, after: func(w *world, _ outcome) {
		accounts := w.table("accounts")
		for i := range blanks {
			w.customerIs(fmt.Sprintf("Planted %d", i), "blank_identifier", "")
			w.keeps(w.only(accounts, "account_name", fmt.Sprintf("Blank %d", i)), "status", "blank_identifier")
		}
	}}}},
	{id: "F108", what: "a damaged Parquet file", points: damagedParquet()},
	{id: "F109", what: "Parquet of other codecs and types", points: parquetTypes()},
	{id: "F110", what: "the columns of a Parquet file renamed, reordered, nullable", points: parquetDrift()},
	{id: "F112", what: "the link to the snapshot is led to another file", points: ledAway()},
}

// blanks are identifiers that are none.
var blanks = []string{"", "-", "0", "N/A", "n/a", "NULL", "None", "unknown", "TBD", " ", "\u00a0", "\t", " - ", "\u200b", "\ufeff0", "\u3000n/a\u2009"}

// key sets the key of the rule.
func key(steps string) func(string) string {
	return replaced("    erp: customer_id\n", "    erp: customer_id\n    key: "+steps+"\n")
}

// customers plants a customer for each identifier: Planted 0, Planted 1 and so on.
func customers(identifiers ...string) func(*world) {
	return func(w *world) {
		var rows []map[string]string
		for i, identifier := range identifiers {
			rows = append(rows, plantedCustomer(fmt.Sprintf("Planted %d", i), identifier))
		}
		w.grow("customers.csv", rows...)
	}
}

func decimalIDs(w *world) {
	customers("470047.0")(w)
	w.grow("org/Account.csv", plantedAccount(1, "Decimal", "470047"))
}

// linkedTo holds that a customer kept its identifier and is linked to the planted account n alone.
func (w *world) linkedTo(customer, identifier string, n int) {
	w.v.t.Helper()
	row := w.only(w.table("customers"), "customer_name", customer)
	w.keeps(row, "identifier", identifier)
	w.keeps(row, "status", "linked")
	w.keeps(row, "account_ids", plantedAccount(n, "", "")["Id"])
}

// customerIs holds the outcome of a customer.
func (w *world) customerIs(customer, status, reason string) {
	w.v.t.Helper()
	row := w.only(w.table("customers"), "customer_name", customer)
	w.keeps(row, "status", status)
	w.keeps(row, "reason", reason)
}

// ledAway has a link in the place of the snapshot, which leads to a secret sooner or later.
func ledAway() []point {
	const secret = "of the system: " + canarySecret + "\n"
	to := func(w *world, target string) {
		link := filepath.Join(w.dir, "customers.csv")
		_ = os.Remove(link)
		if err := os.Symlink(target, link); err != nil {
			w.v.fatalf("%v", err)
		}
	}
	asLink := func(w *world) {
		w.write("secret.txt", secret, 0o600)
		w.write("people.txt", canaryCustomer+","+canaryPhone+"\n", 0o600)
		w.write("whole.csv", string(w.read("customers.csv")), 0o600)
		w.replaceFile(func(path string) error { return os.Symlink("whole.csv", path) })
		w.later(func() {
			w.remove(filepath.Join(w.dir, "secret.txt"))
			w.remove(filepath.Join(w.dir, "whole.csv"))
			w.remove(filepath.Join(w.dir, "people.txt"))
		})
	}
	points := []point{{name: "to the file itself", want: recovered(), before: asLink}}
	for _, target := range []string{"/etc/passwd", "secret.txt", "people.txt", "/proc/self/environ", "/dev/zero", "/"} {
		points = append(points,
			point{name: "to " + target, want: refused(exitInput), before: func(w *world) { asLink(w); to(w, target) }},
			point{name: "to " + target + " while it signs in", want: refused(exitInput), before: asLink, play: func(w *world) outcome {
				return w.meanwhile("/oauth2/token", func() { to(w, target) })
			}})
	}
	return append(points, point{name: "to /etc/passwd once it was read", want: recovered(), before: asLink, play: func(w *world) outcome {
		o := w.meanwhile("/query", func() {
			w.untilStaged("erp")
			to(w, "/etc/passwd")
		})
		to(w, "whole.csv")
		return o
	}})
}

// untilStaged waits until a source has parts in the stage of the run under way.
func (w *world) untilStaged(source string) {
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if parts, _ := filepath.Glob(filepath.Join(w.dir, "state", "stages", ".incoming-*", source, "*", "*.parquet")); len(parts) > 0 {
			time.Sleep(200 * time.Millisecond) // it is held against the file once more
			return
		}
	}
}

// snapshotCases are those of section E in the order of their ids.
func snapshotCases() []fault {
	all := slices.Concat(snapshotFaults, identifierFileFaults)
	slices.SortFunc(all, func(a, b fault) int { return strings.Compare(a.id, b.id) })
	return all
}
