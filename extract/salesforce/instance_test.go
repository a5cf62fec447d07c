package salesforce

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// instanceURLs are what may stand in salesforce.instance_url, where sf.example.org and gw.example.org:9000 are allowed.
var instanceURLs = []struct{ raw, want, why string }{ // want empty: refused
	{"https://acme.my.salesforce.com", "https://acme.my.salesforce.com", "the My Domain"},
	{"https://ACME.my.salesforce.com/", "https://acme.my.salesforce.com", "capitals and a slash mean nothing"},
	{"https://acme.my.salesforce.com:443", "https://acme.my.salesforce.com", "the port of https, written out"},
	{"https://acme443.my.salesforce.com:", "https://acme443.my.salesforce.com", "a colon without a port"},
	{"http://[::1]:80", "http://[::1]", "brackets stay without a port"},
	{"https://acme--dev.sandbox.my.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com", "a sandbox"},
	{"https://acme.lightning.force.com", "https://acme.my.salesforce.com", "copied from the browser"},
	{"https://acme--dev.sandbox.lightning.force.com/", "https://acme--dev.sandbox.my.salesforce.com", "copied from the browser, in a sandbox"},
	{"https://acme.my.salesforce-setup.com", "https://acme.my.salesforce.com", "copied from Setup"},
	{"https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com", "copied with the page"},
	{"https://acme.my.salesforce-setup.com/lightning/setup/OrgDomain/home?x=1#y", "https://acme.my.salesforce.com", "copied with the page, from Setup"},
	{"https://user:pw@acme.lightning.force.com/lightning/page/home", "", "a password in front of a page"},
	{"https://acme.lightning.force.com.evil.example/lightning/page/home", "", "a page elsewhere"},
	{"https://acme.develop.my.site.force.com", "https://acme.develop.my.site.force.com", "under force.com"},
	{"https://sf.example.org", "https://sf.example.org", "listed"},
	{"https://gw.example.org:9000", "https://gw.example.org:9000", "listed with its port"},
	{"http://127.0.0.1:8710", "http://127.0.0.1:8710", "the simulator"},
	{"http://[::1]:8710", "http://[::1]:8710", "the simulator, by IPv6"},
	{"http://localhost:8710", "http://localhost:8710", "the simulator, by name"},
	{"https://acme--dev.sandbox.lightning.force.com", "https://acme--dev.sandbox.my.salesforce.com", "copied from the browser, in a sandbox"},
	{"https://sf.example.org:8443", "https://sf.example.org:8443", "listed without a port, so with any"},
	{"http://127.0.0.1:8080", "http://127.0.0.1:8080", "loopback"},
	{"http://[::1]:8080", "http://[::1]:8080", "loopback, by IPv6"},
	{"http://localhost:8080", "http://localhost:8080", "loopback, by name"},
	{"https://acme.lightning.force.com:8443", "", "another port, on a corrected host"},
	{"https://gw.example.org", "", "listed with another port"},
	{"http://sf.example.org", "", "listed, but in clear"},
	{"http://127.0.0.1.evil.example", "", "begins like a loopback address"},
	{"http://localhost.evil.example", "", "begins like the name"},
	{"http://10.0.0.1", "", "a private network is a network"},
	{"https://10.0.0.1", "", "no host of Salesforce's"},
	{"https://evilsalesforce.com", "", "ends like Salesforce, without the dot"},
	{"https://salesforce.com.evil.example", "", "begins like Salesforce"},
	{"https://acme.lightning.force.com.evil.example", "", "is not corrected"},
	{"https://acme.my.salesforce.com@evil.example", "", "a user in front of the host"},
	{"https://acme.my.salesforce.com:8443", "", "another port"},
	{"https://acme.my.salesforce.com./", "", "a dot behind"},
	{"https://acme.my.salesforce.com/services", "", "a path"},
	{"https://acme.my.salesforce.com?x=1", "", "a query"},
	{"https://acme.my.salesforce.com#x", "", "a fragment"},
	{"https://acme_x.my.salesforce.com", "", "no host name"},
	{"https://аcme.my.salesforce.com", "", "a Cyrillic letter"},
	{"https://acme.my.salesforce.com\\@evil.example", "", "a backslash"},
	{"acme.my.salesforce.com", "", "no scheme"},
	{"//acme.my.salesforce.com", "", "no scheme either"},
	{"ftp://acme.my.salesforce.com", "", "another scheme"},
	{"javascript:alert(1)", "", "no address"},
	{"https://", "", "no host"},
	{"https://gw.example.org:9001", "", "listed with another port"},
	{"https://sf.example.org:99999", "", "no port has that number"},
	{"https://127.0.0.1:0", "", "nor that"},
	{"http://acme.my.salesforce.com", "", "in clear"},
	{"https://acme.my.salesforce.com.evil.example", "", "begins like the org's"},
	{"https://salesforce.com.evil", "", "begins like Salesforce"},
	{"https://user:pw@acme.my.salesforce.com", "", "a user"},
	{"https://acme.my.salesforce.com.", "", "a dot behind"},
	{"https://169.254.169.254", "", "the metadata of a cloud"},
	{"http://169.254.169.254", "", "the same, in clear"},
	{"https://[fd00::1]", "", "a private network, by IPv6"},
	{"", "", "nothing"},
}

func TestInstanceURL(t *testing.T) {
	t.Parallel()
	allowed := []string{"sf.example.org", "GW.example.org:9000"}
	far, err := url.Parse("https://acme.my.salesforce.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range instanceURLs {
		base, err := configuredInstance(c.raw, allowed)
		if c.want == "" {
			if err == nil {
				t.Errorf("F163: %q was taken as %s: %s", c.raw, base, c.why)
			} else if failure(t, err).ExitCode() != exitUsage {
				t.Errorf("%q: %v", c.raw, err)
			}
		} else if err != nil || base.String() != c.want {
			t.Errorf("%q: %v, %v, want %s: %s", c.raw, base, err, c.want, c.why)
		}
		answered, err := answeredInstance(c.raw, far, allowed)
		if want := c.want; strings.HasPrefix(want, "http://") || want == "" {
			if err == nil || failure(t, err).ExitCode() != exitRefused {
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
	good := c.sessions.current.base.String()
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
