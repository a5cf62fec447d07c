package salesforce

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

func TestInstanceURL(t *testing.T) {
	t.Parallel()
	cases := []struct {
		raw  string
		want string // empty: refused
	}{
		{"https://acme.my.salesforce.com", "https://acme.my.salesforce.com"},
		{"https://ACME.my.salesforce.com/", "https://acme.my.salesforce.com"},
		{"https://acme.my.salesforce.com:443", "https://acme.my.salesforce.com"},
		{"https://acme--dev.sandbox.lightning.force.com", "https://acme--dev.sandbox.my.salesforce.com"},
		{"https://acme.my.salesforce-setup.com", "https://acme.my.salesforce.com"},
		{"https://sf.example.org", "https://sf.example.org"},
		{"https://sf.example.org:8443", "https://sf.example.org:8443"},
		{"https://gw.example.org:9000", "https://gw.example.org:9000"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"http://localhost:8080", "http://localhost:8080"},
		{"https://gw.example.org:9001", ""},
		{"http://acme.my.salesforce.com", ""},
		{"https://acme.my.salesforce.com.evil.example", ""},
		{"https://salesforce.com.evil", ""},
		{"https://evilsalesforce.com", ""},
		{"https://acme.my.salesforce.com:8443", ""},
		{"https://user:pw@acme.my.salesforce.com", ""},
		{"https://acme.my.salesforce.com/services", ""},
		{"https://acme.my.salesforce.com?x=1", ""},
		{"https://acme.my.salesforce.com#x", ""},
		{"https://acme.my.salesforce.com.", ""},
		{"https://169.254.169.254", ""},
		{"http://169.254.169.254", ""},
		{"https://[fd00::1]", ""},
		{"http://10.0.0.1", ""},
		{"https://acme_x.my.salesforce.com", ""},
		{"https://аcme.my.salesforce.com", ""},
		{"ftp://acme.my.salesforce.com", ""},
		{"acme.my.salesforce.com", ""},
		{"https://", ""},
		{"", ""},
	}
	allowed := []string{"sf.example.org", "GW.example.org:9000"}
	far, err := url.Parse("https://acme.my.salesforce.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		base, err := configuredInstance(c.raw, allowed)
		if c.want == "" {
			if err == nil {
				t.Errorf("F163: %q was taken as %s", c.raw, base)
			} else if err.(*Error).ExitCode() != exitUsage {
				t.Errorf("%q: %v", c.raw, err)
			}
		} else if err != nil || base.String() != c.want {
			t.Errorf("%q: %v, %v, want %s", c.raw, base, err, c.want)
		}
		answered, err := answeredInstance(c.raw, far, allowed)
		if want := c.want; strings.HasPrefix(want, "http://") || want == "" {
			if err == nil || err.(*Error).ExitCode() != exitRefused {
				t.Errorf("F163: token answer %q: %v, %v", c.raw, answered, err)
			}
		} else if err != nil || answered.String() != want {
			t.Errorf("token answer %q: %v, %v, want %s", c.raw, answered, err, want)
		}
	}
}

func TestLinksStayInside(t *testing.T) {
	t.Parallel()
	c := signedIn(t, newOrg(1))
	good := c.sessions.peek().base.String()
	for link, ok := range map[string]bool{
		"/services/data/v66.0/query/01g-2000":             true,
		good + "/services/data/v66.0/query/01g-2000":      true,
		"https://evil.example/services/data/v66.0/query/": false,
		"//evil.example/services/data/v66.0/query/":       false,
		"/services/data/../oauth2/revoke?token=x":         false,
		"/services/data/%2e%2e/oauth2/revoke":             false,
		"/services/oauth2/token":                          false,
		"/services/database":                              false,
		"services/data/v66.0/query":                       false,
		"/services/data//evil":                            false,
		`/services/data/\evil`:                            false,
		"javascript:alert(1)":                             false,
		"":                                                false,
		"/services/data/v66.0/\x7f":                       false,
	} {
		if _, err := c.link(link); (err == nil) != ok {
			t.Errorf("link %q: %v", link, err)
		}
	}
}

// A URL outside the pinned origin is refused before a connection is opened, whatever built it.
func TestPinnedRefusesStrays(t *testing.T) {
	t.Parallel()
	var victim atomic.Int64
	other := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { victim.Add(1) }))
	c := signedIn(t, newOrg(1))
	for _, stray := range []string{other, "https://" + strings.TrimPrefix(other, "http://"), "https://acme.my.salesforce.com"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, stray+dataPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := c.http.Do(request); err == nil {
			_ = answer.Body.Close()
			t.Errorf("a request went to %s", stray)
		}
	}
	if victim.Load() != 0 {
		t.Error("the other server was reached")
	}
}

// F161, F162: whatever redirects, and wherever to, the other server sees nothing.
func TestFaultRedirects(t *testing.T) {
	t.Parallel()
	var victim atomic.Int64
	other := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { victim.Add(1) }))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, kind := range []string{kindToken, kindVersions, kindDescribe, kindCount, kindCreate, kindPoll, kindList, kindPage} {
			o := newOrg(bulkRows)
			onKind(kind, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Location", other+"/stolen")
				w.WriteHeader(status)
				return true
			})(o)
			c, err := open(t.Context(), testOptions(serve(t, o)), quickLimits())
			if err == nil {
				err = extractAccounts(t.Context(), t, c, nil).err
				c.Close()
			}
			refusedWith(t, err, exitRefused, fmt.Sprint(status), "redirect")
		}
	}
	if victim.Load() != 0 {
		t.Errorf("%d requests followed a redirect", victim.Load())
	}
}
