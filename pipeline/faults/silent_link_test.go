package faults

import (
	"slices"
	"strings"
	"testing"
)

// withinLoss is a loss inside the process, and what must have caught it: one of by.
func withinLoss(site, how, row string, codes []int, by ...string) loss {
	args := []string{"run", "--run-date", faultDate, "--replay"}
	where := "within, from the stage to the files"
	if isFetched(site) {
		args[len(args)-1], where = "--fresh", "within, from the decoder to the stage"
	}
	return loss{where: where, what: site + ": a row is " + how + ", the " + row, within: site + "|" + how + "|" + row, args: args, codes: codes, by: by}
}

// isFetched tells the places that a replay does not pass.
func isFetched(site string) bool {
	return !strings.Contains(site, " of ") || strings.HasPrefix(site, "part of ") || strings.HasPrefix(site, "file of ")
}

var (
	hows = []string{"dropped", "repeated", "altered"}
	ends = []string{"first", "middle", "last"}
)

// linkLosses lose and repeat a row of each table of the link whose rows are counted a second time.
func linkLosses() []loss {
	var losses []loss
	for _, h := range heldTables {
		for i, by := range []string{h.dropped, h.repeated} {
			if by != "" {
				losses = append(losses, withinLoss("table of "+h.statement, hows[i], "middle", []int{exitBug, exitUnavailable}, by))
			}
		}
	}
	return losses
}

// sums is the check that every record has exactly one status.
const sums = "82_check_sums.sql"

// heldTables are the statements whose tables the accounting holds, and the count that tells a row dropped or repeated; none
// where that shows in no count, or in the same. The tables that are published are with the scans.
var heldTables = []struct{ statement, dropped, repeated string }{
	{"11_customer.sql", "exact duplicates = accounted", sums},
	{"13_account_identifier.sql", sums, sums},
	{"14_customer_identifier.sql", sums, ""},
	{"31_link_by_rule.sql", "", sums},
	{"40_account_contacts.sql", sums, sums},
	{"41_ranked_link.sql", "links.parquet: rows = ", sums},
	{"42_customer_link.sql", "contacts.parquet: rows = ", sums},
	{"44_account_link.sql", "", sums},
	{"44_held_account.sql", "", sums},
	{"45_cause.sql", "", "exceptions.parquet: rows = "},
	{"60_customer_outcome.sql", sums, sums},
	{"61_account_outcome.sql", sums, sums},
	{"67_primary_contact.sql", sums, sums},
	{"71_customer_result.sql", sums, sums},
	{"72_account_result.sql", "accounts.parquet: rows = ", ""},
	{"73_extra_contact_result.sql", "contacts.parquet: rows = ", ""},
	{"80_accounting.sql", sums, sums},
	{"customer_fact", "customers.parquet: rows = ", ""},
}

// scanLosses lose and repeat rows between the parts of the stage and the link, and between the link and the files.
func scanLosses() []loss {
	counts := []int{exitUnavailable, exitBug}
	var losses []loss
	for _, view := range []string{"staged_account_fields", "staged_contact_fields", "staged_owner", "staged_note", "staged_note_link"} {
		for i, how := range hows[:2] {
			losses = append(losses, withinLoss("scan of "+view, how, ends[i*2], counts, "read by the link", "received twice"))
		}
	}
	losses = append(losses,
		withinLoss("scan of account_key", "dropped", "first", counts, sums), withinLoss("scan of account_key", "repeated", "last", counts, sums),
		withinLoss("scan of customer_key", "dropped", "first", counts, sums),
		withinLoss("scan of owner_contact", "dropped", "first", counts, "rows of the link"),
		withinLoss("scan of note_text", "dropped", "first", counts, "rows of the link"), withinLoss("scan of note_text", "repeated", "last", counts, "rows of the link"))
	losses = append(losses, withinLoss("scan of erp_record", "dropped", "middle", counts, "exact duplicates = accounted"))
	for i, table := range []string{"links", "accounts", "contacts", "exceptions", "notes", "customers"} {
		site := "result of customers"
		if table != "customers" {
			site = "table of " + map[string]string{"links": "70_links.sql", "accounts": "73_accounts.sql", "contacts": "74_contacts.sql", "exceptions": "75_exceptions.sql", "notes": "78_notes.sql"}[table]
		}
		losses = append(losses, withinLoss(site, hows[i%2], ends[i%3], counts, table+".parquet: rows = "))
		if i%2 == 0 {
			losses = append(losses, withinLoss("parquet of "+table, hows[i/2%2], ends[i/2], []int{exitGuard}, "rows, the table has"))
		} else {
			losses = append(losses, withinLoss("csv of "+table, hows[i/2], ends[i/2], []int{exitGuard}, "does not hold the values of the Parquet file"))
		}
	}
	return losses
}

// fetchLosses lose and repeat rows between the decoder and the stage.
func fetchLosses(api string) []loss {
	unavailable, input, again := []int{exitUnavailable}, []int{exitInput}, []int{0}
	sites := []struct {
		site  string
		codes []int
		by    []string
	}{
		{"bulk decoder", again, nil}, {"bulk batch", again, nil}, {"part of Account", again, nil}, // the page is asked for again
		{"file of Account", unavailable, []string{"read by the link", "received twice"}}, {"file of Contact", unavailable, []string{"read by the link", "received twice"}},
		{"file of User", unavailable, []string{"read by the link", "received twice"}}, {"file of ContentDocumentLink", unavailable, []string{"read by the link", "received twice"}},
		{"erp records", input, []string{"records, "}}, {"erp batch", input, []string{"records, "}}, {"erp parts", unavailable, []string{"rows of the snapshot"}},
		{"file of customers", unavailable, []string{"exact duplicates = accounted"}},
	}
	if api == "rest" {
		sites = sites[:3]
		sites[0].site, sites[0].codes, sites[0].by = "rest decoder", unavailable, []string{"totalSize"}
		sites[1].site, sites[1].codes, sites[1].by = "rest batch", unavailable, []string{"staged"}
		sites[2].codes, sites[2].by = unavailable, []string{"staged"}
	}
	var losses []loss
	for i, s := range sites {
		for k, how := range hows[:2] {
			losses = append(losses, withinLoss(s.site, how, ends[(i+k)%3], s.codes, s.by...))
		}
	}
	return losses
}

// withinLosses are all of an API; without -whole every so many.
func withinLosses(api string) []loss {
	losses := fetchLosses(api)
	if api == "bulk" {
		losses = slices.Concat(linkLosses(), scanLosses(), losses)
	}
	if *whole {
		return losses
	}
	var sample []loss
	for i := 0; i < len(losses); i += 1 + len(losses)/5 {
		sample = append(sample, losses[i])
	}
	return sample
}

// loseWithin plays those of an API in a world that has every kind of record.
func loseWithin(t *testing.T, api string) {
	losses := withinLosses(api)
	plan(losses)
	binary, err := lossy()
	if err != nil {
		t.Fatal(err)
	}
	w := withinWorld(t, api)
	if o := w.run(); o.code != 0 { // recorded and published
		t.Fatalf("clean run: exit code %d: %s", o.code, oneLine(o.stderr))
	}
	w.lossy = binary
	for _, l := range losses {
		w.lose(l)
	}
	o := w.run() // what a refused run has recorded is not what is left
	if now := changed(w.reference.files, w.files(faultDate)); o.code != 0 || len(now) > 0 {
		t.Errorf("clean run: exit code %d, changed %v: %s", o.code, now, oneLine(o.stderr))
	}
	endLosses()
}
