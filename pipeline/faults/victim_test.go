package faults

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// victim is a host that must never hear from us: it answers everything and remembers who asked.
type victim struct {
	url string

	mutex    sync.Mutex
	requests []string
}

// newVictim listens at an address such as 127.0.0.2:0, over TLS where a certificate is given.
func newVictim(t *testing.T, address string, certificate *tls.Certificate) *victim {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{}
	server := httptest.NewUnstartedServer(v)
	_ = server.Listener.Close()
	server.Listener, server.Config.ErrorLog = listener, quiet
	if certificate == nil {
		server.Start()
	} else {
		server.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		server.StartTLS()
	}
	v.url = server.URL
	t.Cleanup(server.Close)
	return v
}

// ServeHTTP answers as a token endpoint would, so that a client that comes goes on.
func (v *victim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v.mutex.Lock()
	v.requests = append(v.requests, fmt.Sprintf("%s %s with %d bytes, authorization %q", r.Method, r.URL, len(body), r.Header.Get("Authorization")))
	v.mutex.Unlock()
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":"stolen","token_type":"Bearer","instance_url":%q}`, v.url)
}

// heard is how many requests came so far.
func (v *victim) heard() int {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return len(v.requests)
}

// unheardOf holds that nothing arrived there.
func (v *victim) unheardOf(w *world) {
	w.v.t.Helper()
	if v.heard() > 0 {
		w.v.errorf("the other host was asked: %s", v.requests[0])
	}
}

// domain is a network of its own: names of Salesforce's lead to the org, whatever else is asked for leads to a victim
// whose certificate is trusted, so that nothing but the program itself stands between a secret and that victim. The
// way there is a proxy, as in many a company.
type domain struct {
	authority *authority
	hosts     map[string]bool
	org       string // address
	victim    *victim

	mutex    sync.Mutex
	strayed  []string
	connects int
}

// acme is the name of the org in a domain.
const acme = "acme.my.salesforce.com"

// inDomain puts the org of a world into a domain of its own.
func (w *world) inDomain(strangers ...string) *domain {
	t := w.v.t
	t.Helper()
	w.readdressed = true
	d := &domain{authority: newAuthority(t), hosts: map[string]bool{acme: true, "na139.salesforce.com": true}}
	until := time.Now().Add(time.Hour)
	certificate := d.authority.sign(until, acme, "na139.salesforce.com")
	server := httptest.NewUnstartedServer(w.org)
	server.Config.ErrorLog = quiet
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	foreign := d.authority.sign(until, append(strangers, "127.0.0.1")...)
	d.org, d.victim = server.Listener.Addr().String(), newVictim(t, "127.0.0.1:0", &foreign)
	proxy := httptest.NewServer(d)
	t.Cleanup(proxy.Close)
	w.trust(d.authority.certificate)
	w.setting.env = append(w.setting.env, "HTTPS_PROXY="+proxy.URL, "HTTP_PROXY="+proxy.URL)
	write(t, w.config, []byte(w.setting.text("https://"+acme, "client_credentials")), 0o600)
	return d
}

// ServeHTTP is the proxy.
func (d *domain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.Host)
	target := d.org
	d.mutex.Lock()
	d.connects++
	if r.Method != http.MethodConnect || err != nil || port != "443" || !d.hosts[host] {
		d.strayed = append(d.strayed, r.Method+" "+r.Host)
		target = d.victim.url[len("https://"):]
	}
	d.mutex.Unlock()
	if r.Method != http.MethodConnect {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	there, err := net.Dial("tcp", target)
	if err != nil {
		http.Error(w, "no", http.StatusBadGateway)
		return
	}
	defer func() { _ = there.Close() }()
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = here.Close() }()
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
	_, _ = io.Copy(here, there)
}

// stayed holds that no connection was asked for but to the org, since the last time.
func (d *domain) stayed(w *world) {
	w.v.t.Helper()
	d.victim.unheardOf(w)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(d.strayed) > 0 {
		w.v.errorf("a connection to %s was asked for", d.strayed[0])
	}
	if d.connects == 0 {
		w.v.errorf("the proxy was not used: the case proves nothing")
	}
	d.strayed, d.connects = nil, 0
}
