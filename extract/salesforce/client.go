package salesforce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/oauth2"
)

const dataPath = "/services/data"

// Open signs in and checks that the org offers the API version. The caller closes the client. Errors are *Error.
func Open(ctx context.Context, o Options) (*Client, error) {
	return open(ctx, o, standardLimits())
}

func open(ctx context.Context, o Options, l limits) (*Client, error) {
	c, err := newClient(o, l)
	if err != nil {
		return nil, err
	}
	err = c.signIn(ctx)
	if err == nil {
		err = c.checkVersion(ctx)
	}
	if err != nil {
		c.Close()
		return nil, c.vault.scrub(err)
	}
	return c, nil
}

func newClient(o Options, l limits) (*Client, error) {
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
	c := &Client{
		options: o, limits: l, log: o.Logger, memory: memory.DefaultAllocator,
		origins: &origins{}, pacer: &pacer{},
	}
	return c, c.connect(base, newTransport(authorities, l, o.Workers+1))
}

// connect puts the layers together: the pool of connections, a fence around each kind of request, and the grant.
func (c *Client) connect(base *url.URL, transport http.RoundTripper) error {
	c.http = &http.Client{Transport: pinned{next: transport, origins: c.origins}, CheckRedirect: refuseRedirect}
	door := newDoor(c.options, base, transport, c.limits.signIn)
	c.vault = door.vault
	ask, err := c.grant(door)
	if err != nil {
		return err
	}
	c.sessions = newSessions(ask, c.vault, func(token *oauth2.Token) (*url.URL, error) { return c.accept(token, base) })
	return nil
}

// Close gives the connections back. Requests under way go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) signIn(ctx context.Context) error {
	return c.do(ctx, "sign-in", "", func(ctx context.Context) error {
		_, err := c.sessions.session(ctx)
		return err
	})
}

// checkVersion pins the version that is configured: results of a job are read with the version that created it, and an
// org drops versions that are retired.
func (c *Client) checkVersion(ctx context.Context) error {
	var offered []struct {
		Version string `json:"version"`
	}
	if err := c.fetch(ctx, request{op: "versions", method: http.MethodGet, path: dataPath}, &offered); err != nil {
		return err
	}
	for _, v := range offered {
		if v.Version == c.options.APIVersion {
			return nil
		}
	}
	failure := &Error{Op: "versions", Code: "API_VERSION", Message: "the org offers no version " + c.options.APIVersion, exit: exitUsage}
	if len(offered) > 0 && version.MatchString(offered[0].Version) && version.MatchString(offered[len(offered)-1].Version) {
		failure.hint = fmt.Sprintf("set salesforce.api_version to one from %s to %s", offered[0].Version, offered[len(offered)-1].Version)
	}
	return failure
}

// request is one call of the data API.
type request struct {
	op, object string
	method     string
	path       string // below the pinned origin
	query      url.Values
	accept     string // media type wanted; empty is JSON, "none" is an answer without one
	options    string // Sforce-Query-Options
	body       []byte // JSON
}

const (
	typeJSON = "application/json"
	typeCSV  = "text/csv"
	noAnswer = "none"
)

// answer is an answer with status 2xx and the media type that was asked for. The caller closes its body.
type answer struct {
	status int
	header http.Header
	body   *body
}

// versioned is a path of the pinned API version.
func (c *Client) versioned(parts ...string) string {
	return dataPath + "/v" + c.options.APIVersion + "/" + strings.Join(parts, "/")
}

// fetch makes a call and decodes the JSON of its answer, repeating both as one. A nil into takes any answer.
func (c *Client) fetch(ctx context.Context, r request, into any) error {
	return c.do(ctx, r.op, r.object, func(ctx context.Context) error {
		answer, err := c.send(ctx, r, c.limits.jsonBytes)
		if err != nil {
			return err
		}
		defer func() { _ = answer.body.Close() }()
		if into == nil {
			return nil
		}
		return decodeJSON(r, answer, into)
	})
}

// send makes one attempt at a request and reads its answer as far as the headers. Errors are *Error, or *repeat around
// one. A session that ended is dropped here.
func (c *Client) send(ctx context.Context, r request, most int64) (*answer, error) {
	session, err := c.sessions.session(ctx)
	if err != nil {
		return nil, err
	}
	own, cancel := context.WithCancelCause(ctx)
	built, err := c.build(own, r, session)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	began := time.Now()
	c.usage.calls.Add(1)
	response, err := c.http.Do(built) //nolint:bodyclose // the answer owns the body, and its caller closes it
	if err != nil {
		cancel(nil)
		return nil, unreached(r.op, r.object, err)
	}
	c.usage.note(response.Header)
	c.log.DebugContext(ctx, "request", "operation", r.op, "object", r.object, "method", r.method, "path", r.path,
		"status", response.StatusCode, "duration_seconds", time.Since(began).Seconds(), "request_id", c.vault.without(requestID(response.Header)))
	stream := &body{stream: response.Body, cancel: cancel, cause: cause(own), idle: c.limits.idle, left: most}
	if err := c.checkAnswer(r, response, stream); err != nil {
		_ = stream.Close()
		var again *repeat
		if errors.As(err, &again) && again.because.name == signedOut.name {
			c.sessions.drop(ctx, session)
		}
		return nil, err
	}
	return &answer{status: response.StatusCode, header: response.Header, body: stream}, nil
}

// cause is the reason why this request was given up, where it was its own idle alarm.
func cause(ctx context.Context) func() error {
	return func() error {
		if reason := context.Cause(ctx); errors.Is(reason, errStalled) {
			return reason
		}
		return nil
	}
}

func (c *Client) build(ctx context.Context, r request, s *session) (*http.Request, error) {
	target := *s.base
	target.Path = r.path
	target.RawQuery = r.query.Encode()
	built, err := http.NewRequestWithContext(ctx, r.method, target.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, &Error{Op: r.op, Object: r.object, Message: "request cannot be built", exit: exitUsage}
	}
	built.Header.Set("Authorization", "Bearer "+s.token.Reveal())
	built.Header.Set("User-Agent", c.options.UserAgent)
	built.Header.Set("Accept", r.wanted())
	if r.options != "" {
		built.Header.Set("Sforce-Query-Options", r.options)
	}
	if len(r.body) > 0 {
		built.Header.Set("Content-Type", typeJSON)
	}
	return built, nil
}

func (r request) wanted() string {
	if r.accept == "" || r.accept == noAnswer {
		return typeJSON
	}
	return r.accept
}

// checkAnswer holds an answer against what was asked for. No answer without rows passes for one with none.
func (c *Client) checkAnswer(r request, response *http.Response, stream *body) error {
	status, header := response.StatusCode, response.Header
	switch kind := mediaType(header); {
	case status < 200 || status > 299:
		return c.refused(r, status, header, stream)
	case r.accept == noAnswer:
		return nil
	case status == http.StatusNoContent:
		return garbled(r, status, header, "an answer without content")
	case status != http.StatusOK && status != http.StatusCreated:
		return garbled(r, status, header, "status "+strconv.Itoa(status)+" in place of 200")
	case kind == "text/html":
		return garbled(r, status, header, "an HTML page in place of an answer")
	case kind != r.wanted():
		return garbled(r, status, header, clip(c.vault.without(kind))+" in place of "+r.wanted())
	}
	return nil
}
