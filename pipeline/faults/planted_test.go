package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Rows that a case plants for one run, beside those that are there, and what was published of them.

// moment is when planted records were made.
const moment = "2024-05-06T07:08:09.000Z"

// plantedAccount is a living account with an identifier of its own. n tells it from others.
func plantedAccount(n int, name, identifier string) map[string]string {
	return map[string]string{
		"Id": recordID(fmt.Sprintf("001000P%08d", n)), "IsDeleted": "false", "Name": name, "OwnerId": "0055g00000FcxIxAAJ",
		"ERP_Customer_ID__c": identifier, "Is_Active__c": "true", "CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment,
	}
}

// plantedContact is a contact of the account n.
func plantedContact(n int, name string) map[string]string {
	return map[string]string{
		"Id": recordID(fmt.Sprintf("003000P%08d", n)), "IsDeleted": "false", "AccountId": recordID(fmt.Sprintf("001000P%08d", n)),
		"OwnerId": "0055g00000FcxIxAAJ", "LastName": name, "Name": name, "CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment,
	}
}

// plantedCustomer is a row of the snapshot.
func plantedCustomer(name, identifier string) map[string]string {
	return map[string]string{"customer_id": identifier, "customer_name": name, "country": "GB", "since": "2020-02-02"}
}

// with sets one more value of a row.
func with(row map[string]string, name, value string) map[string]string {
	row[name] = value
	return row
}

// grow adds rows to a CSV of the world until the point is over. Values go in quoted, byte for byte; what is empty is left
// empty without quotes, which is NULL.
func (w *world) grow(file string, rows ...map[string]string) {
	w.v.t.Helper()
	w.replaceText(file, string(w.read(file))+w.lines(file, rows))
	w.org.arm(nil)
}

// lines are rows as text under the header of the file.
func (w *world) lines(file string, rows []map[string]string) string {
	w.v.t.Helper()
	header, _, _ := strings.Cut(string(w.read(file)), "\n")
	names := strings.Split(header, ",")
	var text strings.Builder
	for _, row := range rows {
		for i, name := range names {
			if i > 0 {
				text.WriteByte(',')
			}
			if value := row[name]; value != "" {
				text.WriteString(`"` + strings.ReplaceAll(value, `"`, `""`) + `"`)
			}
		}
		text.WriteByte('\n')
		for name := range row {
			if !slices.Contains(names, name) {
				w.v.fatalf("%s has no column %s", file, name)
			}
		}
	}
	return text.String()
}

// replaceText exchanges the text of a file until the point is over.
func (w *world) replaceText(file, text string) {
	w.v.t.Helper()
	whole := string(w.read(file))
	w.write(file, text, 0o600)
	w.later(func() { w.write(file, whole, 0o600) })
}

// remove removes a file of the world.
func (w *world) remove(path string) {
	w.v.t.Helper()
	if err := os.Remove(path); err != nil {
		w.v.errorf("%v", err)
	}
}

// table is a published CSV of the date that was struck, each row by its columns.
func (w *world) table(name string) []map[string]string {
	w.v.t.Helper()
	records := recordsOf(string(w.read("out", "run_date="+faultDate, name+".csv")))
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// recordsOf splits a CSV and keeps every byte of a value; encoding/csv would make a quoted CRLF a line feed.
func recordsOf(text string) [][]string {
	var records [][]string
	var record []string
	var value []byte
	inside := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inside && c == '"' && strings.HasPrefix(text[i+1:], `"`):
			value = append(value, c)
			i++
		case c == '"':
			inside = !inside
		case inside || c != ',' && c != '\n':
			value = append(value, c)
		default:
			record, value = append(record, string(value)), value[:0]
			if c == '\n' {
				records, record = append(records, record), nil
			}
		}
	}
	return records
}

// only is the one row whose column has the value; nil, and an error, where there is none or several.
func (w *world) only(rows []map[string]string, column, value string) map[string]string {
	w.v.t.Helper()
	var found map[string]string
	for _, row := range rows {
		if row[column] != value {
			continue
		}
		if found != nil {
			w.v.errorf("several rows have %q in %s", value, column)
		}
		found = row
	}
	if found == nil {
		w.v.errorf("no row has %q in %s", value, column)
	}
	return found
}

// told is the manifest of the date that was struck.
func (w *world) told() manifest {
	w.v.t.Helper()
	var m manifest
	if err := json.Unmarshal(w.read("out", "run_date="+faultDate, "manifest.json"), &m); err != nil {
		w.v.errorf("manifest: %v", err)
	}
	return m
}

// sameRows holds that every table has the rows of a run without faults: the file differs, and with it the hash that
// stands in the Parquet files, but nothing of what it says.
func sameRows(w *world, o outcome) { w.sameTables(o) }

// sameTables is sameRows without the tables that are named.
func (w *world) sameTables(o outcome, without ...string) {
	w.v.t.Helper()
	if o.code != 0 {
		return
	}
	compared := 0
	for name, hash := range w.files(faultDate) {
		if !strings.HasSuffix(name, ".csv") || slices.Contains(without, strings.TrimSuffix(name, ".csv")) {
			continue
		}
		compared++
		if w.reference.files[name] != hash {
			w.v.errorf("%s has other rows than a run without faults publishes", name)
		}
	}
	if compared < 5-len(without) {
		w.v.errorf("only %d tables were compared", compared)
	}
}

// same is a recovery whose rows are those of a run without faults, and whose files say that they were made from another
// file or by another configuration.
func same() expectation { return expectation{codes: []int{0}, other: true} }

// published is a run that publishes what its planted rows ask for.
func differs() expectation { return expectation{codes: []int{0}, other: true} }

// unlimited lets a run lose and move what it likes: the rows of a case replace others.
var unlimited = []string{"CROSSWALK_GUARDS_MAX_DROP=1", "CROSSWALK_GUARDS_MAX_MOVED=1"}
