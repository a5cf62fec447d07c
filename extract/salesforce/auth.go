package salesforce

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// grant is one way of getting a token: a client's credentials, a signed assertion, or a refresh token.
type grant func(context.Context) (*oauth2.Token, error)

// session is an access token and the origin it is for.
type session struct {
	token    Secret
	base     *url.URL
	identity Identity
	serial   int
}

// sessions keeps the one session of a client. Salesforce's token answers carry no expires_in, so a session counts as
// good until an answer says that it ended; then it is dropped and the grant asked once, whoever noticed first.
type sessions struct {
	grant  grant
	accept func(*oauth2.Token) (*url.URL, error)
	vault  *vault

	turn    chan struct{} // capacity 1: held while current is looked at or replaced
	current *session
	serial  int
	failure error        // of the last grant
	asked   atomic.Int64 // how often the grant answered, for those who wait
	org     string       // of the first session that names one: all others are of the same
}

func newSessions(g grant, kept *vault, accept func(*oauth2.Token) (*url.URL, error)) *sessions {
	return &sessions{grant: g, vault: kept, accept: accept, turn: make(chan struct{}, 1)}
}

// session is the current one, or a new one. Callers that come while the grant is asked wait for its answer, and a refusal
// is the answer to all of them: a token endpoint that is out of order is not asked once more by each.
func (s *sessions) session(ctx context.Context) (*session, error) {
	asked := s.asked.Load()
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	if s.current != nil {
		return s.current, nil
	}
	if s.failure != nil && s.asked.Load() > asked {
		return nil, s.failure
	}
	began, err := s.begin(ctx)
	s.current, s.failure = began, nil
	if err != nil && ctx.Err() == nil { // the end of one caller is not that of the others
		s.failure = s.vault.scrub(err)
	}
	s.asked.Add(1)
	return began, err
}

// begin asks the grant for a session.
func (s *sessions) begin(ctx context.Context) (*session, error) {
	token, err := s.grant(ctx)
	if err != nil {
		return nil, err
	}
	s.vault.keep(Secret(token.AccessToken), Secret(token.RefreshToken))
	base, err := s.accept(token)
	if err != nil {
		return nil, err
	}
	org, user := identityOf(token)
	if s.org != "" && org != "" {
		err = sameOrganization(org, s.org, "this run began in ")
	}
	if err != nil {
		return nil, err
	}
	s.serial++
	s.org = firstOf(s.org, org)
	return &session{
		token: Secret(token.AccessToken), base: base, serial: s.serial,
		identity: Identity{OrganizationID: org, UserID: user, Scopes: strings.Fields(extra(token, "scope"))},
	}, nil
}

// drop forgets a session that ended. A newer one stays.
func (s *sessions) drop(ctx context.Context, ended *session) {
	if s.enter(ctx) != nil {
		return
	}
	defer s.leave()
	if s.current == ended {
		s.current = nil
	}
}

func (s *sessions) enter(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sessions) leave() { <-s.turn }

// grant is the way in that the options name.
func (c *Client) grant(d *door) (grant, error) {
	switch c.options.Login {
	case LoginWebServer:
		return (&renewal{store: c.options.Tokens, door: d, log: c.log, limit: c.limits.signIn, patience: c.limits.farewell}).token, nil
	case LoginJWTBearer:
		signer, err := newBearer(c.options, d)
		if err != nil {
			return nil, err
		}
		return signer.token, nil
	}
	return clientCredentials(d), nil
}

// clientCredentials asks for a token as the app itself, run as the user chosen in its policies
// (https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm). Scopes stay
// empty: Salesforce refuses the parameter here. The secret goes into the body, as the documentation shows.
func clientCredentials(d *door) grant {
	config := clientcredentials.Config{
		ClientID: d.id, ClientSecret: d.secret.Reveal(), TokenURL: d.endpoint("token"), AuthStyle: oauth2.AuthStyleInParams,
	}
	return func(ctx context.Context) (*oauth2.Token, error) {
		token, err := config.Token(d.within(ctx))
		if err != nil {
			return nil, tokenRefused(err, d.vault.all()...)
		}
		return token, nil
	}
}

// accept takes the instance_url of a token, once it is checked, as an origin that requests may go to.
func (c *Client) accept(token *oauth2.Token, configured *url.URL) (*url.URL, error) {
	base, err := checkToken(token, configured, c.options)
	if err != nil {
		return nil, err
	}
	c.origins.allow(base)
	return base, nil
}

// checkToken holds a token against what is configured: where it is for, of which org, of which kind.
func checkToken(token *oauth2.Token, configured *url.URL, o Options) (*url.URL, error) {
	raw := extra(token, "instance_url")
	if raw == "" {
		return nil, &Error{Op: "sign-in", Code: "INSTANCE_URL", Message: "the token answer names no instance_url", exit: exitRefused, hint: "check salesforce.instance_url: is it the My Domain of the org?"}
	}
	base, err := answeredInstance(raw, configured, o.AllowedHosts)
	if err != nil {
		return nil, err
	}
	if kind := token.Type(); kind != "Bearer" {
		return nil, &Error{Op: "sign-in", Message: fmt.Sprintf("token of type %q, want Bearer", clip(kind)), exit: exitRefused}
	}
	if strings.ContainsFunc(token.AccessToken, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, &Error{Op: "sign-in", Code: "ACCESS_TOKEN", Message: "the token answer has an access token that no request can carry", exit: exitUnavailable, hint: hintProxy}
	}
	return base, checkOrganization(token, o.OrganizationID)
}

// checkOrganization refuses the right credentials for the wrong org: a sandbox in place of production, or the reverse.
// Both spellings of an id, 15 and 18 characters, are the same in their first 15.
func checkOrganization(token *oauth2.Token, wanted string) error {
	if wanted == "" {
		return nil
	}
	org, _ := identityOf(token)
	return sameOrganization(firstOf(org, "an org that the token answer does not name"), wanted, "salesforce.organization_id is ")
}

// sameOrganization refuses another org than the wanted one; source says where that is from.
func sameOrganization(org, wanted, source string) error {
	if len(org) >= shortID && len(wanted) >= shortID && org[:shortID] == wanted[:shortID] {
		return nil
	}
	return &Error{
		Op: "sign-in", Code: "ORGANIZATION", Message: "signed in to " + clip(org) + ", and " + source + clip(wanted),
		exit: exitUsage, hint: "point salesforce.instance_url at the org that is meant, or correct salesforce.organization_id",
	}
}

const shortID = 15 // characters of an id without its checksum

var identityURL = regexp.MustCompile(`^/id/(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)/(005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)$`)

// identityOf reads the ids of org and user out of a token answer; what it does not name is empty. An access token begins
// with the org's.
func identityOf(token *oauth2.Token) (org, user string) {
	if address, err := url.Parse(extra(token, "id")); err == nil {
		if parts := identityURL.FindStringSubmatch(address.Path); parts != nil {
			return parts[1], parts[2]
		}
	}
	if org, _, ok := strings.Cut(token.AccessToken, "!"); ok && len(org) == shortID && strings.HasPrefix(org, "00D") {
		return org, ""
	}
	return "", ""
}

// Identity is who a session belongs to and what it may do, as the token answer said.
type Identity struct {
	OrganizationID string   // 18 characters, or 15 where the answer names no identity URL; "" where it names none at all
	UserID         string   // "" where the answer does not name it
	InstanceURL    string   // origin that requests go to
	Scopes         []string // empty where the answer names none
}

// Identity signs in where there is no session yet. Errors are *Error, or those of the token store.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	var who Identity
	err := c.do(ctx, "sign-in", "", func(ctx context.Context) error {
		s, err := c.sessions.session(ctx)
		if err != nil {
			return err
		}
		who = s.identity
		who.InstanceURL = origin(s.base)
		return nil
	})
	return who, err
}
