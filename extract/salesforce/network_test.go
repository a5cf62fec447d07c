package salesforce

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// pageFault takes over the second page of results, as often as times says (0 is always).
func pageFault(times int, answer func(o *org, w http.ResponseWriter)) func(*org) {
	return func(o *org) {
		struck := 0
		o.fault = func(kind string, _ int, w http.ResponseWriter, r *http.Request) bool {
			if kind != kindPage || r.URL.Query().Get("locator") != strconv.Itoa(bulkPage) {
				return false
			}
			o.mutex.Lock()
			struck++
			now := times == 0 || struck <= times
			o.mutex.Unlock()
			if now {
				answer(o, w)
			}
			return now
		}
	}
}

// rawPage is the second page as bytes on the wire, with the headers given.
func rawPage(o *org, headers, body string) string {
	_, rows, next := o.csvPage(bulkPage)
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nSforce-NumberOfRecords: %d\r\nSforce-Locator: %s\r\n%s\r\n%s", rows, next, headers, body)
}

// pageFaultCase is a way in which the second page can arrive, and how often.
type pageFaultCase struct {
	name   string
	answer func(*testing.T) func(*org, http.ResponseWriter)
	times  int
}

func TestFaultsOnThePage(t *testing.T) {
	t.Parallel()
	for _, c := range pageFaults {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, noList := range []bool{false, true} {
				o := newOrg(bulkRows)
				o.noList = noList
				pageFault(c.times, c.answer(t))(o)
				client := signedIn(t, o)
				extractAccounts(t.Context(), t, client, nil).recovered(t, bulkRows)
				const pages = (bulkRows + bulkPage - 1) / bulkPage
				if client.Usage().Retries == 0 && o.count(kindPage) <= pages { // net/http itself repeats some resets
					t.Error("nothing was repeated: the fault did not strike")
				}
			}
		})
	}
}

// raw writes the second page in a shape of its own.
func raw(shape func(o *org, text string) (headers, sent string), reset bool) func(*testing.T) func(*org, http.ResponseWriter) {
	return func(t *testing.T) func(*org, http.ResponseWriter) {
		return func(o *org, w http.ResponseWriter) {
			text, _, _ := o.csvPage(bulkPage)
			headers, sent := shape(o, text)
			hijacked(t, w, rawPage(o, headers, sent), reset)
		}
	}
}

// switched makes another protocol of a connection, on which nothing is ever said.
func switched(t *testing.T, w http.ResponseWriter) {
	t.Helper()
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { _ = connection.Close() })
	_, _ = connection.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n"))
}

func rowEnd(text string) int { return strings.LastIndex(text[:len(text)/2], "\n") + 1 }

func length(text string) string { return "Content-Length: " + strconv.Itoa(len(text)) + "\r\n" }

func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

const closing, chunked, gzipped = "Connection: close\r\n", "Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n"

var pageFaults = []pageFaultCase{
	{"F027 reset before headers", func(t *testing.T) func(*org, http.ResponseWriter) {
		return func(_ *org, w http.ResponseWriter) { hijacked(t, w, "", true) }
	}, 3},
	{"101, and a connection that stays open and says nothing", func(t *testing.T) func(*org, http.ResponseWriter) {
		return func(_ *org, w http.ResponseWriter) { switched(t, w) }
	}, 2},
	{"206 in place of 200", func(*testing.T) func(*org, http.ResponseWriter) {
		return func(o *org, w http.ResponseWriter) { w.WriteHeader(http.StatusPartialContent) }
	}, 2},
	{"F029 short body with a length", raw(func(_ *org, text string) (string, string) { return length(text), text[:len(text)-20] }, false), 2},
	{"F030 last chunk missing", raw(func(_ *org, text string) (string, string) { return chunked, chunk(text) }, false), 2},
	{"F031 no length, closed at the end of a row", raw(func(_ *org, text string) (string, string) { return closing, text[:rowEnd(text)] }, false), 2},
	{"F032 no length, closed after a comma", raw(func(_ *org, text string) (string, string) {
		return closing, text[:strings.LastIndex(text, ",\"false\",")+1]
	}, false), 2},
	{"no length, closed before the last line break", raw(func(_ *org, text string) (string, string) { return closing, text[:len(text)-1] }, false), 2},
	{"F033 gzip cut", raw(func(_ *org, text string) (string, string) {
		z := zipped(text)
		return gzipped + closing, z[:len(z)-9]
	}, false), 2},
	{"F033 gzip with a wrong checksum", raw(func(_ *org, text string) (string, string) {
		z := []byte(zipped(text))
		z[len(z)-6] ^= 1
		return gzipped + length(string(z)), string(z)
	}, false), 2},
	{"F033 gzip with garbage behind", raw(func(_ *org, text string) (string, string) {
		z := zipped(text) + "garbage"
		return gzipped + length(z), z
	}, false), 2},
	{"F040 HTML with 503", func(*testing.T) func(*org, http.ResponseWriter) {
		return func(_ *org, w http.ResponseWriter) { sendHTML(w, http.StatusServiceUnavailable) }
	}, 4},
	{"F040 HTML with 200", func(*testing.T) func(*org, http.ResponseWriter) {
		return func(_ *org, w http.ResponseWriter) { sendHTML(w, http.StatusOK) }
	}, 4},
	{"F040 HTML that says it is CSV", raw(func(_ *org, _ string) (string, string) { return closing, "<html>down for maintenance</html>" }, false), 2},
	{"F040 empty answer with 200", raw(func(*org, string) (string, string) { return "Content-Length: 0\r\n", "" }, false), 2},
	{"F040 204", func(*testing.T) func(*org, http.ResponseWriter) {
		return func(_ *org, w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }
	}, 2},
	{"JSON in place of CSV", func(*testing.T) func(*org, http.ResponseWriter) {
		return func(_ *org, w http.ResponseWriter) { send(w, "[]") }
	}, 2},
	{"F044 a row less than announced", func(*testing.T) func(*org, http.ResponseWriter) {
		return func(o *org, w http.ResponseWriter) { o.sendPage(w, bulkPage, dropRow) }
	}, 2},
	{"F035 stalled", func(*testing.T) func(*org, http.ResponseWriter) {
		return func(o *org, w http.ResponseWriter) {
			o.sendPage(w, bulkPage, func(_ http.Header, text string) string { return text[:len(text)/2] })
			w.(http.Flusher).Flush()
			<-time.After(700 * time.Millisecond) // longer than the idle limit
		}
	}, 1},
}

func dropRow(_ http.Header, text string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(append(lines[:3:3], lines[4:]...), "")
}

func sendHTML(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<!DOCTYPE html><html><body>We are down for maintenance. canary</body></html>"))
}

// F028: a reset at every sixteenth of the page, in the first attempt of every page.
func TestFaultResetMidBody(t *testing.T) {
	t.Parallel()
	for cut := range 16 {
		o := newOrg(bulkRows)
		pageFault(1, func(o *org, w http.ResponseWriter) {
			text, _, _ := o.csvPage(bulkPage)
			hijacked(t, w, rawPage(o, "Content-Length: "+strconv.Itoa(len(text))+"\r\n", text[:len(text)*cut/16]), true)
		})(o)
		extractAccounts(t.Context(), t, signedIn(t, o), nil).recovered(t, bulkRows)
	}
}

// Faults that stay must end in an error, never in fewer rows.
func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		answer func(o *org, w http.ResponseWriter)
		exit   int
		text   string
	}{
		{"F044 a row less than announced", func(o *org, w http.ResponseWriter) { o.sendPage(w, bulkPage, dropRow) }, exitUnavailable, "announced 500 rows, received 499"},
		{"F045 a row more than announced", func(o *org, w http.ResponseWriter) {
			o.sendPage(w, bulkPage, func(_ http.Header, text string) string { return text + "\"001xx9999999999AAA\",\"false\",\"x\"\n" })
		}, exitUnavailable, "announced 500 rows, received 501"},
		{"F045 rows where none are announced", func(o *org, w http.ResponseWriter) {
			o.sendPage(w, bulkPage, func(h http.Header, text string) string {
				h.Set("Sforce-NumberOfRecords", "0")
				return text
			})
		}, exitUnavailable, "announced 0 rows, received 500"},
		{"F040 HTML with 200", func(_ *org, w http.ResponseWriter) { sendHTML(w, http.StatusOK) }, exitUnavailable, "HTML page"},
		{"F039 500 for ever", func(_ *org, w http.ResponseWriter) {
			sendError(w, 500, "UNKNOWN_EXCEPTION", "An unexpected error occurred")
		}, exitUnavailable, "500 UNKNOWN_EXCEPTION"},
		{"swapped columns", func(o *org, w http.ResponseWriter) {
			o.sendPage(w, bulkPage, func(_ http.Header, text string) string {
				return strings.Replace(text, `"Id","IsDeleted"`, `"IsDeleted","Id"`, 1)
			})
		}, exitMalformed, "header field 1"},
		{"F041 409", func(_ *org, w http.ResponseWriter) { sendError(w, 409, "VERSION_MISMATCH", "another version") }, exitUnavailable, "409 VERSION_MISMATCH"},
		{"F041 415", func(_ *org, w http.ResponseWriter) { sendError(w, 415, "UNSUPPORTED_MEDIA_TYPE", "no") }, exitUnavailable, "415"},
		{"F041 431", func(_ *org, w http.ResponseWriter) { w.WriteHeader(431) }, exitUsage, "431"},
		{"F161 redirect", func(_ *org, w http.ResponseWriter) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(302)
		}, exitRefused, "redirect"},
		{"304, which nothing asked for", func(_ *org, w http.ResponseWriter) { w.WriteHeader(304) }, exitUnavailable, "304"},
		{"API disabled", func(_ *org, w http.ResponseWriter) {
			sendError(w, 403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
		}, exitRefused, "403 API_DISABLED_FOR_ORG: The REST API is not enabled"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(bulkRows)
			pageFault(0, c.answer)(o)
			got := extractAccounts(t.Context(), t, signedIn(t, o), nil)
			refusedWith(t, got.err, c.exit, "salesforce: ", "Account: ", testJob, "page 2", c.text)
			if o.count(kindDelete) != 0 {
				t.Error("the job was deleted though its rows are not staged")
			}
		})
	}
}

// TestFaultTooMany: millions of small things fit into the bytes of an answer and take gigabytes of memory.
func TestFaultTooMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, text string
		send       func(w http.ResponseWriter)
	}{
		{kindDescribe, "more objects", func(w http.ResponseWriter) {
			send(w, `{"name":"Account","fields":[{}`+strings.Repeat(",{}", 1<<20)+`]}`)
		}},
		{kindPage, "header field 4", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", typeCSV)
			_, _ = w.Write([]byte(`"Id","IsDeleted","Name"` + strings.Repeat(",x", 1<<20) + "\n"))
		}},
	} {
		o := newOrg(bulkRows)
		onKind(c.kind, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool { c.send(w); return true })(o)
		refusedWith(t, extractAccounts(t.Context(), t, signedIn(t, o), nil).err, exitMalformed, c.text)
	}
}

// F037: nothing that a server sends for ever is read for ever.
func TestFaultEndless(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		kind string
		send func(w http.ResponseWriter)
		text string
	}{
		{"headers", kindDescribe, func(w http.ResponseWriter) {
			for i := range 4000 {
				w.Header().Set("X-Long-"+strconv.Itoa(i), strings.Repeat("x", 100))
			}
			send(w, accountDescribe)
		}, "headers"},
		{"JSON", kindDescribe, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", typeJSON)
			for range 40 << 10 {
				if _, err := w.Write([]byte(strings.Repeat(" ", 1024))); err != nil {
					return
				}
			}
		}, "longer than this client reads"},
		{"rows", kindPage, func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", typeCSV)
			w.Header().Set("Sforce-NumberOfRecords", "1")
			w.Header().Set("Sforce-Locator", "null")
			_, err := w.Write([]byte("\"Id\",\"IsDeleted\",\"Name\"\n"))
			for err == nil {
				_, err = w.Write([]byte(strings.Repeat("\"001\",\"false\",\"x\"\n", 1000)))
			}
		}, "announced 1 rows"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(bulkRows)
			o.fault = func(kind string, _ int, w http.ResponseWriter, _ *http.Request) bool {
				if kind == c.kind {
					c.send(w)
				}
				return kind == c.kind
			}
			refusedWith(t, extractAccounts(t.Context(), t, signedIn(t, o), nil).err, exitUnavailable, c.text)
		})
	}
}

// F022: the org is not there yet when the run begins.
func TestFaultServerLate(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	server := &http.Server{Handler: newOrg(3), ReadHeaderTimeout: time.Second}
	late := time.AfterFunc(30*time.Millisecond, func() {
		if again, err := net.Listen("tcp", address); err == nil {
			_ = server.Serve(again)
		}
	})
	defer func() { late.Stop(); _ = server.Close() }()
	l := quickLimits()
	l.firstRetry, l.lastRetry = 10*time.Millisecond, 100*time.Millisecond
	c, err := open(t.Context(), testOptions("http://"+address), l)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	extractAccounts(t.Context(), t, c, nil).recovered(t, 3)
}

// F021: the host is named, the query is not.
func TestFaultNoSuchHost(t *testing.T) {
	t.Parallel()
	options := testOptions("https://no-such-org.invalid")
	options.AllowedHosts = []string{"no-such-org.invalid"}
	_, err := open(t.Context(), options, quickLimits())
	refusedWith(t, err, exitUnavailable, "no-such-org.invalid")
}

// What a server puts where an HTTP answer should be is told in kind and never in its words.
func TestBrokenAnswersAreNotRepeated(t *testing.T) {
	t.Parallel()
	const secret = "00DKq0000000abC!canary"
	for _, c := range []struct {
		answer, says string
		exit         int
	}{
		{"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: https://\"Bearer " + secret + "\"\r\n\r\n", "Location", exitRefused},
		{secret + "\r\n\r\n", "malformed HTTP response", exitUnavailable},
		{"HTTP/1.1 200 OK\r\n " + secret + "\r\n\r\n", "malformed MIME header", exitUnavailable},
		{"HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n", "malformed MIME header", exitUnavailable},
		{"HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n", "Content-Length", exitUnavailable},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + secret + "\r\n\r\n", "transfer encoding", exitUnavailable},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { hijacked(t, w, c.answer, false) }))
		_, err := open(t.Context(), testOptions(server.URL), quickLimits())
		server.Close()
		var refused *Error
		if !errors.As(err, &refused) || refused.ExitCode() != c.exit || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error()+refused.Hint(), "canary") {
			t.Errorf("%q: got %v, want code %d and %q", c.answer, err, c.exit, c.says)
		}
	}
}
