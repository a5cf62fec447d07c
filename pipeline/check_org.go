package pipeline

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"crosswalk/extract/salesforce"
)

func (c *check) askConfiguration(context.Context) finding {
	if c.refused != nil {
		return finding{err: c.refused, asked: "the configuration", detail: firstLine(c.refused.Error())}
	}
	return passed("%s: %d link %s, Salesforce from %s", c.config.Path, len(c.config.Link), plural("rule", len(c.config.Link)), c.config.Salesforce.Source)
}

// askInstance opens the way to the org and asks what it tells to anybody.
func (c *check) askInstance(ctx context.Context) finding {
	options, stop, err := orgOptions(ctx, c.config, c.options.Version, c.options.Logger)
	if err != nil {
		return finding{err: err, asked: "the credentials of salesforce"}
	}
	c.stop = stop
	if c.probe, err = salesforce.NewProbe(options); err != nil {
		return finding{err: err, asked: "the options of salesforce", fix: Hint(err)} // the configuration passed: ca_file changed since
	}
	c.stop = func() { c.probe.Close(); stop() }
	host := c.probe.Host()
	kind := salesforce.KindOfHost(host)
	direct := kind == salesforce.HostLogin || kind == salesforce.HostTest
	if kind == salesforce.HostInstance || direct && options.Login == salesforce.LoginClientCredentials {
		return finding{
			outcome: Fail, detail: host + " is no My Domain", asked: "salesforce.instance_url", fix: pathMyDomain, exit: exitUsage,
		}
	}
	if c.greeting, err = c.probe.Greet(ctx, c.options.Now); err != nil {
		return finding{err: err, asked: http.MethodGet + " " + options.InstanceURL + "/services/data", fix: Hint(err)}
	}
	what := "a My Domain"
	switch {
	case c.probe.Local():
		what = "a loopback address"
	case direct:
		what = "a login host of Salesforce"
	case kind == salesforce.HostOther:
		what = "one of salesforce.allowed_hosts"
	}
	corrected := ""
	if given := c.config.Salesforce.CorrectedHost; given != "" {
		corrected = "; it stands for " + given + " of the configuration, which serves pages alone"
	}
	return passed("%s, %s, answers%s", host, what, corrected)
}

func (c *check) askVersion(context.Context) finding {
	version := c.config.Salesforce.APIVersion
	if c.greeting.Offers(version) {
		return passed("%s, of %s", version, c.greeting.Range())
	}
	return finding{
		outcome: Fail, detail: "the org offers no version " + version, asked: "GET /services/data", exit: exitUsage,
		fix: "set salesforce.api_version to one of those that the org offers: " + c.greeting.Range(),
	}
}

// askApp signs in. Whether the app is known shows in how the sign-in is refused.
func (c *check) askApp(ctx context.Context) finding {
	c.signedIn = c.probe.SignIn(ctx)
	switch {
	case c.signedIn == nil:
		return passed("the org knows the app of salesforce.client_id")
	case unknownApp(c.signedIn):
		return finding{err: c.signedIn, asked: askedSignIn, fix: pathKey}
	case knownApp(c.signedIn):
		return passed("the org knows the app of salesforce.client_id, though it refuses the sign-in")
	}
	return unknown("the sign-in does not come so far: see sign_in")
}

const askedSignIn = "POST /services/oauth2/token"

func (c *check) askSignIn(context.Context) finding {
	if c.signedIn != nil {
		return finding{err: c.signedIn, asked: askedSignIn}
	}
	return passed("%s", c.login())
}

// login is how the configuration signs in; the fixtures have their own way.
func (c *check) login() string {
	if c.config.Salesforce.Source == "fixtures" {
		return salesforce.LoginClientCredentials
	}
	return c.config.Salesforce.Login
}

func (c *check) askIdentity(ctx context.Context) finding {
	var err error
	if c.identity, err = c.probe.UserInfo(ctx); err != nil {
		return finding{err: err, asked: "GET /services/oauth2/userinfo"}
	}
	user := c.identity.UserID
	if c.identity.Username != "" {
		user = c.identity.Username + " (" + user + ")"
	}
	return passed("user %s of organization %s", user, c.identity.OrganizationID)
}

func (c *check) askEnvironment(ctx context.Context) finding {
	org, err := c.probe.Organization(ctx)
	if err != nil && hidden(err) {
		return unknown("the user may not read Organization")
	}
	if err != nil {
		return finding{err: err, asked: askedOrganization}
	}
	return judgeEnvironment(org, c.probe.Host())
}

const askedOrganization = "SELECT IsSandbox, OrganizationType, InstanceName FROM Organization"

// judgeEnvironment holds what the org says of itself against what its host says.
func judgeEnvironment(org salesforce.Organization, host string) finding {
	is := "production"
	if org.Sandbox {
		is = "sandbox"
	}
	seen := fmt.Sprintf("%s, %s on %s", is, org.Type, org.Instance)
	want := map[salesforce.HostKind]string{
		salesforce.HostProduction: "production", salesforce.HostLogin: "production", salesforce.HostSandbox: "sandbox", salesforce.HostTest: "sandbox",
	}[salesforce.KindOfHost(host)]
	switch want {
	case is:
		return passed("%s, as %s says", seen, host)
	case "":
		return passed("%s; %s does not say which is meant", seen, host)
	}
	return finding{
		outcome: Fail, detail: fmt.Sprintf("%s, but %s is the host of a %s org", seen, host, want), asked: askedOrganization, fix: pathOtherOrg, exit: exitUsage,
	}
}

// hidden tells that Salesforce denies an object or a resource exists, or to this user.
func hidden(err error) bool {
	code, _ := codeOf(err)
	switch code {
	case "INVALIDTYPE", "INVALIDFIELD", "NOTFOUND", "INSUFFICIENTACCESS", "INSUFFICIENTACCESSORREADONLY", "FUNCTIONALITYNOTENABLED":
		return true
	}
	return false
}

// scopesAllowed are those that the guide asks for; Salesforce adds id by itself.
var scopesAllowed = []string{"api", "refresh_token", "offline_access", "id"}

func (c *check) askScopes(ctx context.Context) finding {
	scopes, known, err := c.probe.Scopes(ctx)
	if err != nil || !known {
		return unknown("neither the token answer nor introspection tells them")
	}
	var wrong []string
	for _, scope := range scopes {
		if !slices.Contains(scopesAllowed, scope) {
			wrong = append(wrong, scope)
		}
	}
	refresh := slices.Contains(scopes, "refresh_token") || slices.Contains(scopes, "offline_access")
	problem := ""
	switch {
	case len(wrong) > 0:
		problem = "more than is needed: " + strings.Join(wrong, ", ")
	case !slices.Contains(scopes, "api"):
		problem = "api is missing"
	case c.login() == "web_server" && !refresh:
		problem = "refresh_token is missing"
	default:
		return passed("%s", strings.Join(scopes, ", "))
	}
	fix := pathScopes
	if c.login() == "web_server" {
		fix += "; then sign in again with `crosswalk connect`"
	}
	return finding{outcome: Fail, detail: problem, asked: "the scopes of the token", fix: fix, exit: exitRefused}
}

func (c *check) askAPI(ctx context.Context) finding {
	if err := c.probe.Reach(ctx); err != nil {
		return finding{err: err, asked: "GET " + c.path(), fix: pathAPI}
	}
	return passed("%s answers the user", c.path())
}

// path is below the configured version of the data API.
func (c *check) path(more ...string) string {
	return "/services/data/v" + c.config.Salesforce.APIVersion + strings.Join(append([]string{""}, more...), "/")
}

// mostSkew is what Salesforce takes: the assertion of jwt_bearer is good for three minutes
// (https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm).
const mostSkew = 3 * time.Minute

func (c *check) skewed() bool { return c.greeting.Dated && c.greeting.Skew.Abs() > mostSkew }

func (c *check) askClock(context.Context) finding {
	skew := c.greeting.Skew
	away := "as Salesforce's, to the second"
	switch {
	case !c.greeting.Dated:
		return unknown("the org's answer has no date")
	case skew > time.Second:
		away = fmt.Sprintf("%s behind Salesforce's", skew)
	case skew < -time.Second:
		away = fmt.Sprintf("%s ahead of Salesforce's", -skew)
	}
	if !c.skewed() {
		return passed("%s", away)
	}
	return finding{
		outcome: Fail, detail: fmt.Sprintf("%s; more than %s is too much, for jwt_bearer fails and ages are wrong", away, mostSkew),
		asked: "the Date of GET /services/data", fix: pathClock, exit: exitUsage,
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func plural(noun string, n int) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
