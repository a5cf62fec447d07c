package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Probe asks an org one question at a time, for a checklist. Unlike a client of [Open] it signs in only when it is
// told to and goes on where the org lacks the API version, so that each question has an answer of its own. It is for
// one goroutine. The caller closes it.
type Probe struct {
	client *Client
	base   *url.URL
	front  *http.Client // of what needs no session: the versions, and introspection
}

// NewProbe checks the options and asks nothing yet. Errors are *Error.
func NewProbe(o Options) (*Probe, error) {
	client, err := newClient(o, probeLimits())
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
	p := &Probe{client: client, base: base}
	fence := &origins{}
	fence.allow(base)
	transport := newTransport(authorities, client.limits, 1)
	p.front = &http.Client{
		Transport:     agent{next: pinned{next: transport, origins: fence}, name: client.options.UserAgent},
		CheckRedirect: refuseRedirect, Timeout: client.limits.signIn,
	}
	return p, nil
}

// probeLimits are those of a person who waits: an outage is told after seconds, not after minutes.
func probeLimits() limits {
	l := standardLimits()
	l.signIn = 30 * time.Second
	l.lastRetry = time.Second
	l.retryAfter = 10 * time.Second
	return l
}

// Close gives the connections back.
func (p *Probe) Close() {
	p.client.Close()
	p.front.CloseIdleConnections()
}

// Usage is the account so far, as of [Client.Usage].
func (p *Probe) Usage() Usage { return p.client.Usage() }

// Host is the host of the configured instance URL, without its port.
func (p *Probe) Host() string { return p.base.Hostname() }

// Local tells that the org is served on a loopback address, as the simulator is.
func (p *Probe) Local() bool { return isLoopback(p.base) }

// Greeting is what an org tells to anybody.
type Greeting struct {
	Versions []string // in the org's order, such as 31.0 to 67.0
	// Skew is the server's clock less this machine's, to about a second; Dated is false where the answer has no date.
	Skew  time.Duration
	Dated bool
}

// Offers tells whether the org offers an API version.
func (g Greeting) Offers(version string) bool { return slices.Contains(g.Versions, version) }

// Range is "31.0 to 67.0".
func (g Greeting) Range() string {
	if len(g.Versions) == 0 {
		return "none"
	}
	return clip(g.Versions[0]) + " to " + clip(g.Versions[len(g.Versions)-1])
}

// Greet asks for the versions, without credentials, at the configured instance URL. The clock of this machine is read
// with now. Errors are *Error.
func (p *Probe) Greet(ctx context.Context, now func() time.Time) (found Greeting, err error) {
	r := request{op: "versions", method: http.MethodGet, path: dataPath}
	err = p.client.do(ctx, r.op, "", func(ctx context.Context) error {
		asked := now()
		answer, err := p.ask(ctx, r)
		if err != nil {
			return err
		}
		answered := now()
		defer func() { _ = answer.body.Close() }()
		var offered []struct {
			Version string `json:"version"`
		}
		if err := decodeJSON(r, answer, &offered); err != nil {
			return err
		}
		found = Greeting{}
		for _, v := range offered {
			if version.MatchString(v.Version) {
				found.Versions = append(found.Versions, v.Version)
			}
		}
		found.Skew, found.Dated = skew(answer.header, asked, answered)
		return nil
	})
	return found, err
}

// skew holds the Date of an answer, which has whole seconds, against the moment half-way between question and answer.
func skew(header http.Header, asked, answered time.Time) (time.Duration, bool) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0, false
	}
	here := asked.Add(answered.Sub(asked) / 2)
	return date.Add(500 * time.Millisecond).Sub(here).Round(time.Second), true
}

// ask makes one attempt at a request without a session, at the configured instance URL.
func (p *Probe) ask(ctx context.Context, r request) (*answer, error) {
	own, cancel := context.WithCancelCause(ctx)
	target := *p.base
	target.Path = r.path
	built, err := http.NewRequestWithContext(own, r.method, target.String(), strings.NewReader(string(r.body)))
	if err != nil {
		cancel(nil)
		return nil, &Error{Op: r.op, Message: "request cannot be built", exit: exitUsage}
	}
	if len(r.body) > 0 {
		built.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := p.front.Do(built) //nolint:bodyclose // the answer owns the body, and its caller closes it
	if err != nil {
		cancel(nil)
		return nil, unreached(r.op, "", err)
	}
	stream := &body{stream: response.Body, cancel: cancel, cause: cause(own), idle: p.client.limits.idle, left: p.client.limits.errorBytes}
	if err := p.client.checkAnswer(r, response, stream); err != nil {
		_ = stream.Close()
		return nil, err
	}
	return &answer{status: response.StatusCode, header: response.Header, body: stream}, nil
}

// SignIn gets a token. Errors are *Error, or those of the store that tokens are kept in.
func (p *Probe) SignIn(ctx context.Context) error { return p.client.signIn(ctx) }

// Reach asks for the resources of the configured API version: the first call that needs "API Enabled". Errors are
// *Error.
func (p *Probe) Reach(ctx context.Context) error {
	return p.client.fetch(ctx, request{op: "resources", method: http.MethodGet, path: dataPath + "/v" + p.client.options.APIVersion}, nil)
}

// Describe is [Client.Describe].
func (p *Probe) Describe(ctx context.Context, object string) (*Describe, error) {
	return p.client.Describe(ctx, object)
}

// CheckFields tells in one *Error which of the fields are not visible, or cannot be read into a column. Those that
// identifiers names are read as text.
func (p *Probe) CheckFields(ctx context.Context, d *Describe, fields []string, identifiers map[string]bool) error {
	_, err := p.client.Schema(ctx, d, fields, identifiers)
	return err
}

// CallsNeeded is about how many API calls an extract of so many rows takes, by api (auto, bulk or rest), estimated high.
func CallsNeeded(api string, rows int64) int64 {
	if api == apiAuto || api == "" {
		if api = apiREST; rows > bulkAbove {
			api = apiBulk
		}
	}
	return callsNeeded(api, rows) + 3 // the describe, and COUNT() before and after
}
