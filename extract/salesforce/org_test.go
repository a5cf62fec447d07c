package salesforce

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testVersion = "66.0"
	testSecret  = "canary-client-secret-5f2c"
	testJob     = "750xx0000000001AAA"
	bulkRows    = 2_400 // above what auto takes for REST
	bulkPage    = 500
)

// kinds of request that an org tells apart.
const (
	kindToken    = "token"
	kindVersions = "versions"
	kindObjects  = "objects"
	kindDescribe = "describe"
	kindCount    = "count"
	kindQuery    = "query"
	kindMore     = "more"
	kindCreate   = "create"
	kindPoll     = "poll"
	kindList     = "list"
	kindPage     = "page"
	kindAbort    = "abort"
	kindDelete   = "delete"
)

// org is a Salesforce org of one page of code, whose every answer a test can take over. It serves Account, all rows
// through each API.
type org struct {
	rows     int
	pageRows int // of a page, in both APIs
	noList   bool
	gone     int // rows of the recycle bin, seen by queryAll as the last ones

	// fault takes over the n-th request (from 1) of its kind, where it returns true.
	fault func(kind string, n int, w http.ResponseWriter, r *http.Request) bool

	mutex  sync.Mutex
	calls  map[string]int
	tokens int // handed out; the last one is good
	seen   []http.Header
}

func newOrg(rows int) *org { return &org{rows: rows, pageRows: bulkPage, calls: map[string]int{}} }

func (o *org) count(kind string) int {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.calls[kind]
}

func (o *org) token() string { return fmt.Sprintf("00Dxx0000000001!canary-token-%d", o.tokens) }

func kindOf(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/services/data/v"+testVersion)
	job := "/jobs/query/" + testJob
	switch {
	case r.URL.Path == "/services/oauth2/token":
		return kindToken
	case r.URL.Path == dataPath:
		return kindVersions
	case path == "/sobjects":
		return kindObjects
	case strings.HasPrefix(path, "/sobjects/"):
		return kindDescribe
	case strings.Contains(r.URL.Query().Get("q"), "COUNT()"):
		return kindCount
	case path == "/query", path == "/queryAll":
		return kindQuery
	case strings.HasPrefix(path, "/query/"):
		return kindMore
	case path == "/jobs/query":
		return kindCreate
	case strings.EqualFold(path, job+"/resultpages"):
		return kindList
	case path == job+"/results":
		return kindPage
	case path == job:
		return map[string]string{http.MethodGet: kindPoll, http.MethodPatch: kindAbort, http.MethodDelete: kindDelete}[r.Method]
	}
	return "unknown"
}

func (o *org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := kindOf(r)
	o.mutex.Lock()
	o.calls[kind]++
	n := o.calls[kind]
	good := "Bearer " + o.token()
	o.seen = append(o.seen, r.Header.Clone())
	o.mutex.Unlock()
	w.Header().Set("Sforce-Limit-Info", "api-usage=100/100000")
	if o.fault != nil && o.fault(kind, n, w, r) {
		return
	}
	if kind != kindToken && r.Header.Get("Authorization") != good {
		sendError(w, http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
		return
	}
	switch kind {
	case kindToken:
		o.signIn(w, r)
	case kindVersions:
		send(w, `[{"label":"Winter '25","url":"/services/data/v62.0","version":"62.0"},{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"}]`)
	case kindObjects:
		send(w, `{"encoding":"UTF-8","sobjects":[{"name":"Account"},{"name":"AccountTeam"},{"name":"Contact"},{"name":"User"}]}`)
	case kindDescribe:
		o.describe(w, r)
	case kindCount:
		send(w, fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[]}`, o.size(r)))
	case kindQuery:
		o.restPage(w, r, 0)
	case kindMore:
		_, offset, _ := strings.Cut(r.URL.Path, "0r8xx0000000001-")
		at, _ := strconv.Atoi(offset)
		o.restPage(w, r, at)
	default:
		o.bulk(kind, w, r)
	}
}

func (o *org) size(r *http.Request) int {
	if strings.Contains(r.URL.Path, "queryAll") {
		return o.rows + o.gone
	}
	return o.rows
}

func (o *org) signIn(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("client_secret") != testSecret || r.PostFormValue("grant_type") != "client_credentials" || r.PostForm.Has("scope") {
		send400(w, `{"error":"invalid_client","error_description":"invalid client credentials"}`)
		return
	}
	o.mutex.Lock()
	o.tokens++
	token := o.token()
	o.mutex.Unlock()
	send(w, fmt.Sprintf(`{"access_token":%q,"instance_url":"%s://%s","id":"https://login.salesforce.com/id/00Dxx0000000001AAA/005xx0000000001AAA","token_type":"Bearer","issued_at":"1645224274824","signature":"c2ln"}`, token, scheme(r), r.Host))
}

func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

const accountDescribe = `{"name":"Account","label":"Account","queryable":true,"newKeyOfSummer":{"a":[1]},"fields":[
{"name":"Id","type":"id","soapType":"tns:ID","length":18},
{"name":"IsDeleted","type":"boolean","soapType":"xsd:boolean"},
{"name":"Name","type":"string","length":255},
{"name":"AccountNumber","type":"string","length":40},
{"name":"Phone","type":"phone","length":40},
{"name":"AnnualRevenue","type":"currency","precision":18,"scale":0},
{"name":"acme__ERP_Number__c","type":"double","precision":18,"scale":0},
{"name":"BillingAddress","type":"address"},
{"name":"OwnerId","type":"reference","referenceTo":["User"],"relationshipName":"Owner"},
{"name":"ParentId","type":"reference","referenceTo":["Account"],"relationshipName":"Parent"}]}`

const userDescribe = `{"name":"User","label":"User","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Name","type":"string","length":121}]}`

func (o *org) describe(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.Contains(r.URL.Path, "/Account/"):
		send(w, accountDescribe)
	case strings.Contains(r.URL.Path, "/User/"):
		send(w, userDescribe)
	default:
		sendError(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	}
}

func rowID(i int) string { return fmt.Sprintf("001xx%010dAAA", i) }

func (o *org) restPage(w http.ResponseWriter, r *http.Request, from int) {
	size := o.rows
	if strings.Contains(r.URL.Path, "queryAll") {
		size = o.rows + o.gone
	}
	to := min(from+o.pageRows, size)
	var records []string
	for i := from; i < to; i++ {
		records = append(records, fmt.Sprintf(`{"attributes":{"type":"Account","url":"/x"},"Id":%q,"IsDeleted":%t,"Name":"Account %d, \"Ltd\""}`, rowID(i), i >= o.rows, i))
	}
	next := ""
	if to < size {
		next = fmt.Sprintf(`,"nextRecordsUrl":"/services/data/v66.0/query/0r8xx0000000001-%d"`, to)
	}
	send(w, fmt.Sprintf(`{"totalSize":%d,"done":%t%s,"records":[%s]}`, size, next == "", next, strings.Join(records, ",")))
}

func (o *org) bulk(kind string, w http.ResponseWriter, r *http.Request) {
	switch kind {
	case kindCreate:
		send(w, fmt.Sprintf(`{"id":%q,"operation":"query","object":"Account","state":"UploadComplete","apiVersion":66.0}`, testJob))
	case kindPoll:
		send(w, o.job("JobComplete", strconv.Itoa(o.rows)))
	case kindList:
		o.list(w, r)
	case kindPage:
		from, _ := strconv.Atoi(r.URL.Query().Get("locator"))
		o.sendPage(w, from, nil)
	case kindAbort:
		send(w, o.job("Aborted", "0"))
	case kindDelete:
		w.WriteHeader(http.StatusNoContent)
	default:
		http.NotFound(w, r)
	}
}

func (o *org) job(state, processed string) string {
	return fmt.Sprintf(`{"id":%q,"operation":"query","object":"Account","state":%q,"jobType":"V2Query","apiVersion":66.0,"numberRecordsProcessed":%s,"retries":0}`, testJob, state, processed)
}

// list names five pages at a call, as Salesforce does, with the lower-case path of its sample.
func (o *org) list(w http.ResponseWriter, r *http.Request) {
	if o.noList {
		sendError(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
		return
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("locator"))
	base := "/services/data/v66.0/jobs/query/" + testJob
	var pages []string
	for ; from < max(o.rows, 1) && len(pages) < 5; from += o.pageRows {
		pages = append(pages, fmt.Sprintf(`{"resultUrl":"%s/results?locator=%d"}`, base, from))
	}
	next := ""
	if from < o.rows {
		next = fmt.Sprintf(`,"nextRecordsUrl":"%s/resultpages?locator=%d"`, base, from)
	}
	send(w, fmt.Sprintf(`{"resultPages":[%s]%s,"done":%t}`, strings.Join(pages, ","), next, next == ""))
}

// csvPage is the page of results from a row on, with its count and the locator of the next page.
func (o *org) csvPage(from int) (text string, rows int, next string) {
	to := min(from+o.pageRows, o.rows)
	var b strings.Builder
	b.WriteString("\"Id\",\"IsDeleted\",\"Name\"\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "%q,\"false\",\"Account %d, \"\"Ltd\"\"\"\n", rowID(i), i)
	}
	next = lastLocator
	if to < o.rows {
		next = strconv.Itoa(to)
	}
	return b.String(), to - from, next
}

// sendPage sends a page, after change had its way with it.
func (o *org) sendPage(w http.ResponseWriter, from int, change func(header http.Header, text string) string) {
	text, rows, next := o.csvPage(from)
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=UTF-8")
	h.Set("Sforce-NumberOfRecords", strconv.Itoa(rows))
	h.Set("Sforce-Locator", next)
	if change != nil {
		text = change(h, text)
	}
	_, _ = w.Write([]byte(text))
}

func send(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = w.Write([]byte(body))
}

func send400(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(body))
}

func sendError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("X-Sfdc-Request-Id", "0123456789abcdef0123456789abcdef")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `[{"message":%q,"errorCode":%q}]`, message, code)
}

// hijacked answers on the raw connection, as a broken peer would, and closes it; reset drops it without a goodbye.
func hijacked(t *testing.T, w http.ResponseWriter, text string, reset bool) {
	t.Helper()
	connection, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = buffered.WriteString(text)
	_ = buffered.Flush()
	if tcp, ok := connection.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// quickLimits are the standard ones with waits that a test can afford.
func quickLimits() limits {
	l := standardLimits()
	l.firstRetry, l.lastRetry = time.Millisecond, 4*time.Millisecond
	l.firstPoll, l.lastPoll = time.Millisecond, 4*time.Millisecond
	l.idle, l.headers = 300*time.Millisecond, 2*time.Second
	return l
}

func testOptions(url string) Options {
	return Options{
		InstanceURL: url, Login: LoginClientCredentials, ClientID: "3MVG9test", ClientSecret: testSecret,
		APIVersion: testVersion, UserAgent: "crosswalk/test", APIQuota: 0.8, Workers: 3,
	}
}

func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// signedIn is a client of an org on a real connection.
func signedIn(t *testing.T, o http.Handler) *Client {
	t.Helper()
	c, err := open(t.Context(), testOptions(serve(t, o)), quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
