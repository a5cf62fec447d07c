package salesforce

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// hostName is a plain ASCII host name: no trailing dot, no user, nothing that another parser could read differently.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// configuredInstance checks salesforce.instance_url: https and a host of Salesforce's, or one that is listed. Plain
// http, or a host that is neither, is taken only on a loopback address.
func configuredInstance(raw string, allowed []string) (*url.URL, error) {
	base, problem := parseInstance(raw)
	switch {
	case problem != "":
	case isLoopback(base):
		return base, nil
	default:
		problem = hostProblem(base, allowed)
	}
	if problem != "" {
		return nil, &Error{
			Op: "instance_url", Message: clip(problem), exit: exitUsage,
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
	if err != nil || parsed.Opaque != "" {
		return nil, "not a URL"
	}
	switch {
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return nil, "want https://"
	case parsed.User != nil:
		return nil, "a user name has no place in it"
	case strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return nil, "want no path, query or fragment"
	}
	host, port := strings.ToLower(parsed.Hostname()), parsed.Port()
	if parsed.Scheme == "https" && port == "443" || parsed.Scheme == "http" && port == "80" {
		port = ""
	}
	if _, err := netip.ParseAddr(host); err != nil && !hostName.MatchString(host) {
		return nil, "not a host name"
	}
	host = apiHost(host)
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return &url.URL{Scheme: parsed.Scheme, Host: host}, ""
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

func hostProblem(base *url.URL, allowed []string) string {
	if base.Scheme != "https" {
		return "want https://"
	}
	listed := func(host string) bool {
		return slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, host) })
	}
	if listed(base.Host) || listed(base.Hostname()) {
		return ""
	}
	if base.Port() != "" {
		return "want no port"
	}
	for _, domain := range []string{".salesforce.com", ".force.com"} {
		if strings.HasSuffix(base.Host, domain) {
			return ""
		}
	}
	return base.Host + " is not under salesforce.com or force.com"
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
