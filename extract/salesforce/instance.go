package salesforce

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// IsHostName tells whether name is a plain ASCII host name in lower case: no trailing dot, no user, no port, nothing
// that another parser could read differently.
func IsHostName(name string) bool { return len(name) <= longestHost && hostName.MatchString(name) }

const longestHost = 253 // characters, RFC 1035, section 2.3.4

// CheckInstanceURL gives the origin of the org that a URL means: https and a host of Salesforce's, or one that allowed
// lists, as host or host:port. Plain http, or a host that is neither, is taken only on a loopback address. A host that
// serves pages, as people copy it from their browser with the page behind it, becomes the one that serves the API. The error is the problem
// alone and does not repeat the URL beyond its host: somebody may have put a password into it.
func CheckInstanceURL(raw string, allowed []string) (*url.URL, error) {
	base, problem := parseInstance(raw)
	if problem == "" && !isLoopback(base) {
		problem = hostProblem(base, allowed)
	}
	if problem != "" {
		return nil, errors.New(problem)
	}
	return base, nil
}

// configuredInstance checks salesforce.instance_url.
func configuredInstance(raw string, allowed []string) (*url.URL, error) {
	base, err := CheckInstanceURL(raw, allowed)
	if err != nil {
		return nil, &Error{
			Op: "instance_url", Message: clip(err.Error()), exit: exitUsage,
			hint: "set salesforce.instance_url to the My Domain of the org, such as https://acme.my.salesforce.com",
		}
	}
	return base, nil
}

// answeredInstance checks the instance_url of a token answer, which is where the token will be sent to. An org on a
// loopback address stays at the very address that was configured.
func answeredInstance(raw string, configured *url.URL, allowed []string) (*url.URL, error) {
	base, problem := parseInstance(raw)
	switch {
	case problem != "":
	case isLoopback(configured):
		if origin(base) != origin(configured) {
			problem = "not the loopback address that was configured"
		}
	default:
		problem = hostProblem(base, allowed)
	}
	if problem != "" {
		return nil, &Error{
			Op: "sign-in", Code: "INSTANCE_URL", Message: "instance_url of the token answer: " + clip(problem), exit: exitRefused,
			hint: "check salesforce.instance_url; a host outside salesforce.com and force.com must be listed in salesforce.allowed_hosts",
		}
	}
	return base, nil
}

// parseInstance is the origin of a URL, with the host that serves the API in place of the one that serves pages.
func parseInstance(raw string) (base *url.URL, problem string) {
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Host == "" {
		return nil, "not an address with scheme and host"
	}
	host, port := strings.ToLower(parsed.Hostname()), parsed.Port()
	beyond := strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != ""
	switch {
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return nil, "the scheme is not https"
	case parsed.User != nil:
		return nil, "a user name or password in it"
	case beyond && apiHost(host) == host: // of a page, only the host counts
		return nil, "a path, query or fragment in it"
	}
	if number, err := strconv.Atoi(port); port != "" && (err != nil || number < 1 || number > 65535) {
		return nil, "a port that is none"
	}
	if _, err := netip.ParseAddr(host); err != nil && !IsHostName(host) {
		return nil, "not a host name"
	}
	return &url.URL{Scheme: parsed.Scheme, Host: authority(parsed.Scheme, apiHost(host), port)}, ""
}

// authority is host and port as they stand in a URL, without a port that goes without saying.
func authority(scheme, host, port string) string {
	switch {
	case port != "" && port != map[string]string{"https": "443", "http": "80"}[scheme]:
		return net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}

// apiHost is the My Domain host of the hosts that people copy from their browser.
func apiHost(host string) string {
	if name, ok := strings.CutSuffix(host, ".lightning.force.com"); ok {
		return name + ".my.salesforce.com"
	}
	if name, ok := strings.CutSuffix(host, ".my.salesforce-setup.com"); ok {
		return name + ".my.salesforce.com"
	}
	return host
}

// hostProblem is what is wrong with a host that credentials would be sent to; "" where nothing is.
func hostProblem(base *url.URL, allowed []string) string {
	host := base.Hostname()
	listed := slices.ContainsFunc(allowed, func(name string) bool {
		return strings.EqualFold(name, host) || strings.EqualFold(name, base.Host)
	})
	switch {
	case base.Scheme != "https":
		return "http on " + host + ", which is no loopback address"
	case listed:
		return ""
	case !strings.HasSuffix(host, ".salesforce.com") && !strings.HasSuffix(host, ".force.com"):
		return host + " is neither under salesforce.com or force.com nor in salesforce.allowed_hosts"
	case base.Port() != "":
		return "a port, on a host of Salesforce's"
	}
	return ""
}

func isLoopback(base *url.URL) bool {
	if base.Hostname() == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(base.Hostname())
	return err == nil && address.IsLoopback()
}

// link takes a URL that Salesforce named in an answer as a place of the data API. A host in it must be the pinned one;
// it is not used. The errors do not repeat the URL, which may hold a cursor.
func (c *Client) link(raw string) (*url.URL, error) {
	link, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("a URL that cannot be read")
	case link.User != nil, link.Opaque != "", link.Fragment != "":
		return nil, errors.New("a URL of an unexpected shape")
	case link.Host != "" && !c.origins.has(link), link.Host == "" && link.Scheme != "":
		return nil, errors.New("a URL of another host than the one that was signed in at")
	case !strings.HasPrefix(link.Path, dataPath+"/"), path.Clean(link.Path) != strings.TrimSuffix(link.Path, "/"), strings.Contains(link.Path, "\\"):
		return nil, errors.New("a URL outside " + dataPath)
	}
	return link, nil
}
