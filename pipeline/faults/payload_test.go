package faults

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// The last case of section C, and section D: what the answers hold.
var payloadFaults = []fault{
	{id: "F072", what: "the org signed in to is not the configured one", points: []point{
		{name: "another org", config: organization("00D000000000001"), want: refused(exitUsage, "organization_id", "00D5g000004Fwk7")},
		{name: "another org, 18 characters", config: organization(recordID("00D000000000001")), want: refused(exitUsage, "organization_id")},
		{name: "another org by its case alone", config: organization("00D5G000004FWK7"), want: refused(exitUsage, "organization_id")},
		{name: "the org, 15 characters", config: organization("00D5g000004Fwk7"), want: recovered()},
	}},
	{id: "F073", what: "line feed, CRLF and a lone carriage return in a value", points: valuePoints("a\nb", "a\r\nb", "a\rb", "\n", "\r", "\r\n", "a\n\r\n\rb", "\n\"\n", "ends\n", "ends\r")},
	{id: "F074", what: "quotes, commas, semicolons, tabs in a value", points: valuePoints(`"`, `""`, `a"b`, `"a"`, `","`, "\",\"\n\"", "a,b", ",", "a;b;c", ";", "a\tb", "'", `\`, `\"`, "1234567\"8", `"""""""""""""""""`, "=1+2", "NULL", `\N`)},
	{id: "F075", what: "a NUL byte in a value", points: slices.Concat(
		remoteValues("a\x00b", "\x00", "\x00\x00\x00\x00\x00\x00\x00\x00", "ends\x00", "\x00begins"),
		[]point{{name: "in the snapshot", want: refused(exitInput, "NUL", "byte"), before: func(w *world) { w.swap(canaryStreet, "47\x00Lane") }}},
	)},
	{id: "F076", what: "bytes that are no UTF-8, surrogates, a cut character: never NULL", points: invalidText()},
	{id: "F077", what: "text areas of 131,072 characters, records of 400,000", points: largePoints()},
	{id: "F079", what: "emoji, combining marks, overrides of direction, odd spaces", points: valuePoints(
		"👩‍👩‍👧‍👦", "e\u0301", "é", "\u202eabc", "a\u00a0b", "\u200bzero", "\ufeffmark", "日本語", "\U0010ffff", "\ufffd", "\u2028", "\u0085", "İıßſς", " both ", "\u3000")},
	{id: "F080", what: "18 digits, -0, 1e5, 0.1, more decimals than the field has", setting: numeric, points: numberPoints()},
	{id: "F082", what: "booleans spelled TRUE, 1 and otherwise", setting: numeric, points: booleanPoints()},
	{id: "F083", what: "a record with a field too few, or too many", setting: numeric, points: recordPoints()},
	{id: "F085", what: "JSON nested deep, with a huge number, a key twice, data behind its end", points: jsonPoints()},
	{id: "F086", what: "every parser on its corpus of fuzzing", points: fuzzPoints()},
}

func organization(id string) func(string) string {
	return replaced("  login:", "  organization_id: "+id+"\n  login:")
}

// swap replaces a text in the snapshot until the point is over.
func (w *world) swap(old, replacement string) {
	w.v.t.Helper()
	text := string(w.read("customers.csv"))
	if !strings.Contains(text, old) {
		w.v.fatalf("the snapshot has no %q", old)
	}
	w.replaceText("customers.csv", strings.ReplaceAll(text, old, replacement))
}

// byBothAPIs plays a point once by REST and once by Bulk.
func byBothAPIs(p point) []point {
	bulk := p
	p.name, bulk.name = p.name+" by REST", p.name+" by Bulk"
	bulk.env = append([]string{"CROSSWALK_SALESFORCE_API=bulk"}, p.env...)
	return []point{p, bulk}
}

// valuePoints carry the values through Salesforce and through the snapshot to the published files.
func valuePoints(values ...string) []point { return carried(true, values) }

// remoteValues carry them through Salesforce alone.
func remoteValues(values ...string) []point { return carried(false, values) }

func carried(snapshot bool, values []string) []point {
	return byBothAPIs(point{
		name: fmt.Sprintf("%d values", len(values)), want: differs(),
		before: func(w *world) {
			var accounts, contacts, customers []map[string]string
			for i, value := range values {
				name := fmt.Sprintf("Planted %d", i)
				accounts = append(accounts, with(plantedAccount(i, name, name), "BillingStreet", value))
				contacts = append(contacts, with(plantedContact(i, name), "Title", value))
				customer := plantedCustomer(name, name)
				if snapshot {
					customer["street"] = value
				}
				customers = append(customers, customer)
			}
			w.grow("org/Account.csv", accounts...)
			w.grow("org/Contact.csv", contacts...)
			w.grow("customers.csv", customers...)
		},
		after: func(w *world, o outcome) {
			if o.code != 0 {
				return
			}
			accounts, contacts, customers := w.table("accounts"), w.table("contacts"), w.table("customers")
			for i, value := range values {
				name := fmt.Sprintf("Planted %d", i)
				w.keeps(w.only(accounts, "account_name", name), "BillingStreet", value)
				w.keeps(w.only(contacts, "LastName", name), "Title", value)
				if snapshot {
					w.keeps(w.only(customers, "customer_name", name), "erp_street", value)
				}
			}
		},
	})
}

// keeps holds that a published value is the planted one, byte for byte.
func (w *world) keeps(row map[string]string, column, want string) {
	w.v.t.Helper()
	if row != nil && row[column] != want {
		w.v.errorf("%s was published as %.60q, planted was %.60q", column, row[column], want)
	}
}

// invalidText are bytes that no text has, put into a title on the wire.
func invalidText() []point {
	const mark = "INVALID-GOES-HERE"
	planted := func(w *world) {
		w.grow("org/Account.csv", plantedAccount(1, "Planted", "Planted"))
		w.grow("org/Contact.csv", with(plantedContact(1, "Planted"), "Title", mark))
	}
	var points []point
	for _, bytes := range []string{"\xff", "caf\xe9", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xed\xa0\xbd\xed\xb8\x80", "\xc0\xaf", "\xf5\x80\x80\x80", "\x80 after", "far from the beginning \x80"} {
		for _, p := range byBothAPIs(point{name: fmt.Sprintf("%q", bytes), want: refused(exitInput, "Title", "UTF-8")}) {
			path := "/query"
			if strings.HasSuffix(p.name, "Bulk") {
				path = "/results"
			}
			p.before = func(w *world) { planted(w); w.rewrite(path, mark, bytes) }
			points = append(points, p)
		}
	}
	for _, escape := range []string{`\ud800`, `\udc00`, `\ud800\ud800`, `\udc00\ud800`, `\ud800x\udc00`} {
		points = append(points, point{
			name: "JSON " + escape, want: refused(exitInput, "Title"), before: func(w *world) { planted(w); w.rewrite("/query", mark, escape) },
		})
	}
	return append(points, point{
		name: "an emoji as two escapes", want: differs(), before: func(w *world) {
			planted(w)
			w.grow("customers.csv", plantedCustomer("Planted", "Planted"))
			w.rewrite("/query", mark, `\ud83d\ude00`)
		},
		after: func(w *world, _ outcome) {
			w.keeps(w.only(w.table("contacts"), "LastName", "Planted"), "Title", "😀")
		},
	})
}

// largePoints have records as large as Salesforce stores them: 8 of them, 40 with -whole.
func largePoints() []point {
	return byBothAPIs(point{
		name: "records of 400,000 characters", want: differs(), after: func(w *world, o outcome) {
			bounded(w, o)
			if o.code != 0 {
				return
			}
			w.v.note = fmt.Sprintf("at most %d MB", o.memory>>20)
			rows := w.table("contacts")
			for i := range many(8, 40) {
				row := w.only(rows, "LastName", fmt.Sprintf("Planted %d", i))
				w.keeps(row, "Title", strings.Repeat("語", 131_072))
				w.keeps(row, "Department", strings.Repeat("\"", 131_072))
				w.keeps(row, "Email", strings.Repeat("x", 131_072))
			}
		},
		before: func(w *world) {
			var accounts, contacts, customers []map[string]string
			for i := range many(8, 40) {
				name := fmt.Sprintf("Planted %d", i)
				accounts, customers = append(accounts, plantedAccount(i, name, name)), append(customers, plantedCustomer(name, name))
				contact := plantedContact(i, name)
				contact["Title"], contact["Department"], contact["Email"] = strings.Repeat("語", 131_072), strings.Repeat("\"", 131_072), strings.Repeat("x", 131_072)
				contacts = append(contacts, contact)
			}
			w.grow("org/Account.csv", accounts...)
			w.grow("org/Contact.csv", contacts...)
			w.grow("customers.csv", customers...)
		},
	})
}

// many is how often something is played: few times, or with -whole as often as the case asks for.
func many(few, all int) int {
	if *whole {
		return all
	}
	return few
}

// numeric reads fields that are more than text, in an order that makes their neighbours known.
var numeric = setting{config: replaced("erp:\n", "  objects: {Account: {fields: [Name, Is_Active__c, AnnualRevenue, NumberOfEmployees, ParentId]}}\nerp:\n")}

// rewritten plants an account whose numbers are known and replaces what stands for them on the wire.
func rewritten(name string, want expectation, rest, restAs, bulk, bulkAs string, after func(w *world, o outcome)) []point {
	var points []point
	for _, p := range byBothAPIs(point{name: name, want: want, after: after}) {
		path, old, replacement := "/query", rest, restAs
		if strings.HasSuffix(p.name, "Bulk") {
			path, old, replacement = "/results", bulk, bulkAs
		}
		if old == "" {
			continue
		}
		p.before = func(w *world) {
			account := plantedAccount(1, "Planted", "Planted")
			account["AnnualRevenue"], account["NumberOfEmployees"] = "47.47", "4747"
			w.grow("org/Account.csv", account)
			w.rewrite(path, old, replacement)
		}
		points = append(points, p)
	}
	return points
}

func numberPoints() []point {
	var points []point
	for _, c := range []struct{ wire, published string }{
		{"9999999999999999.99", "9999999999999999.99"}, {"-9999999999999999.99", "-9999999999999999.99"}, {"-0", "0.00"}, {"-0.0", "0.00"}, {"0.1", "0.10"},
		{"1e5", "100000.00"}, {"1.6147805824397E13", "16147805824397.00"}, {"47.4700", "47.47"},
	} {
		points = append(points, rewritten(c.wire, differs(), "47.47", c.wire, "47.47", c.wire, func(w *world, _ outcome) {
			w.keeps(w.only(w.table("accounts"), "account_name", "Planted"), "AnnualRevenue", c.published)
		})...)
	}
	for _, wire := range []string{"47.4747", "123456789012345678", "1e17", "1e-9", "1e999999999"} {
		points = append(points, rewritten(wire, refused(exitInput, "AnnualRevenue"), "47.47", wire, "47.47", wire, nil)...)
	}
	for _, wire := range []string{"2147483648", "47.5", "1e10"} {
		points = append(points, rewritten("employees "+wire, refused(exitInput, "NumberOfEmployees"), ":4747", ":"+wire, `"4747"`, `"`+wire+`"`, nil)...)
	}
	return append(points, rewritten("Infinity", refused(exitInput, "AnnualRevenue"), "", "", "47.47", "Infinity", nil)...)
}

func booleanPoints() []point {
	const rest, bulk = `"Planted","Is_Active__c":true`, `"Planted","true"`
	var points []point
	for _, c := range []struct{ text, published string }{{"true", "true"}, {"false", "false"}} {
		points = append(points, rewritten(c.text, differs(), rest, strings.Replace(rest, "true", c.text, 1), bulk, strings.Replace(bulk, "true", c.text, 1),
			func(w *world, _ outcome) {
				w.keeps(w.only(w.table("accounts"), "account_name", "Planted"), "Is_Active__c", c.published)
			})...)
	}
	for _, text := range []string{"TRUE", "1", "yes", "T", "0"} {
		points = append(points, rewritten(text, refused(exitInput, "Is_Active__c"), rest, strings.Replace(rest, "true", quoteJSON(text), 1), bulk, strings.Replace(bulk, "true", text, 1), nil)...)
	}
	return append(points, rewritten("the number 1", refused(exitInput, "Is_Active__c"), rest, strings.Replace(rest, "true", "1", 1), "", "", nil)...)
}

func recordPoints() []point {
	const rest, bulk = `"Planted","Is_Active__c":true`, `"Planted","true"`
	return slices.Concat(
		rewritten("too few", refused(exitInput, "row", "byte"), rest, `"Planted"`, bulk, `"Planted"`, nil),
		rewritten("too many", refused(exitInput, "row", "byte"), "", "", bulk, bulk+`,"x"`, nil),
		rewritten("a field twice", refused(exitInput, "row", "byte"), rest, rest+`,"Is_Active__c":true`, "", "", nil),
		rewritten("an empty line", refused(exitInput, "row", "byte"), "", "", bulk+`,"47.47"`, "\n"+bulk+`,"47.47"`, nil),
		rewritten("a quote left open", expectation{codes: []int{exitUnavailable, exitInput}}, "", "", bulk, `"Planted,"true"`, nil),
		rewritten("two fields changed over in the header", refused(exitInput, "Is_Active__c"), "", "", `"Name","Is_Active__c"`, `"Is_Active__c","Name"`, nil),
	)
}

// jsonPoints answer with JSON that is large, deep or ambiguous.
func jsonPoints() []point {
	deep := strings.Repeat("[", 5<<20)
	texts := []struct{ name, text string }{
		{"lists nested 5 million deep", deep}, {"objects nested a million deep", strings.Repeat(`{"a":`, 1<<20)},
		{"a number of 8 MB", `{"totalSize":` + strings.Repeat("9", 8<<20) + `,"done":true,"records":[]}`},
		{"a number beyond any exponent", `{"totalSize":1e999999999,"done":true,"records":[]}`},
		{"data behind the end", `{"totalSize":0,"done":true,"records":[]} {}`},
		{"deep in a member that nobody asked for", `{"odd":` + deep[:1<<20] + strings.Repeat("]", 1<<20) + `,"totalSize":0,"done":true,"records":[]}`},
		{"a key of 8 MB", `{"` + strings.Repeat("k", 8<<20) + `":1}`},
		{"a million keys", `{` + strings.Repeat(`"a":1,`, 1<<20) + `"b":1}`},
	}
	var points []point
	for _, call := range []struct{ name, path, api string }{
		{"describe", "/describe", "rest"}, {"query", "/query", "rest"}, {"job state", "/jobs/query/", "bulk"}, {"token", "/oauth2/token", "rest"}, {"versions", "/services/data", "rest"},
	} {
		for _, c := range texts {
			points = append(points, point{
				name: call.name + ": " + c.name, env: []string{"CROSSWALK_SALESFORCE_API=" + call.api, "CROSSWALK_LIMITS_DEADLINE=8s"}, after: bounded,
				before: func(w *world) { w.org.intercept(answers(call.path, c.text)) }, want: expectation{codes: []int{exitRefused, exitUnavailable, exitInput}},
			})
		}
	}
	for _, twice := range []struct{ path, key, first string }{
		{"/query", `"totalSize":`, `"totalSize":1,`}, {"/query", `"done":`, `"done":true,`}, {"/describe", `"fields":`, `"fields":[],`},
		{"/query", `"LastName":`, `"LastName":"x",`},
	} {
		points = append(points, point{
			name: "the key " + twice.key + " twice", env: []string{"CROSSWALK_LIMITS_DEADLINE=6s"}, want: expectation{codes: []int{exitRefused, exitUnavailable, exitInput}},
			before: func(w *world) { w.rewrite(twice.path, twice.key, twice.first+twice.key) },
		})
	}
	return append(points, point{
		name: "a token twice: the last one counts", want: recovered(),
		before: func(w *world) {
			w.rewrite("/oauth2/token", `"access_token":`, `"access_token":"00Dx",`+`"access_token":`)
		},
	})
}

// answers gives every call of a kind the same JSON.
func answers(path, text string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !isCall(r.URL.Path, path) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		_, _ = io.WriteString(w, text)
	}
}
