package faults

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
)

// F161 to F163: nothing goes to a host that an answer names.

var redirectStatuses = []int{300, 301, 302, 303, 307, 308}

// otherHosts are where the redirects lead: another port of the same address, another address, and another name.
var otherHosts = []string{"127.0.0.1:0", "127.0.0.2:0", "[::1]:0"}

// apiRedirects strikes every kind of call of the data API with every status, in turn to every other host.
func apiRedirects() []point {
	var points []point
	for _, kind := range []string{"versions", "describe", "query", "query_more", "job_create", "job_info", "pages", "results", "job_delete"} {
		for i, status := range redirectStatuses {
			p := redirected(kind, status, otherHosts[(i+len(points))%len(otherHosts)])
			switch kind {
			case "query_more", "query":
				p.env = append(p.env, "CROSSWALK_SALESFORCE_API=rest")
			case "job_delete":
				p.want = recovered() // the rows are here; a job that stays is deleted by Salesforce after a week
			}
			points = append(points, p)
		}
	}
	return points
}

// fromTLS strikes an org that is served over TLS: to plain http, to another port, and to another domain.
func fromTLS() []point {
	var d *domain
	var points []point
	for _, kind := range []string{"token", "versions", "describe", "job_create", "pages", "results"} {
		for i, target := range []string{"http://" + acme, "https://" + acme + ":8443", "https://evil.example"} {
			points = append(points, point{
				name: kind + " to " + target,
				before: func(w *world) {
					if d == nil {
						d = w.inDomain("evil.example")
					}
					w.org.arm(scripted(w.v, fmt.Sprintf(`[{"match": {"kind": %q, "times": -1}, "do": {"redirect": %q, "status": %d}}]`, kind, target, 307+i%2)))
				},
				want: refused(exitRefused, "redirect"), after: func(w *world, _ outcome) { d.stayed(w) },
			})
		}
	}
	return points
}

func tokenRedirects() []point {
	var points []point
	for i, status := range redirectStatuses {
		p := redirected("token", status, otherHosts[i%len(otherHosts)])
		closed := p.after
		p.after = func(w *world, o outcome) { closed(w, o); tokenCalls(1)(w, o) }
		points = append(points, p)
	}
	return points
}

// redirected is one kind of call whose answer leads elsewhere.
func redirected(kind string, status int, address string) point {
	var other *victim
	return point{
		name: fmt.Sprintf("%s %d to %s", kind, status, address),
		before: func(w *world) {
			other = newVictim(w.v.t, address, nil)
			w.org.arm(scripted(w.v, fmt.Sprintf(`[{"match": {"kind": %q, "times": -1}, "do": {"redirect": %q, "status": %d}}]`, kind, other.url, status)))
		},
		want: refused(exitRefused, "redirect"),
		after: func(w *world, _ outcome) {
			other.unheardOf(w)
			if w.org.now().Fired(0) == 0 {
				w.v.errorf("the redirect was never answered")
			}
		},
	}
}

// foreignLinks are addresses in answers that name another host than the one they came from.
func foreignLinks() []point {
	var points []point
	for _, link := range []struct{ kind, path, member, api string }{
		{"nextRecordsUrl", "/query", `"nextRecordsUrl":"`, "rest"},
		{"resultUrl", "/resultpages", `"resultUrl":"`, "bulk"},
	} {
		for _, form := range []string{"%s", "%s/x/../..", "http://user:pw@%.0s"} {
			points = append(points, foreignLink(link.kind, link.path, link.member, link.api, form))
		}
		points = append(points, foreignLink(link.kind+" without a scheme", link.path, link.member, link.api, "//%s"))
	}
	return points
}

func foreignLink(name, path, member, api, form string) point {
	var other *victim
	return point{
		name: name + " " + form, env: []string{"CROSSWALK_SALESFORCE_API=" + api},
		before: func(w *world) {
			other = newVictim(w.v.t, "127.0.0.2:0", nil)
			base := fmt.Sprintf(form, other.url)
			if strings.HasPrefix(form, "//") {
				base = fmt.Sprintf(form, strings.TrimPrefix(other.url, "http://"))
			}
			if strings.Contains(form, "user:pw") {
				base = "http://user:pw@" + strings.TrimPrefix(other.url, "http://")
			}
			w.rewrite(path, member, member+base)
		},
		want:  expectation{codes: []int{exitRefused, exitUnavailable, exitInput}},
		after: func(w *world, _ outcome) { other.unheardOf(w) },
	}
}

// rewrite replaces a text in the answers of paths that contain part, in the run that is struck. A text that never comes
// is an error of the case.
func (w *world) rewrite(part, old, replacement string) {
	w.edit(part, func(body []byte) ([]byte, bool) {
		return bytes.ReplaceAll(body, []byte(old), []byte(replacement)), bytes.Contains(body, []byte(old))
	})
}

// edit changes the answers of a part of the API. The change says whether it struck; one that never does is an error of
// the case.
func (w *world) edit(part string, change func(body []byte) (changed []byte, struck bool)) {
	var struck atomic.Bool
	w.later(func() {
		if !struck.Load() {
			w.v.errorf("no answer of %s was changed: the fault did not strike", part)
		}
	})
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(strings.Replace(strings.ToLower(r.URL.Path), "/queryall", "/query", 1), part) {
			next.ServeHTTP(rw, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		for name, values := range kept.Header() {
			rw.Header()[name] = values
		}
		rw.Header().Del("Content-Length")
		rw.WriteHeader(kept.Code)
		changed, hit := change(kept.Body.Bytes())
		if hit {
			struck.Store(true)
		}
		_, _ = rw.Write(changed)
	})
}

// strangeInstances are addresses that a token answer must not lead to, by host.
var strangeInstances = []string{
	"http://" + acme, "https://" + acme + ":8443", "https://user:pw@" + acme, "https://" + acme + "@evil.example",
	"https://evil.example", "https://" + acme + ".evil", "https://salesforce.com.evil", "https://evil-salesforce.com", "https://notsalesforce.com",
	"https://169.254.169.254", "http://169.254.169.254", "https://127.0.0.1", "http://127.0.0.1", "https://localhost", "https://[::1]",
	"https://0x7f000001", "https://evil.example/." + acme, "https://evil.example#." + acme, "https://evil.example?." + acme,
	"https://evil.example%2f." + acme, "https://evil.example\\." + acme, "//evil.example", "evil.example", "javascript:alert(1)", "file:///etc/passwd",
	"https://" + acme + "/services", "https:// " + acme, "https://" + acme + "\u0000.evil", "https://ａｃｍｅ.my.salesforce.com.evil", "https://",
	"https://.salesforce.com", "https://salesforce.com.", "https://evil.example.",
}

func instancePoints() []point {
	var d *domain
	points := []point{{
		name: "another host of Salesforce's", want: recovered(),
		before: func(w *world) {
			d = w.inDomain("evil.example", acme+".evil", "salesforce.com.evil", "evil-salesforce.com", "notsalesforce.com", "169.254.169.254", "localhost", "::1")
			w.org.arm(scripted(w.v, tokenNames("https://na139.salesforce.com")))
		},
		after: func(w *world, _ outcome) { d.stayed(w) },
	}}
	for _, instance := range strangeInstances {
		points = append(points, point{
			name: oneLine(instance)[:min(60, len(oneLine(instance)))], faults: tokenNames(instance), want: refused(exitRefused, "instance_url"),
			after: func(w *world, o outcome) { d.stayed(w); tokenCalls(1)(w, o); onlyToken(w) },
		})
	}
	return append(points, point{
		name: "a name of 4 kB under salesforce.com", faults: tokenNames("https://" + strings.Repeat("a", 4096) + ".salesforce.com"),
		want: expectation{codes: []int{exitRefused, exitUnavailable}}, after: func(w *world, _ outcome) { d.victim.unheardOf(w) },
	})
}

func tokenNames(instance string) string {
	return fmt.Sprintf(`[{"match": {"kind": "token", "times": -1}, "do": {"token": {"instance_url": %s}}}]`, quoteJSON(instance))
}

// onlyToken holds that the org was asked for nothing but a token.
func onlyToken(w *world) {
	if all, tokens := w.org.now().Calls(""), w.org.now().Calls("token"); all != tokens {
		w.v.errorf("%d calls besides those for a token", all-tokens)
	}
}
