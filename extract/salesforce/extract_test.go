package salesforce

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func TestExtractWhole(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, why string
		rows      int
		api       string
		noList    bool
		wantAPI   string
		jobs      int
	}{
		{name: "auto small", why: "2,000 rows are for REST", rows: 2_000, api: "auto", wantAPI: "rest"},
		{name: "auto large", why: "one row more is for Bulk", rows: 2_001, api: "auto", wantAPI: "bulk", jobs: 1},
		{name: "default", why: "no choice is auto", rows: 3, wantAPI: "rest"},
		{name: "rest large", why: "what is configured is kept", rows: 3_100, api: "rest", wantAPI: "rest"},
		{name: "bulk small", why: "what is configured is kept", rows: 7, api: "bulk", wantAPI: "bulk", jobs: 1},
		{name: "bulk two listings", why: "more than five pages take a second listing", rows: 12 * bulkPage, api: "bulk", wantAPI: "bulk", jobs: 1},
		{name: "bulk chain", why: "servers before v58 list no pages", rows: 12*bulkPage - 1, api: "bulk", noList: true, wantAPI: "bulk", jobs: 1},
		{name: "bulk empty", why: "F057: no rows is an answer too, for a guard to judge", rows: 0, api: "bulk", wantAPI: "bulk", jobs: 1},
		{name: "bulk empty chain", why: "F057", rows: 0, api: "bulk", noList: true, wantAPI: "bulk", jobs: 1},
		{name: "rest empty", why: "F057", rows: 0, api: "auto", wantAPI: "rest"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(c.rows)
			o.noList = c.noList
			var last, calls atomic.Int64
			got := extractAccounts(t.Context(), t, signedIn(t, o), func(r *Request) {
				r.API = c.api
				r.Progress = func(rows, total int64) {
					calls.Add(1)
					if rows < last.Swap(rows) || total != int64(c.rows) {
						t.Errorf("progress %d of %d after %d", rows, total, last.Load())
					}
				}
			})
			got.recovered(t, c.rows)
			if got.query.API != c.wantAPI || len(got.query.JobIDs) != c.jobs || got.query.CountQuery != int64(c.rows) {
				t.Errorf("%s: evidence %+v", c.why, got.query)
			}
			if got.query.Query != "SELECT Id, IsDeleted, Name FROM Account" {
				t.Errorf("query %q", got.query.Query)
			}
			if last.Load() != int64(c.rows) || calls.Load() == 0 {
				t.Errorf("progress ended at %d after %d calls", last.Load(), calls.Load())
			}
			if o.count(kindDelete) != c.jobs {
				t.Errorf("jobs deleted %d, want %d", o.count(kindDelete), c.jobs)
			}
		})
	}
}

func TestExtractDeletedRows(t *testing.T) {
	t.Parallel()
	o := newOrg(40)
	o.gone = 3
	got := extractAccounts(t.Context(), t, signedIn(t, o), func(r *Request) { r.All, r.API = true, "rest" })
	got.recovered(t, 43)
	if got.query.Deleted != 3 {
		t.Errorf("deleted %d, want 3", got.query.Deleted)
	}
}

func TestExtractQueryAllJob(t *testing.T) {
	t.Parallel()
	o := newOrg(5)
	var operation atomic.Value
	o.fault = func(kind string, _ int, _ http.ResponseWriter, r *http.Request) bool {
		if kind == kindCreate {
			body := make([]byte, 400)
			n, _ := r.Body.Read(body)
			operation.Store(string(body[:n]))
		}
		return false
	}
	extractAccounts(t.Context(), t, signedIn(t, o), func(r *Request) { r.All, r.API = true, "bulk" }).recovered(t, 5)
	want := `{"columnDelimiter":"COMMA","contentType":"CSV","lineEnding":"LF","operation":"queryAll","query":"SELECT Id, IsDeleted, Name FROM Account"}`
	if operation.Load() != want {
		t.Errorf("job %s, want %s", operation.Load(), want)
	}
}

func TestExtractKeepsJobs(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	options := testOptions(serve(t, o))
	options.KeepJobs = true
	c, err := open(t.Context(), options, quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	extractAccounts(t.Context(), t, c, nil).recovered(t, bulkRows)
	if o.count(kindDelete) != 0 {
		t.Error("the job was deleted")
	}
}

func TestExtractRefusesNames(t *testing.T) {
	t.Parallel()
	c := signedIn(t, newOrg(1))
	cases := []struct {
		why    string
		change func(*Request)
		text   string
	}{
		{"F165: an object name is no place for SOQL", func(r *Request) { r.Object = "Account WHERE Name = 'x'" }, "object name"},
		{"an object is no path", func(r *Request) { r.Object = "Account.Owner" }, "object name"},
		{"a field that is not in the schema would be lost", func(r *Request) { r.Fields = []string{"Id", "Phone"} }, `field "Phone"`},
		{"an API that does not exist", func(r *Request) { r.API = "soap" }, `api "soap"`},
	}
	for _, c2 := range cases {
		got := extractAccounts(t.Context(), t, c, c2.change)
		if got.err == nil || !strings.Contains(got.err.Error(), c2.text) {
			t.Errorf("%s: got %v", c2.why, got.err)
		}
	}
}

func TestSelectQueryRefusesInjection(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"", "Name, (SELECT Id FROM Contacts)", "Name FROM User --", "Ünicode", "a..b", ".a", "a.", "1a", "a\x00", "a b", strings.Repeat("(", 4000)} {
		if soql, err := selectQuery("Account", []string{"Id", field}); err == nil {
			t.Errorf("F165: field %q gave %q", field, soql)
		} else {
			refused := failure(t, err)
			if refused.ExitCode() != exitUsage || len(refused.Message) > 600 {
				t.Errorf("field %q: %v", field, err)
			}
		}
	}
}

// F046: what the org announces about itself must agree with what arrived.
func TestExtractCountsDisagree(t *testing.T) {
	t.Parallel()
	count := func(answers ...string) func(string, int, http.ResponseWriter, *http.Request) bool {
		return func(kind string, n int, w http.ResponseWriter, _ *http.Request) bool {
			if kind != kindCount {
				return false
			}
			send(w, `{"totalSize":`+answers[min(n, len(answers))-1]+`,"done":true,"records":[]}`)
			return true
		}
	}
	cases := []struct {
		name, why string
		answers   []string
		text      string // empty: recovered
	}{
		{"grew", "a row came while the query ran", []string{"2399", "2401"}, ""},
		{"shrank", "a row went while the query ran", []string{"2401", "2400"}, ""},
		{"settled", "the second count is what arrived", []string{"2390", "2400"}, ""},
		{"lost", "both counts say that rows are missing", []string{"2500", "2500"}, "count_query: COUNT() said 2500 before and 2500 after, received 2400"},
		{"surplus", "both counts say that there are too many", []string{"2300", "2399"}, "COUNT_QUERY"},
		{"no count", "an answer without a count is no count of 0", []string{"null"}, "without a count"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(bulkRows)
			o.fault = count(c.answers...)
			got := extractAccounts(t.Context(), t, signedIn(t, o), func(r *Request) { r.API = "bulk" })
			if c.text == "" {
				got.recovered(t, bulkRows)
				return
			}
			refusedWith(t, got.err, exitUnavailable, c.text)
		})
	}
}

func TestExtractQuota(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	o.fault = func(_ string, _ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Sforce-Limit-Info", "api-usage=79990/100000; per-app-api-usage=17/250(appName=x)")
		return false
	}
	c := signedIn(t, o)
	got := extractAccounts(t.Context(), t, c, func(r *Request) { r.API = "bulk" })
	refusedWith(t, got.err, exitUnavailable, "79990 of 100000", "quota of 0.8", "24 hours")
	if o.count(kindCreate) != 0 {
		t.Error("a job was created in spite of the quota")
	}
	if u := c.Usage(); u.Used != 79990 || u.Limit != 100000 || u.Calls != 3 {
		t.Errorf("usage %+v", u)
	}
}
