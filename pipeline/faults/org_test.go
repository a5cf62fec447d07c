package faults

import (
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"crosswalk/fixtures"
)

// org is a simulated org at one address for as long as its world stands. What answers there can be exchanged, so that a
// fault strikes one run and not the ones before and after it.
type org struct {
	t       *testing.T
	options fixtures.Options
	server  *httptest.Server
	url     string

	mutex   sync.Mutex
	healthy *fixtures.Server // keeps grants and sessions for the world's life
	current *fixtures.Server
	log     *lockedBuffer                                                   // of current
	between func(w http.ResponseWriter, r *http.Request, next http.Handler) // of the run under way, before the simulator

	armed     []fixtures.Fault
	requests  atomic.Int64
	refused   atomic.Int64 // token requests that an interceptor answered with no
	refreshes []string     // refresh tokens in the order in which they went out
}

// serveOrg begins to serve. A listener that is given is used, else a free port of 127.0.0.1.
func serveOrg(t *testing.T, options fixtures.Options, encrypted bool) *org {
	t.Helper()
	options.ClientID, options.ClientSecret = canaryClient, canarySecret
	o := &org{t: t, options: options}
	o.log = &lockedBuffer{}
	options.Log = o.log
	healthy, err := fixtures.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	o.healthy, o.current = healthy, healthy
	o.server = httptest.NewUnstartedServer(o)
	o.server.Listener = listening{o.server.Listener, o}
	o.server.Config.ErrorLog = quiet
	if encrypted {
		o.server.StartTLS()
	} else {
		o.server.Start()
	}
	o.url = o.server.URL
	t.Cleanup(func() { o.now().Close(); healthy.Close(); o.server.Close() })
	return o
}

// ServeHTTP is the org as it is now.
func (o *org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.requests.Add(1)
	if o.options.RESTPage > 0 {
		r.Header.Del("Sforce-Query-Options") // Salesforce makes pages smaller than asked for where it likes
	}
	if o.options.NoResultPages && strings.Contains(r.URL.RawQuery, "maxRecords") {
		query := r.URL.Query()
		query.Del("maxRecords")
		r.URL.RawQuery = query.Encode()
	}
	o.mutex.Lock()
	between, next := o.between, o.current
	o.mutex.Unlock()
	if between != nil {
		between(w, r, next)
		return
	}
	next.ServeHTTP(w, r)
}

func (o *org) now() *fixtures.Server {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.current
}

// arm makes the simulator misbehave from now on. It is a new one on the same rows: sessions of before are dead.
func (o *org) arm(faults []fixtures.Fault) {
	o.armAs(func(options *fixtures.Options) { options.Faults = faults })
}

// armAs exchanges the simulator for one with other options.
func (o *org) armAs(change func(*fixtures.Options)) {
	options := o.options
	change(&options)
	log := &lockedBuffer{}
	options.Log = log
	armed, err := fixtures.NewServer(options)
	if err != nil {
		o.t.Fatal(err)
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.current, o.log, o.armed = armed, log, options.Faults
}

// intercept puts a handler before the simulator; nil takes it away.
func (o *org) intercept(handler func(http.ResponseWriter, *http.Request, http.Handler)) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.between = handler
}

// heal ends every fault.
func (o *org) heal() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.between, o.armed = nil, nil
	if o.current != o.healthy {
		o.current.Close()
		o.current = o.healthy
	}
}

// newest is the refresh token that went out last, "" where none did.
func (o *org) newest() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if len(o.refreshes) == 0 {
		return ""
	}
	return o.refreshes[len(o.refreshes)-1]
}

// listening notes the refresh tokens that go out, on the wire itself: a fault may take the connection over.
type listening struct {
	net.Listener
	org *org
}

// Accept takes the next connection.
func (l listening) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return overheard{connection, l.org}, nil
}

type overheard struct {
	net.Conn
	org *org
}

var refreshToken = regexp.MustCompile(`"refresh_token" ?: ?"([^"]+)"`)

// Write passes on.
func (c overheard) Write(p []byte) (int, error) {
	for _, found := range refreshToken.FindAllSubmatch(p, -1) {
		c.org.mutex.Lock()
		c.org.refreshes = append(c.org.refreshes, string(found[1]))
		c.org.mutex.Unlock()
	}
	return c.Conn.Write(p)
}

// NetConn is the connection below, for a fault that resets it.
func (c overheard) NetConn() net.Conn { return c.Conn }
