package salesforce

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// F025: a proxy that refuses is told from an org that does, and is not asked again where that cannot help.
func TestFaultProxy(t *testing.T) {
	t.Parallel()
	cases := []struct {
		status   int
		connects int64
		hint     string
	}{
		{http.StatusProxyAuthRequired, 1, "HTTPS_PROXY"},
		{http.StatusForbidden, 1, "HTTPS_PROXY"},
		{http.StatusBadGateway, int64(broken.attempts), "network"},
	}
	for _, c := range cases {
		t.Run(http.StatusText(c.status), func(t *testing.T) {
			t.Parallel()
			var connects atomic.Int64
			proxy, err := url.Parse(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodConnect || r.Host != "acme.my.salesforce.com:443" {
					t.Errorf("proxy was asked for %s %s", r.Method, r.Host)
				}
				connects.Add(1)
				sendHTML(w, c.status)
			})))
			if err != nil {
				t.Fatal(err)
			}
			client, err := newClient(testOptions("https://acme.my.salesforce.com"), quickLimits())
			if err != nil {
				t.Fatal(err)
			}
			transport := newTransport(nil, quickLimits(), 1)
			transport.Proxy = http.ProxyURL(proxy)
			client.connect(&url.URL{Scheme: "https", Host: "acme.my.salesforce.com"}, transport)
			defer transport.CloseIdleConnections()
			err = client.signIn(t.Context())
			refusedWith(t, err, exitUnavailable, "sign-in", "proxy: ", http.StatusText(c.status))
			if !strings.Contains(failure(t, err).Hint(), c.hint) || connects.Load() != c.connects {
				t.Errorf("hint %q after %d connects, want %q after %d", failure(t, err).Hint(), connects.Load(), c.hint, c.connects)
			}
		})
	}
}
