package faults

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// F167: servers that repeat what they were sent, and inputs whose broken lines are about persons. Invariant I6 does the
// looking, here as after every other case.

// ways in which a server or a proxy gives back what it was sent.
var echoWays = []struct {
	name   string
	answer func(w http.ResponseWriter, sent string)
}{
	{"as the message of an error", func(w http.ResponseWriter, sent string) { complain(w, 400, "INVALID_FIELD", sent) }},
	{"as the code of an error", func(w http.ResponseWriter, sent string) { complain(w, 403, sent, "see the code") }},
	{"escaped for a URL", func(w http.ResponseWriter, sent string) { complain(w, 400, "INVALID_FIELD", url.QueryEscape(sent)) }},
	{"in base64", func(w http.ResponseWriter, sent string) {
		complain(w, 400, "INVALID_FIELD", base64.StdEncoding.EncodeToString([]byte(sent)))
	}},
	{"every character escaped", func(w http.ResponseWriter, sent string) {
		var text strings.Builder
		for _, r := range sent {
			fmt.Fprintf(&text, `\u%04x`, r)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `[{"errorCode":"INSUFFICIENT_ACCESS","message":"%s"}]`, text.String())
	}},
	{"as an OAuth error", func(w http.ResponseWriter, sent string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%s}`, quoteJSON(sent))
	}},
	{"on an HTML page", func(w http.ResponseWriter, sent string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<html>%s</html>", sent)
	}},
	{"as plain text", func(w http.ResponseWriter, sent string) { http.Error(w, sent, http.StatusForbidden) }},
	{"in the headers", func(w http.ResponseWriter, sent string) {
		sent = strings.NewReplacer("\r", "", "\n", "").Replace(sent)
		for _, name := range []string{"X-Sfdc-Request-Id", "Content-Type", "Sforce-Limit-Info", "Sforce-Locator", "Location", "Www-Authenticate"} {
			w.Header().Set(name, sent)
		}
		w.WriteHeader(http.StatusNotFound)
	}},
	{"as a media type of a good answer", func(w http.ResponseWriter, sent string) {
		w.Header().Set("Content-Type", "text/"+strings.NewReplacer("\r", "", "\n", "").Replace(sent))
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, sent)
	}},
	{"in a document that breaks off", func(w http.ResponseWriter, sent string) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"done":`+sent)
	}},
	{"in the wrong places of a document", func(w http.ResponseWriter, sent string) {
		w.Header().Set("Content-Type", "application/json")
		q := quoteJSON(sent)
		fmt.Fprintf(w, `{"id":%s,"state":%s,"fields":%s,"totalSize":%s,"name":%s,"access_token":1,"token_type":%s,"instance_url":%s,"apiVersion":%s,"errorMessage":%s}`, q, q, q, q, q, q, q, q, q)
	}},
}

func complain(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode([]map[string]string{{"errorCode": code, "message": message}})
}

// echoes strikes every kind of call in every way.
func echoes() []point {
	var points []point
	for _, call := range []struct{ name, path, api, deadline string }{
		{"token", "/oauth2/token", "rest", "3s"}, {"versions", "/services/data", "rest", "3s"}, {"describe", "/describe", "rest", "3s"},
		{"query", "/query", "rest", "3s"}, {"job creation", "/jobs/query", "bulk", "3s"}, {"job state", "/jobs/query/", "bulk", "3s"},
		{"result pages", "/resultpages", "bulk", "16s"}, {"results", "/results", "bulk", "16s"}, // a job takes its time to come to them, more on a busy machine
	} {
		for _, way := range echoWays {
			points = append(points, echo(call.name+" "+way.name, call.path, call.api, call.deadline, way.answer))
		}
	}
	return points
}

func echo(name, path, api, deadline string, answer func(http.ResponseWriter, string)) point {
	var struck atomic.Int64
	return point{
		name: name, env: []string{"CROSSWALK_SALESFORCE_API=" + api, "CROSSWALK_LIMITS_DEADLINE=" + deadline},
		before: func(w *world) {
			w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if !isCall(r.URL.Path, path) {
					next.ServeHTTP(rw, r)
					return
				}
				struck.Add(1)
				body, _ := io.ReadAll(r.Body)
				form, _ := url.ParseQuery(string(body))
				answer(rw, form.Get("client_secret")+" "+r.Header.Get("Authorization")+" "+string(body))
			})
		},
		want: recoveredOr(exitUsage, exitRefused, exitUnavailable, exitInput),
		after: func(w *world, _ outcome) {
			if struck.Load() == 0 {
				w.v.errorf("nothing was given back")
			}
		},
	}
}

// isCall tells whether a path is a call: by its end, or by what is in it where the call ends with a slash.
func isCall(path, call string) bool {
	path = strings.ToLower(path)
	if strings.HasSuffix(call, "/") {
		return strings.Contains(path, call)
	}
	return strings.HasSuffix(strings.Replace(path, "/queryall", "/query", 1), call) && (call != "/query" || !strings.Contains(path, "/jobs/"))
}

// personalPoints are inputs that break where a person stands.
func personalPoints() []point {
	var points []point
	for _, line := range []struct{ name, old, broken string }{
		{"a field more", canaryCustomer, canaryCustomer + "," + canaryCustomer},
		{"a field less", canaryCustomer + ",", canaryCustomer},
		{"a bad amount", "4747.47", "Piicanary 9604747"},
		{"an amount of too many digits", "4747.47", "9604747.4747"},
		{"a bad date", "2020-02-02", "Piicanary"},
		{"a byte that is no UTF-8", canaryCustomer, canaryCustomer + "\xff"},
		{"a quote that is not closed", canaryCustomer, `"` + canaryCustomer},
		{"a quote within", canaryCustomer, `"Piicanary "Wholesale""`},
		{"an identifier that went through a spreadsheet", canaryNumber, "9.604747E+11"},
	} {
		points = append(points, point{
			name: "ERP: " + line.name, want: refused(exitInput),
			before: func(w *world) {
				whole := string(w.read("customers.csv"))
				w.write("customers.csv", strings.Replace(whole, line.old, line.broken, 1), 0o600)
				w.later(func() { w.write("customers.csv", whole, 0o600) })
			},
		})
	}
	for _, api := range []string{"rest", "bulk"} {
		for _, cell := range []struct{ field, value string }{
			{"CreatedDate", `"value": "Piicanary 9604747"`}, {"AnnualRevenue", `"value": "Piicanary 9604747"`}, {"Customer_Since__c", `"value": "9604747"`},
			{"NumberOfEmployees", `"value": "96047479604747"`}, {"Is_Active__c", `"value": "Piicanary"`}, {"IsDeleted", `"value": "Piicanary"`},
			{"Name", `"hex": "50696963616e617279ff"`}, {"Id", `"value": "Piicanary"`},
		} {
			kind := map[string]string{"rest": "query", "bulk": "results"}[api]
			points = append(points, point{
				name: api + ": a bad " + cell.field, env: []string{"CROSSWALK_SALESFORCE_API=" + api},
				config: replaced("erp:\n", "  objects: {Account: {fields: [Name, AnnualRevenue, NumberOfEmployees, Customer_Since__c, Is_Active__c]}}\nerp:\n"),
				faults: fmt.Sprintf(`[{"match": {"kind": %q, "object": "Account", "regexp": %q, "times": -1}, "do": {"alter_row": {"row": 1, "field": %q, %s}}}]`, kind, "(FROM.Account|results)", cell.field, cell.value),
				want:   expectation{codes: []int{0, exitInput, exitUnavailable}, other: true}, // some are text, and stay what they are
			})
		}
	}
	return points
}
