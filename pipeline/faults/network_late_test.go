package faults

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"crosswalk/fixtures"
)

// F022 and F025: what stands between the program and the org, and is not ready or says no.

// bothPages gives small pages by either API.
var bothPages = setting{api: "bulk", options: fixtures.Options{BulkPage: 47, RESTPage: 50}}

// closedDoor is an address that is taken and that nobody listens at: the kernel refuses connections until it opens.
type closedDoor struct {
	socket  int
	address string
}

func (w *world) closedDoor() *closedDoor {
	w.v.t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	w.v.must(err)
	w.v.must(syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := syscall.Getsockname(socket)
	w.v.must(err)
	d := &closedDoor{socket: socket, address: fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)}
	if connection, err := net.DialTimeout("tcp", d.address, time.Second); err == nil {
		_ = connection.Close()
		w.v.errorf("the door is open: the case proves nothing")
	}
	w.extra = append(w.extra, "CROSSWALK_SALESFORCE_INSTANCE_URL=http://"+d.address)
	return d
}

// open serves the org there. It gives the server, nil where that fails.
func (d *closedDoor) open(w *world) *http.Server {
	if err := syscall.Listen(d.socket, 128); err != nil {
		return nil
	}
	file := os.NewFile(uintptr(d.socket), "door")
	defer func() { _ = file.Close() }()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil
	}
	server := &http.Server{Handler: w.org, ErrorLog: quiet}
	go func() { _ = server.Serve(listener) }()
	return server
}

func latePoints() []point {
	const late = 2500 * time.Millisecond
	var opened atomic.Int64 // Unix milliseconds
	var server atomic.Pointer[http.Server]
	return []point{{
		name: "up after a while", want: recovered(),
		before: func(w *world) {
			w.org.arm(nil)
			door := w.closedDoor()
			opened.Store(time.Now().Add(late).UnixMilli())
			timer := time.AfterFunc(late, func() { server.Store(door.open(w)) })
			w.later(func() {
				timer.Stop()
				if s := server.Load(); s != nil {
					_ = s.Close()
				}
			})
		},
		after: func(w *world, _ outcome) {
			calls := w.requests()
			if len(calls) == 0 || calls[0].Time.UnixMilli() < opened.Load() {
				w.v.errorf("%d requests, the first before the door opened", len(calls))
			}
			if w.retries() < 1 {
				w.v.errorf("nothing was tried before the door opened: the case proves nothing")
			}
			w.asked("token", 1, 1)
		},
	}, {
		name: "for ever", want: refused(exitUnavailable, "connection refused", "the network between here and Salesforce"), env: []string{"CROSSWALK_LIMITS_DEADLINE=4s"}, after: within(15 * time.Second),
		before: func(w *world) {
			door := w.closedDoor()
			w.later(func() { _ = syscall.Close(door.socket) })
		},
	}}
}

// proxyPoints have a proxy that answers CONNECT with something else than a way through.
func proxyPoints() []point {
	var points []point
	for _, c := range []struct {
		name, answer string
		most         int64 // connections that it may be asked for
		want         expectation
	}{
		{"407", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n", 1, refused(exitUnavailable, "407", "the proxy of HTTPS_PROXY refuses", "credentials")},
		{"a page with 403", "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<html>no</ht", 1, refused(exitUnavailable, "403", "the proxy of HTTPS_PROXY refuses")},
		{"a page in the tunnel", "HTTP/1.1 200 OK\r\n\r\n" + whenAsked + "<html>log in to the network</html>", 1, refused(exitUnavailable, "TLS", "look for a proxy")},
		{"a page with 200", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>log in to the network</html>", 8, refused(exitUnavailable, "the network between here and Salesforce")},
		{"502 for ever", badGateway, 8, refused(exitUnavailable, "proxy: 502")},
		{"nothing", "", 8, refused(exitUnavailable, "the network between here and Salesforce")},
	} {
		var connects atomic.Int64
		points = append(points, point{
			name: c.name, want: c.want, env: []string{"CROSSWALK_LIMITS_DEADLINE=5s", "CROSSWALK_SALESFORCE_INSTANCE_URL=https://" + acme},
			before: func(w *world) { w.behindProxy(1<<30, c.answer, &connects, nil) },
			after: func(w *world, _ outcome) {
				if n := connects.Load(); n < min(2, c.most) || n > c.most {
					w.v.errorf("the proxy was asked for %d connections, want %d to %d", n, min(2, c.most), c.most)
				}
			},
		})
	}
	return slices.Concat(points, passingProxy())
}

// whenAsked stands in an answer before what comes once the client has said something.
const whenAsked = "\f"

const badGateway = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 26\r\n\r\n<html>Bad Gateway</html>\r\n"

// passingProxy is one that is out of order for a moment. The rest of the case is behind a proxy then.
func passingProxy() []point {
	var connects atomic.Int64
	return []point{{
		name: "502 twice, then a way through", want: recovered(),
		before: func(w *world) { w.behindProxy(2, badGateway, &connects, w.inDomain()) },
		after: func(w *world, _ outcome) {
			if connects.Load() < 3 {
				w.v.errorf("the proxy was asked for %d connections, want 3 at least", connects.Load())
			}
			if repeated := w.retries(); repeated < 2 {
				w.v.errorf("%d requests were repeated, want 2 at least", repeated)
			}
		},
	}}
}

// behindProxy leads the run that is struck through a proxy that answers its first connections so, and passes the others on.
func (w *world) behindProxy(first int64, answer string, connects *atomic.Int64, next http.Handler) {
	w.v.t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if connects.Add(1) > first {
			next.ServeHTTP(rw, r)
			return
		}
		if here, _, err := http.NewResponseController(rw).Hijack(); err == nil {
			at, inside, asked := strings.Cut(answer, whenAsked)
			_, _ = io.WriteString(here, at)
			if asked {
				_, _ = here.Read(make([]byte, 4<<10))
				_, _ = io.WriteString(here, inside)
			}
			_ = here.Close()
		}
	}))
	w.later(proxy.Close)
	w.extra = append(w.extra, "HTTPS_PROXY="+proxy.URL)
}
