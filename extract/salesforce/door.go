package salesforce

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// door is the OAuth side of an org: the endpoints below /services/oauth2 of the host that is configured, and no other.
type door struct {
	base   *url.URL
	client *http.Client
	id     string
	secret Secret
	vault  *vault
}

// newDoor makes a connection of its own for each request. On one that was kept open, a request can be lost without a
// trace of whether it arrived, and that costs a refresh token that rotates.
func newDoor(o Options, base *url.URL, transport http.RoundTripper, limit time.Duration) *door {
	login := &origins{}
	login.allow(base)
	if pool, ok := transport.(*http.Transport); ok {
		own := pool.Clone()
		own.DisableKeepAlives = true
		transport = own
	}
	kept := &vault{}
	kept.keep(o.ClientSecret)
	return &door{
		base: base, id: o.ClientID, secret: o.ClientSecret, vault: kept,
		client: &http.Client{
			Transport:     agent{next: pinned{next: transport, origins: login}, name: o.UserAgent},
			CheckRedirect: refuseRedirect, Timeout: limit,
		},
	}
}

func (d *door) endpoint(name string) string {
	return d.base.JoinPath("/services/oauth2/" + name).String()
}

// within makes package oauth2 use this client. Without it, it takes one that follows redirects, with the token request.
func (d *door) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, d.client)
}

// config is the web server flow. The secret goes into the body, as the documentation shows; scopes go to the authorize
// endpoint only, since Salesforce refuses them at the token endpoint.
func (d *door) config(callback string, scopes ...string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: d.id, ClientSecret: d.secret.Reveal(), RedirectURL: callback, Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: d.endpoint("authorize"), TokenURL: d.endpoint("token"), AuthStyle: oauth2.AuthStyleInParams},
	}
}

// agent names this program in requests that package oauth2 builds, and notes what became of them.
type agent struct {
	next http.RoundTripper
	name string
}

// RoundTrip adds User-Agent and Accept.
func (a agent) RoundTrip(request *http.Request) (*http.Response, error) {
	named := request.Clone(request.Context())
	named.Header.Set("User-Agent", a.name)
	named.Header.Set("Accept", typeJSON)
	response, err := a.next.RoundTrip(named)
	if fate, ok := request.Context().Value(fateKey{}).(*fate); ok && err == nil {
		fate.status.Store(int64(response.StatusCode))
		kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
		fate.page.Store(kind == "text/html")
	}
	return response, err
}

// fate is what became of one token request.
type fate struct {
	sent   atomic.Bool  // to its last byte
	status atomic.Int64 // of the answer, 0 where none came
	page   atomic.Bool  // the answer is an HTML page: of a proxy or an edge server
}

type fateKey struct{}

// unknown tells that the request may have done its work without our having the answer.
func (f *fate) unknown() bool {
	answered := f.status.Load()
	return f.sent.Load() && (answered == 0 || answered < http.StatusMultipleChoices && !f.page.Load())
}

// tokenRefused judges an error of package oauth2, which prints whole bodies, so that nothing of its text is kept.
func tokenRefused(err error, secrets ...Secret) error {
	const op = "sign-in"
	var refused *oauth2.RetrieveError
	var location *url.Error
	switch {
	case errors.As(err, &refused):
		return tokenDenied(op, refused.Response, refused.Body, secrets)
	case errors.As(err, &location):
		return unreached(op, "", err)
	}
	failure := &Error{
		Op: op, Status: http.StatusOK, Message: "the token endpoint answered with something that is no token", exit: exitUnavailable,
		hint: hintProxy,
	}
	return &repeat{cause: failure, because: overloaded}
}

// tokenDenied judges an answer of an OAuth endpoint that is not 2xx.
func tokenDenied(op string, response *http.Response, text []byte, secrets []Secret) error {
	failure := &Error{Op: op, Status: response.StatusCode, RequestID: redact(requestID(response.Header), secrets...)}
	failure.Code, failure.Message = readComplaint(text, secrets...)
	verdict := judge(failure, response.Header)
	if failure.Status < http.StatusInternalServerError && failure.Status >= http.StatusBadRequest && isHTML(text) {
		failure.exit, failure.hint = exitUnavailable, hintProxy // an edge server or a proxy, not the token endpoint
		return &repeat{cause: failure, because: damaged}
	}
	if failure.Status < http.StatusInternalServerError && failure.exit == exitRefused {
		return failure // a token that is refused once is refused always: asking again locks users out
	}
	return verdict
}

// extra is a text that came with a token, or empty.
func extra(token *oauth2.Token, name string) string {
	text, _ := token.Extra(name).(string)
	return strings.TrimSpace(text)
}
