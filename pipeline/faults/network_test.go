package faults

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Section B: the network.
var networkFaults = []fault{
	{
		id: "F021", what: "the host has no address",
		points: []point{{
			name: "nowhere.invalid", config: func(text string) string {
				return strings.Replace(anyInstance.ReplaceAllString(text, "instance_url: https://nowhere.invalid"), "  login:", "  allowed_hosts: [nowhere.invalid]\n  login:", 1)
			},
			env: []string{"CROSSWALK_LIMITS_DEADLINE=20s"}, want: refused(exitUnavailable, "nowhere.invalid"),
		}},
	},
	{id: "F022", what: "the connection is refused, then the server is up", points: latePoints()},
	{id: "F023", what: "the connection hangs: a listener whose backlog is full", points: []point{{
		name: "for ever", before: func(w *world) { w.blackHole() }, env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"}, want: refused(exitUnavailable), after: within(10 * time.Second),
	}}},
	{id: "F024", what: "TLS: unknown authority, expired, wrong host, TLS 1.1 only", points: tlsPoints()},
	{id: "F025", what: "a proxy answers CONNECT with 407, 502 or a page", points: proxyPoints()},
	{id: "F027", what: "the connection is reset before any header", setting: bulkPages, points: resetPoints()},
	{id: "F028", what: "the connection is reset within a page, at every sixteenth of it", setting: bulkPages, points: cutPoints("results", "Contact", "reset", 16)},
	{id: "F029", what: "a body is shorter than its Content-Length", setting: bulkPages, points: slices.Concat(cutPoints("results", "Account", "length", 4), cutPoints("describe", "Contact", "length", 2))},
	{id: "F030", what: "chunked, and the last chunk never comes", setting: bulkPages, points: slices.Concat(cutPoints("results", "Account", "chunked", 4), cutPoints("job_info", "Contact", "chunked", 2))},
	{id: "F031", what: "no length, and the connection ends at the end of a row", setting: bulkPages, points: rowCuts("cut_rows", 0, 1, 20, 46)},
	{id: "F032", what: "no length, and the connection ends after a comma of a row", setting: bulkPages, points: rowCuts("cut_comma", 1, 20, 46)},
	{id: "F033", what: "gzip cut, with a wrong checksum, with garbage after it", setting: bulkPages, points: gzipPoints()},
	{
		id: "F035", what: "a body stands still for more than a minute", setting: bulkPages,
		points: []point{{
			name: "second page", env: []string{"CROSSWALK_LIMITS_DEADLINE=100s"}, want: recovered(), after: within(90 * time.Second),
			faults: `[{"match": {"kind": "results", "object": "Contact", "nth": 2}, "do": {"cut_fraction": 0.5, "stall": "10m", "end": "close"}}]`,
		}},
	},
	{id: "F037", what: "a header of 100 MB, endless headers, an endless body", setting: bothPages, points: endlessPoints()},
	{id: "F038", what: "429 and 503 with Retry-After in seconds, as a date, absent, absurd", setting: bulkPages, points: retryAfterPoints()},
	{id: "F039", what: "500, 502, 503, 504, a few times and for ever", setting: bulkPages, points: outagePoints()},
	{id: "F040", what: "a page of HTML, an empty body, 204: never no rows", setting: bothPages, points: blankPoints()},
	{id: "F041", what: "406, 408, 409, 415, 431", setting: bothPages, points: statusPoints()},
	{
		id: "F043", what: "everything answers 503: no storm of repeats", setting: manyPages, points: stormPoints(),
	},
}

// blackHole is an address whose listener takes no more connections: the kernel answers nothing.
func (w *world) blackHole() {
	w.v.t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		w.v.fatalf("socket: %v", err)
	}
	w.later(func() { _ = syscall.Close(socket) })
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		w.v.fatalf("bind: %v", err)
	}
	if err := syscall.Listen(socket, 0); err != nil {
		w.v.fatalf("listen: %v", err)
	}
	name, err := syscall.Getsockname(socket)
	if err != nil {
		w.v.fatalf("getsockname: %v", err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 4 {
		if connection, err := net.DialTimeout("tcp", address, 200*time.Millisecond); err == nil {
			w.later(func() { _ = connection.Close() })
		}
	}
	w.extra = append(w.extra, "CROSSWALK_SALESFORCE_INSTANCE_URL=http://"+address)
}

// within holds a run to a time.
func within(limit time.Duration) func(*world, outcome) {
	return func(w *world, o outcome) {
		if o.took > limit {
			w.v.errorf("took %s, want less than %s", o.took.Round(time.Millisecond), limit)
		}
	}
}

func tlsPoints() []point {
	var points []point
	for _, c := range []struct {
		name, says string
		arm        func(w *world, ours *authority) *tls.Config
	}{
		{"unknown authority", "certificate", func(w *world, _ *authority) *tls.Config {
			return served(newAuthority(w.v.t).sign(time.Now().Add(time.Hour), "127.0.0.1"))
		}},
		{"expired", "certificate", func(_ *world, ours *authority) *tls.Config {
			return served(ours.sign(time.Now().Add(-time.Hour), "127.0.0.1"))
		}},
		{"another host", "certificate", func(_ *world, ours *authority) *tls.Config {
			return served(ours.sign(time.Now().Add(time.Hour), "evil.example"))
		}},
		{"TLS 1.1 only", "TLS", func(_ *world, ours *authority) *tls.Config {
			config := served(ours.sign(time.Now().Add(time.Hour), "127.0.0.1"))
			config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			return config
		}},
	} {
		handshakes := 0
		points = append(points, point{
			name: c.name, want: refused(exitUnavailable, c.says), env: []string{"CROSSWALK_LIMITS_DEADLINE=15s"},
			before: func(w *world) {
				ours := newAuthority(w.v.t)
				config := c.arm(w, ours)
				config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { handshakes++; return nil, nil }
				server := httptest.NewUnstartedServer(w.org)
				server.Config.ErrorLog, server.TLS = quiet, config
				server.StartTLS()
				w.later(server.Close)
				before := w.setting.env
				w.trust(ours.certificate)
				w.later(func() { w.setting.env = before })
				w.extra = append(w.extra, "CROSSWALK_SALESFORCE_INSTANCE_URL="+server.URL)
			},
			after: func(w *world, _ outcome) {
				if handshakes == 0 || handshakes > 3 {
					w.v.errorf("%d handshakes, want 1 to 3", handshakes)
				}
			},
		})
	}
	return points
}

func served(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}} // old versions are a case
}
