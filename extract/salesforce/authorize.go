package salesforce

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"crosswalk/extract/salesforce/tokenstore"

	"golang.org/x/oauth2"
)

// scopes are all that crosswalk asks for: data over the API, and a refresh token.
var scopes = []string{"api", "refresh_token"}

// Login is the side of an org that people sign in at. It is for one goroutine.
type Login struct {
	door    *door
	options Options
}

// NewLogin checks the options and asks nothing yet. Errors are *Error.
func NewLogin(o Options) (*Login, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	base, err := configuredInstance(o.InstanceURL, o.AllowedHosts)
	if err != nil {
		return nil, err
	}
	authorities, err := o.authorities()
	if err != nil {
		return nil, err
	}
	l := standardLimits()
	return &Login{options: o, door: newDoor(o, base, newTransport(authorities, l, 1), l.signIn)}, nil
}

// Authorization is one attempt of a person to sign in: the web server flow with PKCE
// (https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm). Its code is exchanged
// once at most.
type Authorization struct {
	login    *Login
	config   *oauth2.Config
	state    Secret
	verifier Secret
}

// Authorize begins an attempt that comes back to a callback, which must be one of the app's to the letter.
func (l *Login) Authorize(callback string) *Authorization {
	// GenerateVerifier has no tilde in it, which RFC 7636 allows and Salesforce refuses.
	return &Authorization{
		login: l, config: l.door.config(callback, scopes...), state: Secret(rand.Text()), verifier: Secret(oauth2.GenerateVerifier()),
	}
}

// URL is where the person goes.
func (a *Authorization) URL() string {
	return a.config.AuthCodeURL(a.state.Reveal(), oauth2.S256ChallengeOption(a.verifier.Reveal()))
}

// ErrForeign is what comes to the callback without belonging to this attempt: somebody else's, an earlier one's, or
// nobody's. It changes nothing.
var ErrForeign = errors.New("not an answer to this sign-in")

// Answer reads what came back to the callback: the code, or an *Error that says how Salesforce refused. Whatever does not
// carry the state of this attempt is ErrForeign.
func (a *Authorization) Answer(query url.Values) (code Secret, err error) {
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(a.state.Reveal())) != 1 || len(query["state"]) != 1 {
		return "", ErrForeign
	}
	if query.Has("error") {
		return "", denied(query.Get("error"), query.Get("error_description"))
	}
	if len(query["code"]) != 1 || query.Get("code") == "" {
		return "", ErrForeign
	}
	return Secret(query.Get("code")), nil
}

// RefusedAt is what the address of a page of Salesforce's says, at which the browser stayed instead of coming back. There
// is no state in it: it is for an address that the person at the terminal brought. The error is an *Error.
func RefusedAt(query url.Values) error {
	return denied(query.Get("error"), query.Get("error_description"))
}

// denied is a refusal that came back through the browser.
func denied(code, description string) error {
	failure := &Error{Op: "authorize", Code: code, Message: clip(description), exit: exitRefused, hint: hintDenied}
	if !errorCode.MatchString(code) {
		failure.Code = ""
	}
	if known, ok := verdicts[normalCode(failure.Code)]; ok {
		failure.hint = known.hint
	}
	if strings.Contains(strings.ToLower(description), "must be installed") {
		failure.hint = verdicts["OAUTHECAPPNOTFOUND"].hint
	}
	return failure
}

// Exchange makes tokens of a code, holds them against what is configured and keeps them. A grant that is not kept, such
// as one of the wrong org, is revoked again. Errors are *Error, or those of the store.
func (a *Authorization) Exchange(ctx context.Context, code Secret) (Identity, error) {
	who, err := a.exchange(ctx, code)
	return who, a.login.door.vault.scrub(err)
}

func (a *Authorization) exchange(ctx context.Context, code Secret) (Identity, error) {
	d := a.login.door
	d.vault.keep(code, a.verifier)
	token, err := a.config.Exchange(d.within(ctx), code.Reveal(), oauth2.VerifierOption(a.verifier.Reveal()))
	if err != nil {
		return Identity{}, settled(tokenRefused(err, d.vault.all()...))
	}
	d.vault.keep(Secret(token.AccessToken), Secret(token.RefreshToken))
	if token.RefreshToken == "" {
		return Identity{}, &Error{
			Op: "sign-in", Code: "NO_REFRESH_TOKEN", Message: "the token answer has no refresh token", exit: exitRefused,
			hint: `give the app the scope "Perform requests at any time (refresh_token, offline_access)", then connect again`,
		}
	}
	base, err := checkToken(token, d.base, a.login.options)
	if err == nil {
		err = a.login.options.Tokens.Save(ctx, tokenstore.Tokens{
			RefreshToken: token.RefreshToken, AccessToken: token.AccessToken, InstanceURL: origin(base),
			Identity: extra(token, "id"), Scope: extra(token, "scope"), IssuedAt: issued(token),
		})
	}
	if err != nil {
		return Identity{}, errors.Join(err, a.login.abandon(ctx, token))
	}
	org, user := identityOf(token)
	return Identity{OrganizationID: org, UserID: user, InstanceURL: origin(base), Scopes: strings.Fields(extra(token, "scope"))}, nil
}

// abandon revokes a grant that is not kept: of five that a user has with an app it would push out the oldest.
func (l *Login) abandon(ctx context.Context, token *oauth2.Token) error {
	known, err := l.Revoke(ctx, Secret(token.RefreshToken))
	if err == nil && known {
		return nil
	}
	return &Error{
		Op: "revoke", Message: "the new grant could not be given back", exit: exitUnavailable, cause: err,
		hint: "revoke it in Setup, Connected Apps OAuth Usage",
	}
}

// Revoke ends the grant of a refresh token, with every session that came of it. Known is false where Salesforce does not
// know the token any more. Errors are *Error.
func (l *Login) Revoke(ctx context.Context, token Secret) (known bool, err error) {
	r := request{op: "revoke"}
	built, err := http.NewRequestWithContext(ctx, http.MethodPost, l.door.endpoint("revoke"), strings.NewReader(url.Values{"token": {token.Reveal()}}.Encode()))
	if err != nil {
		return false, &Error{Op: r.op, Message: "request cannot be built", exit: exitUsage}
	}
	built.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := l.door.client.Do(built)
	if err != nil {
		return false, settled(unreached(r.op, "", err))
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, standardLimits().errorBytes))
	switch {
	case err != nil:
		return false, settled(unreached(r.op, "", err))
	case response.StatusCode == http.StatusOK && isHTML(text):
		return false, settled(garbled(r, response.StatusCode, response.Header, "an HTML page in place of an answer"))
	case response.StatusCode == http.StatusOK:
		return true, nil
	}
	l.door.vault.keep(token)
	err = settled(tokenDenied(r.op, response, text, l.door.vault.all()))
	var refused *Error
	if errors.As(err, &refused) && (normalCode(refused.Code) == "INVALIDTOKEN" || normalCode(refused.Code) == "UNSUPPORTEDTOKENTYPE") {
		return false, nil
	}
	return false, err
}
