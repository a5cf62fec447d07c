package faults

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Losses between the socket and the decoder: rows, fields, pages, line ends, locators and counts of an answer.

// wireLosses are those of an API.
func wireLosses(w *world, api string) []loss {
	if api == "rest" {
		return slices.Concat(restRows(w), restPagesLost(w), damagedValues(api), doubledIDs(w, api), carriedValues(api))
	}
	return slices.Concat(bulkRows(w), bulkCounts(w), bulkPagesLost(), damagedValues(api), doubledIDs(w, api), carriedValues(api))
}

// unavailable is a loss that the server keeps making: it must end with 4 and name what did not agree.
func unavailable(where, what, faults string, by ...string) loss {
	return loss{where: where, what: what, faults: faults, codes: []int{exitUnavailable}, by: by}
}

// bulkRows drop and repeat each row of every page: for ever, with a header that lies alike, and once.
func bulkRows(w *world) []loss {
	var losses []loss
	for _, object := range []string{"Account", "Contact"} {
		rows := int(min(47, w.rows("org/"+object+".csv")))
		for _, row := range wholeOr(rows) {
			for _, how := range []string{"drop_row", "repeat_row"} {
				lie := map[string]string{"drop_row": "{rows-1}", "repeat_row": "{rows+1}"}[how]
				strike := func(times int, more string) string {
					return fmt.Sprintf(`[{"match": {"kind": "results", "object": %q, "times": %d}, "do": {%q: %d%s}}]`, object, times, how, row, more)
				}
				what := fmt.Sprintf("%s %s %d", object, how, row)
				once := unavailable("bulk, a row", what+", once", strike(1, ""), "announced")
				once.codes = []int{0}
				losses = append(losses, unavailable("bulk, a row", what+", for ever", strike(-1, ""), "announced"))
				if !eighth(row) {
					continue
				}
				losses = append(losses, once,
					unavailable("bulk, a row", what+", and the header with it", strike(-1, fmt.Sprintf(`, "headers": {"Sforce-NumberOfRecords": %q}`, lie)), "the job processed", "announced")) // a last page that is too short to lose the row lies alone
			}
		}
	}
	return losses
}

// bulkCounts alter the counts themselves: the page's, the job's, and that of COUNT().
func bulkCounts(w *world) []loss {
	var losses []loss
	for _, value := range []string{"{rows-1}", "{rows+1}"} {
		losses = append(losses, unavailable("bulk, a count", "Sforce-NumberOfRecords "+value,
			fmt.Sprintf(`[{"match": {"kind": "results", "times": -1}, "do": {"headers": {"Sforce-NumberOfRecords": %q}}}]`, value), "announced"))
	}
	for _, object := range []string{"Account", "Contact"} {
		rows := w.rows("org/" + object + ".csv")
		for _, processed := range []int64{0, rows - 1, rows + 1} {
			losses = append(losses, unavailable("bulk, a count", fmt.Sprintf("numberRecordsProcessed of %s %d", object, processed),
				fmt.Sprintf(`[{"match": {"kind": "job_info", "object": %q, "times": -1}, "do": {"job": {"records_processed": %d}}}]`, object, processed), "the job processed"))
		}
	}
	return append(losses, counted("bulk"))
}

// counted alters what COUNT() says.
func counted(api string) loss {
	return loss{where: api + ", a count", what: "COUNT() one more", codes: []int{exitUnavailable}, by: []string{"COUNT()"}, wire: func(w *world) {
		w.edit("/query", func(body []byte) ([]byte, bool) {
			if !bytes.Contains(body, []byte(`"records":[]`)) {
				return body, false
			}
			return bytes.Replace(body, []byte(`"totalSize":`), []byte(`"totalSize":1`), 1), true
		})
	}}
}

// bulkPagesLost lose a page of the list, name one twice, and lose line ends within pages.
func bulkPagesLost() []loss {
	edited := func(what, part string, change func([]byte) ([]byte, bool), codes []int, by ...string) loss {
		return loss{where: "bulk, a page", what: what, codes: codes, by: by, wire: func(w *world) { w.edit(part, change) }}
	}
	never := []int{exitUnavailable, exitInput}
	losses := []loss{
		edited("left out of the list", "/resultpages", withoutSecondPage, never, "the job processed"),
		edited("no line end at its end", "/results", func(body []byte) ([]byte, bool) {
			return bytes.TrimRight(body, "\r\n"), bytes.HasPrefix(body, []byte(`"Id"`))
		}, []int{0, exitUnavailable, exitInput}, "ends inside a record"),
	}
	for _, line := range wholeOr(40) {
		by := []string{"quote", "record"}
		if line == 1 {
			by = []string{"header field"}
		}
		losses = append(losses, edited(fmt.Sprintf("line end %d is lost", line), "/results", func(body []byte) ([]byte, bool) {
			ends := bytes.SplitAfter(body, []byte("\"\n\""))
			if len(ends) <= line {
				return body, false
			}
			ends[line-1] = bytes.TrimSuffix(ends[line-1], []byte("\n\""))
			ends[line-1] = append(slices.Clone(ends[line-1]), '"')
			return bytes.Join(ends, nil), true
		}, never, by...))
	}
	return losses
}

// restRows drop and repeat each row of the first pages and of those that follow.
func restRows(w *world) []loss {
	var losses []loss
	for _, object := range []string{"Account", "Contact"} {
		for _, row := range wholeOr(min(40, int(w.rows("org/"+object+".csv"))-50)) {
			for _, how := range []string{"drop_row", "repeat_row"} {
				for _, match := range []string{`"kind": "query", "nth": 2`, `"kind": "query_more"`} {
					losses = append(losses, unavailable("rest, a row", fmt.Sprintf("%s %s %d of %s", object, how, row, match),
						fmt.Sprintf(`[{"match": {%s, "object": %q}, "do": {%q: %d}}]`, match, object, how, row), "totalSize"))
				}
			}
		}
	}
	return append(losses, counted("rest"))
}

// restPagesLost alter what leads from page to page, and the total that each page repeats.
func restPagesLost(w *world) []loss {
	edited := func(what, old, text string, by ...string) loss {
		return loss{where: "rest, a page", what: what, codes: []int{exitUnavailable, exitInput}, by: by, wire: func(w *world) { w.rewrite("/query", old, text) }}
	}
	rows := w.rows("org/Contact.csv")
	return []loss{
		edited("the second is skipped", `-50"`, `-100"`, "totalSize", "invalid query locator"), edited("the second is asked for again and again", `-100"`, `-50"`, "totalSize", "earlier page"),
		edited("the first says that it is the last", `"done":false`, `"done":true`, "totalSize", "last page that names a next one"),
		edited("its total is another", fmt.Sprintf(`"totalSize":%d`, rows), fmt.Sprintf(`"totalSize":%d`, rows-1), "totalSize", "COUNT()"),
	}
}

// damagedValues alter one value of a row to what its type cannot be: each row of one field, and each kind of value.
func damagedValues(api string) []loss {
	var losses []loss
	match := map[string]string{"bulk": `"kind": "results", "object": %q, "times": -1`, "rest": `"kind": "query", "object": %q, "nth": 2, "every": 1, "times": -1`}[api]
	for _, row := range wholeOr(40) {
		for _, c := range []struct{ object, field, change string }{
			{"Contact", "IsDeleted", `"value": "perhaps"`}, {"Contact", "LastName", `"hex": "ff41"`}, {"Account", "CreatedDate", `"value": "2024-13-41T99:00:00.000Z"`},
		} {
			if !eighth(row) {
				continue
			}
			losses = append(losses, loss{
				where: api + ", a value", what: fmt.Sprintf("%s.%s of row %d is %s", c.object, c.field, row, c.change), codes: []int{exitUnavailable, exitInput, exitUsage},
				faults: fmt.Sprintf(`[{"match": {`+match+`}, "do": {"alter_row": {"row": %d, "field": %q, %s}}}]`, c.object, row, c.field, c.change),
				by:     []string{c.field, "UTF-8"},
			})
		}
	}
	return losses
}

// doubledIDs give a row the id of another one: every count agrees, and one record is lost.
func doubledIDs(w *world, api string) []loss {
	rows := recordsOf(string(w.read("org", "Contact.csv")))
	match := map[string]string{"bulk": `"kind": "results", "object": "Contact"`, "rest": `"kind": "query_more", "object": "Contact"`}[api]
	var losses []loss
	for _, row := range wholeOr(20) {
		losses = append(losses, loss{
			where: api + ", an id", what: fmt.Sprintf("row %d has that of another contact", row), codes: []int{exitUnavailable, exitInput}, by: []string{"received twice"},
			faults: fmt.Sprintf(`[{"match": {%s}, "do": {"alter_row": {"row": %d, "field": "Id", "value": %q}}}]`, match, row, rows[len(rows)-1-len(rows)/3][0]),
		})
	}
	return losses
}

// carriedValues are altered to other good values, which nothing in Salesforce's answer can tell from the right ones: no
// row has a checksum of its own, and no page. What came is published.
func carriedValues(api string) []loss {
	part := map[string]string{"bulk": "/results", "rest": "/query"}[api]
	var losses []loss
	for _, c := range []struct{ field, from, to string }{
		{"Email", canaryEmail, strings.Replace(canaryEmail, "person", "nobody", 1)}, {"Phone", canaryPhone, canaryPhone[:len(canaryPhone)-1] + "9"},
	} {
		losses = append(losses, loss{
			where: api + ", a value", what: c.field + " is another good one", wire: func(w *world) { w.rewrite(part, c.from, c.to) },
			carried: func(_ *world, published string) bool {
				return strings.Contains(published, c.to) && !strings.Contains(published, c.from)
			},
		})
	}
	return losses
}
