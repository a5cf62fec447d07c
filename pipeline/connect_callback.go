package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"crosswalk/extract/salesforce"

	"github.com/sourcegraph/conc/pool"
)

const (
	callbackPath = "/callback"
	outcomePath  = "/signed-in"
	pageWait     = 3 * time.Second // for the browser to fetch the page that tells how it ended
)

// ending is how a sign-in ended.
type ending struct {
	who salesforce.Identity
	err error
}

// reception waits on loopback for the one request with which the browser comes back. It takes the first that carries the
// state; all others are refused and change nothing.
type reception struct {
	attempt *salesforce.Authorization
	ctx     func() context.Context // of the whole command: a browser that closes the connection does not stop the exchange
	port    int

	taken atomic.Bool
	ended chan ending // capacity 1
	shown chan struct{}
	known atomic.Pointer[ending]
}

// connectByBrowser opens the browser, or says where to go, and listens until somebody comes back.
func connectByBrowser(ctx context.Context, attempt *salesforce.Authorization, config *Config, options ConnectOptions) (salesforce.Identity, error) {
	port := config.Salesforce.CallbackPort
	listeners, err := listenLocal(ctx, port)
	if err != nil {
		return salesforce.Identity{}, err
	}
	r := &reception{
		attempt: attempt, ctx: func() context.Context { return ctx }, port: port, ended: make(chan ending, 1), shown: make(chan struct{}, 1),
	}
	server := &http.Server{
		Handler: r.routes(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would print the query
	}
	serving := pool.New()
	for _, listener := range listeners {
		serving.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed
	}
	defer serving.Wait()
	defer func() { farewell(ctx, server) }()
	if err := invite(ctx, attempt.URL(), config.Salesforce.ClientSecret, options); err != nil {
		return salesforce.Identity{}, err
	}
	return r.wait(ctx)
}

// farewell lets the last page reach the browser before the port is given back.
func farewell(ctx context.Context, server *http.Server) {
	polite, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(polite) != nil {
		_ = server.Close()
	}
}

// wait is over when the tokens are kept, Salesforce refused, or nobody came.
func (r *reception) wait(ctx context.Context) (salesforce.Identity, error) {
	select {
	case <-ctx.Done():
		return salesforce.Identity{}, context.Cause(ctx)
	case end := <-r.ended:
		select {
		case <-r.shown:
		case <-time.After(pageWait):
		case <-ctx.Done():
		}
		return end.who, end.err
	}
}

func (r *reception) routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET "+callbackPath, r.callback)
	routes.HandleFunc("GET "+outcomePath, r.outcome)
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		protect(w.Header())
		if !r.addressed(request.Host) { // a name that somebody made point here
			showPage(w, http.StatusMisdirectedRequest, strangePage)
			return
		}
		routes.ServeHTTP(w, request)
	})
}

func (r *reception) addressed(host string) bool {
	name, port, err := net.SplitHostPort(host)
	return err == nil && port == strconv.Itoa(r.port) && (name == "localhost" || name == "127.0.0.1" || name == "::1")
}

// callback takes the code, makes tokens of it and sends the browser on to a page whose address does not have it.
func (r *reception) callback(w http.ResponseWriter, request *http.Request) {
	code, err := r.attempt.Answer(request.URL.Query())
	if errors.Is(err, salesforce.ErrForeign) {
		showPage(w, http.StatusBadRequest, strangePage)
		return
	}
	if !r.taken.CompareAndSwap(false, true) {
		showPage(w, http.StatusBadRequest, usedPage)
		return
	}
	end := &ending{err: err}
	if err == nil {
		end.who, end.err = r.attempt.Exchange(r.ctx(), code) //nolint:contextcheck // the browser's context ends when it goes away
	}
	r.known.Store(end)
	http.Redirect(w, request, outcomePath, http.StatusSeeOther)
	r.ended <- *end
}

func (r *reception) outcome(w http.ResponseWriter, _ *http.Request) {
	end := r.known.Load()
	if end == nil {
		showPage(w, http.StatusNotFound, strangePage)
		return
	}
	page, status := connectedPage, http.StatusOK
	if end.err != nil {
		page, status = refusedPage(end.err), http.StatusForbidden
	}
	showPage(w, status, page)
	select {
	case r.shown <- struct{}{}:
	default: // shown before
	}
}

// listenLocal listens on both loopback addresses, since localhost may be either. A machine without IPv6 has one.
func listenLocal(ctx context.Context, port int) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, host := range []string{"127.0.0.1", "::1"} {
		address := net.JoinHostPort(host, strconv.Itoa(port))
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		switch {
		case err == nil:
			listeners = append(listeners, listener)
		case host == "::1" && !errors.Is(err, syscall.EADDRINUSE):
		default:
			for _, open := range listeners {
				_ = open.Close()
			}
			return nil, portError(address, port, err)
		}
	}
	return listeners, nil
}

func portError(address string, port int, err error) error {
	fix := fmt.Sprintf("stop what listens on port %d, or set salesforce.callback_port to a free one and give the app the callback URL http://localhost:PORT%s with it", port, callbackPath)
	if errors.Is(err, syscall.EADDRINUSE) {
		return &UsageError{Problem: "connect: " + address + " is in use by another program", Fix: fix}
	}
	var failed *net.OpError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return &UsageError{Problem: "connect: " + address + ": " + err.Error(), Fix: fix}
}
