package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// UserInfo is whom a token belongs to.
type UserInfo struct {
	OrganizationID string
	UserID         string
	Username       string // empty where only the token answer told who it is
}

// UserInfo asks whom the token belongs to. Where the user may not ask that, the token answer's own word is taken.
// Errors are *Error.
func (p *Probe) UserInfo(ctx context.Context) (UserInfo, error) {
	var told struct {
		Organization string `json:"organization_id"`
		User         string `json:"user_id"`
		Username     string `json:"preferred_username"`
	}
	err := p.client.fetch(ctx, request{op: "userinfo", method: http.MethodGet, path: "/services/oauth2/userinfo"}, &told)
	var refused *Error
	if errors.As(err, &refused) && (refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound) {
		known, again := p.client.Identity(ctx)
		if again == nil && known.UserID != "" {
			return UserInfo{OrganizationID: known.OrganizationID, UserID: known.UserID}, nil
		}
	}
	if err != nil {
		return UserInfo{}, err
	}
	if !recordID.MatchString(told.Organization) || !recordID.MatchString(told.User) {
		return UserInfo{}, &Error{Op: "userinfo", Message: "the answer names no organization and user", exit: exitMalformed, hint: hintProxy}
	}
	return UserInfo{OrganizationID: told.Organization, UserID: told.User, Username: clip(p.client.vault.without(told.Username))}, nil
}

// Scopes are what the token may be used for. The token answer says it; where it does not, the token is introspected,
// which takes the app's secret. Known is false where neither tells. Errors are *Error.
func (p *Probe) Scopes(ctx context.Context) (scopes []string, known bool, err error) {
	who, err := p.client.Identity(ctx)
	if err != nil {
		return nil, false, err
	}
	if len(who.Scopes) == 0 && p.client.options.ClientSecret != "" {
		text, err := p.introspect(ctx)
		if err != nil {
			return nil, false, err
		}
		who.Scopes = strings.Fields(text)
	}
	for _, scope := range who.Scopes {
		scopes = append(scopes, clip(p.client.vault.without(scope)))
	}
	return scopes, len(scopes) > 0, nil
}

// introspect asks the token endpoint's neighbour about the token (RFC 7662). The secret goes where the sign-in sent it.
func (p *Probe) introspect(ctx context.Context) (string, error) {
	session, err := p.client.sessions.session(ctx)
	if err != nil {
		return "", settled(err)
	}
	form := url.Values{
		"token": {session.token.Reveal()}, "token_type_hint": {"access_token"},
		"client_id": {p.client.options.ClientID}, "client_secret": {p.client.options.ClientSecret.Reveal()},
	}
	r := request{op: "introspect", method: http.MethodPost, path: "/services/oauth2/introspect", body: []byte(form.Encode())}
	var told struct {
		Scope string `json:"scope"`
	}
	err = p.client.do(ctx, r.op, "", func(ctx context.Context) error {
		answer, err := p.ask(ctx, r)
		if err != nil {
			return err
		}
		defer func() { _ = answer.body.Close() }()
		return decodeJSON(r, answer, &told)
	})
	return told.Scope, err
}

// Organization is what the org says of itself.
type Organization struct {
	ID       string `json:"Id"`
	Sandbox  bool   `json:"IsSandbox"`
	Type     string `json:"OrganizationType"` // such as Enterprise Edition
	Instance string `json:"InstanceName"`     // such as EU00F
}

// Organization asks the org what kind it is. Errors are *Error.
func (p *Probe) Organization(ctx context.Context) (Organization, error) {
	var found []Organization
	err := p.rows(ctx, "Organization", "SELECT Id, IsSandbox, OrganizationType, InstanceName FROM Organization", &found)
	if err != nil {
		return Organization{}, err
	}
	if len(found) != 1 {
		return Organization{}, &Error{Op: "query", Object: "Organization", Message: "the answer has no organization", exit: exitMalformed, hint: hintProxy}
	}
	one := found[0]
	one.Type, one.Instance = clip(p.client.vault.without(one.Type)), clip(p.client.vault.without(one.Instance))
	return one, nil
}

// rows puts a query whose answer is a page at most, and decodes its records.
func (p *Probe) rows(ctx context.Context, object, soql string, into any) error {
	answer := struct {
		Records any `json:"records"`
	}{into}
	r := request{
		op: "query", object: object, method: http.MethodGet, path: p.client.versioned(queryPath(false)), query: url.Values{"q": {soql}},
	}
	return p.client.fetch(ctx, r, &answer)
}

// HostKind says what the host of an instance URL stands for.
type HostKind int

// Kinds of host. A sandbox is one by its host name; a scratch org counts as one.
const (
	HostOther      HostKind = iota // loopback, or a host of salesforce.allowed_hosts
	HostProduction                 // acme.my.salesforce.com, also a developer edition
	HostSandbox                    // acme--uat.sandbox.my.salesforce.com
	HostLogin                      // login.salesforce.com
	HostTest                       // test.salesforce.com
	HostInstance                   // na139.salesforce.com, which orgs are reached at no more
)

// KindOfHost judges a host name (https://help.salesforce.com/s/articleView?id=xcloud.domain_name_url_formats.htm).
func KindOfHost(host string) HostKind {
	domain, mine := strings.CutSuffix(strings.ToLower(host), ".my.salesforce.com")
	name, partition, _ := strings.Cut(domain, ".")
	switch {
	case mine && (partition == "sandbox" || partition == "scratch" || strings.Contains(name, "--")):
		return HostSandbox
	case mine:
		return HostProduction
	case host == "login.salesforce.com":
		return HostLogin
	case host == "test.salesforce.com":
		return HostTest
	case strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".force.com"):
		return HostInstance
	}
	return HostOther
}
