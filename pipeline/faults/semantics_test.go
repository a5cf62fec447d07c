package faults

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"crosswalk/fixtures"
)

// Section C: what Salesforce means.
var semanticFaults = []fault{
	{id: "F044", what: "a page has fewer rows than Sforce-NumberOfRecords", setting: bulkPages, points: []point{
		{name: "once", want: recovered(), faults: onPage(1, `"drop_row": 7`)},
		{name: "the last row, once", want: recovered(), faults: onPage(1, `"drop_row": 47`)},
		{name: "no row but the header line, once", want: recovered(), faults: onPage(1, `"empty": true`)},
		{name: "for ever", want: refused(exitUnavailable, "Contact"), faults: onPage(-1, `"drop_row": 7`)},
	}},
	{id: "F045", what: "a page has more rows than its header says", setting: bulkPages, points: []point{
		{name: "for ever", want: refused(exitUnavailable, "Contact"), faults: onPage(-1, `"repeat_row": 7`)},
	}},
	{id: "F046", what: "the pages add up to something else than numberRecordsProcessed", setting: bulkPages, points: slices.Concat(
		jobChanges(exitUnavailable, `"records_processed": 999`, `"records_processed": 1`, `"records_processed": 0`),
		[]point{
			{name: "a page missing in the list", want: refused(exitUnavailable), before: func(w *world) { w.edit("/resultpages", withoutSecondPage) }},
			{name: "both counts lie alike: the row is missing everywhere", want: refused(exitUnavailable), faults: onPage(-1, `"drop_row": 7, "headers": {"Sforce-NumberOfRecords": "{rows-1}"}`)},
		},
	)},
	{id: "F047", what: "Sforce-NumberOfRecords missing, no number, in another case", setting: bulkPages, points: []point{
		{name: "missing", want: recovered(), faults: onPage(-1, `"headers": {"Sforce-NumberOfRecords": null}`)},
		{name: "no number", want: recovered(), faults: onPage(-1, `"headers": {"Sforce-NumberOfRecords": "many"}`)},
		{name: "another case, and wrong", want: refused(exitUnavailable), faults: onPage(-1, `"headers": {"sforce-numberofrecords": "{rows-1}"}`)},
		{name: "negative", want: recovered(), faults: onPage(-1, `"headers": {"Sforce-NumberOfRecords": "-1"}`)},
		{name: "neither count", want: refused(exitUnavailable), faults: onPage(-1, `"headers": {"Sforce-NumberOfRecords": null}`),
			before: func(w *world) {
				w.rewrite("/jobs/query/750", `"numberRecordsProcessed"`, `"numberOfSomething"`)
			}},
	}},
	{
		id: "F048", what: "Sforce-Locator null too early, absent, empty, the same again", setting: setting{api: "bulk", options: fixtures.Options{BulkPage: 47, NoResultPages: true}},
		points: locatorPoints(),
	},
	{id: "F051", what: "the job is gone while it is read", setting: bulkPages, points: []point{
		{name: "once", want: recovered(), faults: `[{"match": {"kind": "results", "object": "Contact", "nth": 2}, "do": {"job": {"gone": true}}}]`, after: all(jobs("Account", 1), jobs("Contact", 2))},
		{name: "every job", want: refused(exitUnavailable, "404", "Contact"), after: all(jobs("Account", 1), jobs("Contact", 2)), faults: `[{"match": {"kind": "results", "object": "Contact", "times": -1}, "do": {"job": {"gone": true}}}]`},
	}},
	{id: "F052", what: "the job fails, with and without a message", setting: bulkPages, points: []point{
		{name: "with a message", want: refused(exitUnavailable, "fifteen times"), faults: onJob(`"state": "Failed", "error_message": "Retried more than fifteen times"`)},
		{name: "for a field", want: refused(exitUsage, "Phnoe"), faults: onJob(`"state": "Failed", "error_message": "InvalidBatch : Field name not found : Phnoe"`)},
		{name: "without", want: refused(exitUnavailable), faults: onJob(`"state": "Failed"`)},
	}},
	{id: "F053", what: "an administrator aborts the job", setting: bulkPages, points: abortedPoints()},
	{id: "F054", what: "the job is in a state that does not exist", setting: bulkPages, points: []point{
		{name: "Sleeping", want: refused(exitUnavailable, "Contact", "unknown state Sleeping", "Bulk Data Load Jobs"), faults: onJobOf("Contact", `"state": "Sleeping"`), after: all(polls("Contact", 1), readNothing("Contact"))},
		{name: "none", want: refused(exitUnavailable, "Contact", "unknown state"), faults: onJobOf("Contact", `"state": " "`), after: all(polls("Contact", 1), readNothing("Contact"))},
	}},
	{id: "F055", what: "the job never ends", setting: bulkPages, points: []point{stuckJob()}},
	{id: "F057", what: "an object has no rows", setting: bulkPages, points: noRows()},
	{id: "F058", what: "rows are gone since the last run", points: []point{
		{name: "most accounts", before: fewerAccounts, want: refused(exitGuard, "max_drop")},
		{name: "most accounts, forced", before: fewerAccounts, args: []string{"run", "--run-date", faultDate, "--force"}, want: expectation{codes: []int{0}, other: true}},
	}},
	{id: "F059", what: "the creation of the job is refused", setting: bulkPages, points: slices.Concat(
		[]point{misspelt("bulk"), misspelt("rest")},
		creations("INVALID_FIELD", "No such column 'Phnoe' on entity 'Contact'.", "Phnoe", "may not read it"), creations("MALFORMED_QUERY", "unexpected token: 'FROM'", "'FROM'", "check the fields"),
		creations("API_ERROR", "Selecting compound data not supported in Bulk Query", "compound data", "salesforce.api: rest"),
		creations("INVALIDENTITY", "Entity 'Contact' is not supported by the Bulk API.", "Entity 'Contact'", "salesforce.api: rest"),
	)},
	{id: "F061", what: "a field is hidden by field-level security", points: []point{
		{name: "the identifier", before: hidden("Account.ERP_Customer_ID__c"), want: refused(exitUsage, "Account.ERP_Customer_ID__c", "hidden by field-level security", "Read on the field"), after: readNothing("Account")},
		{name: "a field", before: hidden("Contact.Email"), want: refused(exitUsage, "Contact.Email", "hidden by field-level security", "Read on the field"), after: readNothing("Contact")},
		{name: "a field between describe and query", want: refused(exitUsage, "Contact", "'Email'", "may not read it"),
			faults: `[{"match": {"kind": "query", "object": "Contact", "regexp": "Email", "times": -1}, "do": {"status": 400, "headers": {"Content-Type": "application/json"}, "body": "[{\"errorCode\":\"INVALID_FIELD\",\"message\":\"No such column 'Email' on entity 'Contact'.\"}]"}}]`},
	}},
	{id: "F062", what: "a new field appears", points: []point{{name: "Extra__c", want: recovered(), before: newField}}},
	{id: "F063", what: "the type of a field changes", points: []point{
		{name: "identifier to double", before: retyped("Account.ERP_Customer_ID__c", "double"), want: refused(exitInput, "Account", "ERP_Customer_ID__c")},
		{name: "text to date", before: retyped("Account.Phone", "date"), want: refused(exitInput, "Account", "Phone", "date")},
	}},
	{id: "F064", what: "REQUEST_LIMIT_EXCEEDED, of the day and of the moment", setting: bulkPages, points: []point{
		{name: "of the day", want: refused(exitUnavailable, "TotalRequests", "24 hours old"), faults: complaint("job_create", -1, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), after: within(8 * time.Second)},
		{name: "of the moment", want: recovered(), faults: complaint("job_info", 2, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), after: waited(firstBackoff, 20*time.Second)},
	}},
	{id: "F065", what: "the day's query jobs, or their bytes, are used up", setting: bulkPages, points: []point{
		{name: "jobs", want: refused(exitUnavailable, "10000", "24 hours"), faults: complaint("job_create", -1, 400, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (10000) per 24 hrs has been reached")},
		{name: "bytes", want: refused(exitUnavailable, "1000000000", "24 hours"), faults: complaint("job_create", -1, 400, "LIMIT_EXCEEDED", "Max bulk v2 query result size stored (1000000000) kb per 24 hrs has been exceeded")},
	}},
	{id: "F066", what: "the session ends between two pages of REST", setting: restPages, points: []point{
		{name: "second page", want: recovered(), after: all(tokenCalls(2), queries("Account", 1, 2), queries("Contact", 2, 2)), faults: `[{"match": {"kind": "query_more", "object": "Contact", "nth": 2}, "do": {"expire": true}}]`},
		{name: "every page", want: refused(exitRefused, "INVALID_SESSION_ID"), after: all(queries("Account", 1, 6), queries("Contact", 0, 6)), faults: `[{"match": {"kind": "query_more", "times": -1}, "do": {"expire": true}}]`},
	}},
	{id: "F067", what: "INVALID_QUERY_LOCATOR at the last page of REST", setting: restPages, points: []point{
		{name: "once", want: recovered(), after: all(queries("Account", 1, 1), queries("Contact", 2, 2)), faults: complaintOf("Contact", "query_more", 4, 1, 400, "INVALID_QUERY_LOCATOR", "invalid query locator")},
		{name: "for ever", want: refused(exitUnavailable, "INVALID_QUERY_LOCATOR"), after: all(queries("Account", 0, 3), queries("Contact", 0, 3)), faults: complaint("query_more", -1, 400, "INVALID_QUERY_LOCATOR", "invalid query locator")},
	}},
	{id: "F069", what: "an account goes between the two queries", points: []point{{name: "orphans", before: orphans, want: expectation{codes: []int{0, exitGuard}, other: true}}}},
	{id: "F070", what: "an account was merged into another", points: []point{{name: "MasterRecordId", want: recovered(), after: countsDeleted}}},
}

// restPages fetches by REST, in pages of 50 rows.
var restPages = setting{api: "rest", options: fixtures.Options{RESTPage: 50}}

// onPage strikes the second page of contacts, once, or every page of them.
func onPage(times int, do string) string {
	nth := 2
	if times < 0 {
		nth = 1
	}
	return fmt.Sprintf(`[{"match": {"kind": "results", "object": "Contact", "nth": %d, "times": %d}, "do": {%s}}]`, nth, times, do)
}

func onJob(change string) string {
	return fmt.Sprintf(`[{"match": {"kind": "job_info", "times": -1}, "do": {"job": {%s}}}]`, change)
}

func jobChanges(code int, changes ...string) []point {
	var points []point
	for _, change := range changes {
		points = append(points, point{name: change, want: refused(code), faults: onJob(change)})
	}
	return points
}

func complaint(kind string, times, status int, code, message string) string {
	return complaintOf("", kind, 1, times, status, code, message)
}

func complaintOf(object, kind string, nth, times, status int, code, message string) string {
	body, _ := json.Marshal([]map[string]string{{"errorCode": code, "message": message}}) // texts cannot fail
	return fmt.Sprintf(`[{"match": {"kind": %q, "object": %q, "nth": %d, "times": %d}, "do": {"status": %d, "headers": {"Content-Type": "application/json"}, "body": %s}}]`,
		kind, object, nth, times, status, quoteJSON(string(body)))
}

func creations(code, message string, says ...string) []point {
	return []point{{
		name: code, want: refused(exitUsage, append(says, "Contact", code)...), after: all(jobs("Contact", 1), readNothing("Contact")),
		faults: complaintOf("Contact", "job_create", 1, -1, http.StatusBadRequest, code, message),
	}}
}

// edited changes the rows of the org for one run; the simulator reads them anew.
func (w *world) edited(file string, edit func(rows [][]string) [][]string) {
	w.v.t.Helper()
	whole := string(w.read("org", file))
	rows, err := csv.NewReader(strings.NewReader(whole)).ReadAll()
	if err != nil {
		w.v.fatalf("%s: %v", file, err)
	}
	var text strings.Builder
	out := csv.NewWriter(&text)
	if err := out.WriteAll(edit(rows)); err != nil {
		w.v.fatalf("%s: %v", file, err)
	}
	w.write("org/"+file, text.String(), 0o600)
	w.later(func() { w.write("org/"+file, whole, 0o600) })
	w.org.arm(nil)
}

func noRows() []point {
	var points []point
	for _, object := range []string{"Account", "Contact"} {
		empty := func(w *world) { w.edited(object+".csv", func(rows [][]string) [][]string { return rows[:1] }) }
		points = append(points,
			point{name: "no " + object, before: empty, want: expectation{codes: []int{exitInput, exitGuard}, says: []string{object}}},
			point{name: "no " + object + " by REST", before: empty, env: []string{"CROSSWALK_SALESFORCE_API=rest"}, want: expectation{codes: []int{exitInput, exitGuard}, says: []string{object}}})
	}
	return append(points, point{
		name: "no Contact, and that is all right", before: points[2].before, env: []string{"CROSSWALK_GUARDS_ALLOW_EMPTY=true", "CROSSWALK_GUARDS_MAX_DROP=1"}, want: expectation{codes: []int{0}, other: true},
	})
}

func fewerAccounts(w *world) {
	w.edited("Account.csv", func(rows [][]string) [][]string { return rows[:len(rows)/4] })
}

// orphans leaves contacts whose account is not in the other query.
func orphans(w *world) {
	w.edited("Account.csv", func(rows [][]string) [][]string { return slices.Delete(rows, 2, 5) })
}

func hidden(field string) func(*world) {
	return func(w *world) { w.org.armAs(func(o *fixtures.Options) { o.Hide = []string{field} }) }
}

func retyped(field, kind string) func(*world) {
	return func(w *world) { w.org.armAs(func(o *fixtures.Options) { o.Retype = map[string]string{field: kind} }) }
}

// newField gives Account a field that nobody asked for.
func newField(w *world) {
	w.v.t.Helper()
	whole := string(w.read("org", "Account.describe.json"))
	var described map[string]any
	if err := json.Unmarshal([]byte(whole), &described); err != nil {
		w.v.fatalf("describe: %v", err)
	}
	fields := described["fields"].([]any)
	for _, field := range fields {
		if f := field.(map[string]any); f["name"] == "Phone" {
			extra := map[string]any{}
			for k, v := range f {
				extra[k] = v
			}
			extra["name"], extra["label"] = "Extra__c", "Extra"
			described["fields"] = append(fields, extra)
		}
	}
	text, err := json.Marshal(described)
	if err != nil {
		w.v.fatalf("describe: %v", err)
	}
	w.write("org/Account.describe.json", string(text), 0o600)
	w.later(func() { w.write("org/Account.describe.json", whole, 0o600) })
	rows := string(w.read("org", "Account.csv"))
	w.write("org/Account.csv", withColumn(rows, "Extra__c", "x"), 0o600)
	w.later(func() { w.write("org/Account.csv", rows, 0o600) })
	w.org.arm(nil)
}

// withColumn adds a column to a CSV and leaves every other byte as it is.
func withColumn(text, name, value string) string {
	var out strings.Builder
	quoted := false
	cell := name
	for _, r := range text {
		if r == '"' {
			quoted = !quoted
		}
		if r == '\n' && !quoted {
			out.WriteString("," + cell)
			cell = value
		}
		out.WriteRune(r)
	}
	return out.String()
}

// countsDeleted holds that the manifest counts the deleted accounts of the org, the merged ones among them.
func countsDeleted(w *world, _ outcome) {
	var m manifest
	if err := json.Unmarshal(w.read("out", "run_date="+faultDate, "manifest.json"), &m); err != nil {
		w.v.errorf("manifest: %v", err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(w.read("org", "Account.csv")))).ReadAll()
	if err != nil {
		w.v.errorf("accounts: %v", err)
		return
	}
	deleted, merged := int64(0), 0
	for _, row := range rows[1:] {
		if row[slices.Index(rows[0], "IsDeleted")] == "true" {
			deleted++
		}
		if row[slices.Index(rows[0], "MasterRecordId")] != "" {
			merged++
		}
	}
	if merged == 0 {
		w.v.errorf("no merged account: the case proves nothing")
	}
	for _, q := range m.Inputs.Salesforce {
		if q.Object == "Account" && q.Deleted != deleted {
			w.v.errorf("the manifest counts %d deleted accounts, the org has %d", q.Deleted, deleted)
		}
	}
}

// withoutSecondPage leaves the second entry out of a list of result pages.
func withoutSecondPage(text []byte) (short []byte, struck bool) {
	var list map[string]any
	if json.Unmarshal(text, &list) != nil {
		return text, false
	}
	pages, _ := list["resultPages"].([]any)
	if len(pages) < 2 {
		return text, false
	}
	list["resultPages"] = slices.Delete(pages, 1, 2)
	short, err := json.Marshal(list)
	if err != nil {
		return text, false
	}
	return short, true
}
