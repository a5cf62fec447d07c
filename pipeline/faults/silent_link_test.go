package faults

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"crosswalk/sql"
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

// linkLosses change every table that a statement of the link fills: while it is filled, which DuckDB's own count of the rows
// tells, and once it stands, which its seal tells, where no sum tells it before. A change of one kind is played at each; the
// next table has the next kind, and the next row.
func linkLosses(t *testing.T) []loss {
	var losses []loss
	for i, s := range filledTables(t) {
		sealed := "rows of " + s.table + " that are not those that were written"
		losses = append(losses, withinLoss("table of "+s.name, hows[i%3], ends[i/3%3], []int{exitBug, exitUnavailable}, sealed, "82_check_sums.sql", "counts: "))
		if i%3 == 0 {
			losses = append(losses, withinLoss("result of "+s.name, hows[i/3%2], ends[i%3], []int{exitBug}, sealed))
		}
	}
	return losses
}

// filled is a statement that fills a table.
type filled struct{ name, table string }

var (
	fills   = regexp.MustCompile(`(?m)^(CREATE TABLE|INSERT INTO) `)
	written = regexp.MustCompile(`(?m)^-- reads: .*; writes: (.*)$`)
)

// neverFilled are tables without a row in these worlds, so that none can be lost: links and child accounts before the
// statement that finds them, and identifiers that an earlier rule took, of which there is no second here.
var neverFilled = []string{"30_link.sql", "46_taken.sql", "62_child_account.sql"}

// filledTables are read from the statements themselves, so that none is left out.
func filledTables(t *testing.T) []filled {
	t.Helper()
	var found []filled
	for _, pattern := range []string{"*.sql", "dialect/*.sql"} {
		names, err := fs.Glob(sql.Files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(sql.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			if fills.Match(text) && !slices.Contains(neverFilled, path.Base(name)) {
				found = append(found, filled{name, string(written.FindSubmatch(text)[1])})
			}
		}
	}
	if len(found) < 40 {
		t.Fatalf("only %d statements fill a table", len(found))
	}
	return append(found, filled{"customer_fact", "customer_fact"})
}

// scanLosses lose and repeat rows between the parts of the stage and the link, and between the link and the files.
func scanLosses() []loss {
	counts := []int{exitUnavailable, exitBug}
	var losses []loss
	for _, s := range []struct {
		view string
		by   []string
	}{
		{"staged_account_fields", []string{"read by the link", "received twice"}}, {"staged_contact_fields", []string{"read by the link", "received twice"}},
		{"staged_owner", []string{"read by the link", "received twice"}}, {"staged_note", []string{"read by the link", "received twice"}},
		{"staged_note_link", []string{"read by the link", "received twice"}}, {"account_key", []string{"82_check_sums.sql"}},
		{"customer_key", []string{"82_check_sums.sql"}}, {"owner_contact", []string{"rows of the link"}}, {"note_text", []string{"rows of the link"}},
	} {
		for i, how := range hows[:2] {
			losses = append(losses, withinLoss("scan of "+s.view, how, ends[i*2], counts, s.by...))
		}
	}
	losses = append(losses, withinLoss("scan of erp_record", "dropped", "middle", counts, "exact duplicates = accounted"))
	for i, table := range []string{"links", "accounts", "contacts", "exceptions", "notes", "customers"} {
		site := "result of customers"
		if table != "customers" {
			site = "table of " + map[string]string{"links": "70_links.sql", "accounts": "73_accounts.sql", "contacts": "74_contacts.sql", "exceptions": "75_exceptions.sql", "notes": "78_notes.sql"}[table]
		}
		losses = append(losses,
			withinLoss(site, hows[i%2], ends[i%3], counts, table+".parquet: rows = "),
			withinLoss("parquet of "+table, hows[(i+1)%2], ends[i%3], []int{exitGuard}, "rows, the table has"),
			withinLoss("csv of "+table, hows[i%3], ends[(i+1)%3], []int{exitGuard}, "does not hold the values of the Parquet file"))
	}
	return losses
}

// fetchLosses lose and repeat rows between the decoder and the stage.
func fetchLosses(api string) []loss {
	unavailable, input := []int{exitUnavailable}, []int{exitInput}
	sites := []struct {
		site  string
		codes []int
		by    []string
	}{
		{"bulk decoder", unavailable, []string{"announced"}}, {"bulk batch", unavailable, []string{"announced"}}, {"part of Account", unavailable, []string{"announced"}},
		{"file of Account", unavailable, []string{"read by the link", "received twice"}}, {"file of Contact", unavailable, []string{"read by the link", "received twice"}},
		{"file of User", unavailable, []string{"read by the link", "received twice"}}, {"file of ContentDocumentLink", unavailable, []string{"read by the link", "received twice"}},
		{"erp records", input, []string{"records, "}}, {"erp batch", input, []string{"records, "}}, {"erp parts", unavailable, []string{"rows of the snapshot"}},
		{"file of customers", unavailable, []string{"exact duplicates = accounted"}},
	}
	if api == "rest" {
		sites = sites[:3]
		sites[0].site, sites[0].by = "rest decoder", []string{"totalSize"}
		sites[1].site, sites[1].by = "rest batch", []string{"staged"}
		sites[2].by = []string{"staged"}
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
func withinLosses(t *testing.T, api string) []loss {
	t.Helper()
	losses := fetchLosses(api)
	if api == "bulk" {
		losses = slices.Concat(linkLosses(t), scanLosses(), losses)
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
	losses := withinLosses(t, api)
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
