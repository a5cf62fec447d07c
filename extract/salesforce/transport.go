package salesforce

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

const (
	maximumHeaders = 256 << 10 // bytes; Salesforce sends about 2 kB
	tlsTimeout     = 20 * time.Second
	dialTimeout    = 20 * time.Second
)

// newTransport is the one connection pool of a client. Bodies are gunzipped by net/http, which asks for gzip itself as
// long as nobody else sets Accept-Encoding.
func newTransport(authorities *x509.CertPool, l limits, connections int) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities},
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  l.headers,
		MaxResponseHeaderBytes: maximumHeaders,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    connections,
		IdleConnTimeout:        90 * time.Second,
		OnProxyConnectResponse: proxyAnswer,
	}
}

// proxyAnswer turns the refusal of a proxy into an error of its own: net/http would give its status text only.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{status: answer.StatusCode}
}

type proxyError struct{ status int }

// Error names the status with which the proxy refused.
func (e *proxyError) Error() string {
	return "proxy: " + strconv.Itoa(e.status) + " " + http.StatusText(e.status)
}

// refuseRedirect hands a redirect back as the answer that it is. Salesforce's API has none, and following one would
// carry the token, or the client secret of a token request, to wherever it points.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// origins are the scheme, host and port that requests may go to: a fence behind every check of a URL.
type origins struct {
	mutex   sync.Mutex
	allowed map[string]bool
}

func (o *origins) allow(base *url.URL) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.allowed == nil {
		o.allowed = map[string]bool{}
	}
	o.allowed[origin(base)] = true
}

func (o *origins) has(target *url.URL) bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.allowed[origin(target)]
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// pinned is a RoundTripper that opens no connection outside its origins.
type pinned struct {
	next    http.RoundTripper
	origins *origins
}

// RoundTrip refuses a request to another scheme, host or port. It takes no connection that the server made another
// protocol of: such a one is no longer under the context, and would be read for ever.
func (p pinned) RoundTrip(request *http.Request) (*http.Response, error) {
	if !p.origins.has(request.URL) {
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, &strayError{to: origin(request.URL)}
	}
	response, err := p.next.RoundTrip(request)
	if err == nil && response.StatusCode < http.StatusOK {
		_ = response.Body.Close()
		return nil, &switchedError{status: response.StatusCode}
	}
	return response, err
}

type switchedError struct{ status int }

// Error names the status, which nobody asked for.
func (e *switchedError) Error() string {
	return "answered with status " + strconv.Itoa(e.status) + ", which is no answer"
}

type strayError struct{ to string }

// Error names the address, cut to a length that a log bears.
func (e *strayError) Error() string {
	return "request to " + clip(e.to) + " refused: it is not the org that was signed in at"
}

var (
	errStalled = errors.New("stalled: no byte for a minute")
	errTooLong = errors.New("longer than this client reads")
)

// body reads an answer within bounds. It remembers how its stream ended, which tells a broken connection from a
// damaged document when a decoder complains, and gives up on a stream that stands still.
type body struct {
	stream io.ReadCloser
	cancel context.CancelCauseFunc
	cause  func() error
	idle   time.Duration
	alarm  *time.Timer
	left   int64
	read   int64
	err    error // other than io.EOF
}

// Read gives the body up to its limit; the byte beyond it is an error, and so is every read after one.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one byte more tells a body that fits from one that does not
	}
	b.watch()
	n, err := b.stream.Read(p)
	b.alarm.Stop()
	b.read += int64(n)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		n, b.err = 0, errTooLong
	case err != nil && !errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		b.err = err
		if cause := b.cause(); cause != nil {
			b.err = cause
		}
	case err != nil:
		return n, io.EOF
	}
	return n, b.err
}

// watch sets the alarm for one read, so that a slow reader of ours is never blamed on the stream.
func (b *body) watch() {
	if b.alarm == nil {
		b.alarm = time.AfterFunc(b.idle, func() { b.cancel(errStalled) })
		return
	}
	b.alarm.Reset(b.idle)
}

// Close ends the request, whether or not the body was read to its end.
func (b *body) Close() error {
	err := b.stream.Close()
	b.cancel(nil)
	return err
}
