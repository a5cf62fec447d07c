package faults

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// F005: the token endpoint is out of order when a run signs in, and when its session ends on the way and is refreshed.

const (
	maintenance  = "<html><body>down for maintenance</body></html>"
	firstBackoff = 240 * time.Millisecond // the shortest wait before a second try: half of half a second
)

func tokenOutages() []point {
	twice := all(tokenCalls(3), waited(firstBackoff, 20*time.Second))
	points := []point{
		{name: "500 twice", faults: tokenAnswers(2, 500, ""), want: recovered(), after: twice},
		{name: "503 twice", faults: tokenAnswers(2, 503, "<html>Service Unavailable</html>"), want: recovered(), after: twice},
		{name: "200 with a page twice", faults: tokenAnswers(2, 200, maintenance), want: recovered(), after: twice},
		{name: "200 with nothing", faults: tokenAnswers(1, 200, " "), want: recovered(), after: all(tokenCalls(2), waited(firstBackoff, 20*time.Second))},
		{
			name: "500 for ever", faults: tokenAnswers(-1, 500, ""), env: []string{"CROSSWALK_LIMITS_DEADLINE=3s"},
			want: refused(exitUnavailable, "sign-in", "500"), after: all(askedOf("token", 2, tries), within(15*time.Second)),
		},
	}
	for i := range points {
		points[i].env = append(points[i].env, "CROSSWALK_SALESFORCE_LOGIN=client_credentials")
	}
	return append([]point{
		refreshOutage(2, http.StatusInternalServerError, ""), refreshOutage(2, http.StatusServiceUnavailable, "<html>Service Unavailable</html>"),
		refreshOutage(2, http.StatusOK, maintenance), refreshOutage(-1, http.StatusServiceUnavailable, ""),
	}, points...)
}

// refreshOutage ends the session of a person's sign-in before the contacts are read, and lets the refresh of it fail.
func refreshOutage(times, status int, body string) point {
	s := &endedSession{times: times, status: status, body: body}
	p := point{
		name:   fmt.Sprintf("refresh on the way: %d %d times", status, times),
		before: func(w *world) { w.org.intercept(s.serve) }, want: recovered(),
		after: func(w *world, _ outcome) {
			if len(s.refreshes) != times+1 {
				w.v.errorf("%d refreshes, want %d", len(s.refreshes), times+1)
			}
			s.holds(w)
		},
	}
	if times < 0 {
		p.want, p.env = refused(exitUnavailable, "sign-in", fmt.Sprint(status)), []string{"CROSSWALK_LIMITS_DEADLINE=10s"}
		p.after = func(w *world, _ outcome) {
			if n := len(s.refreshes); n < 2 || n > tries {
				w.v.errorf("%d refreshes, want 2 to %d", n, tries)
			}
			s.holds(w)
		}
	}
	return p
}

// endedSession is a wire on which the session of the first query for contacts is over.
type endedSession struct {
	times, status int
	body          string

	mutex     sync.Mutex
	over      string // authorization
	refreshes []refresh
}

type refresh struct {
	at, answered time.Time
	token        string
}

func (s *endedSession) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	authorization := r.Header.Get("Authorization")
	if s.over == "" && strings.HasSuffix(r.URL.Query().Get("q"), "FROM Contact") {
		s.over = authorization
	}
	if s.over != "" && authorization == s.over {
		r.Header.Set("Authorization", "Bearer over")
	}
	if r.URL.Path != "/services/oauth2/token" || s.over == "" {
		next.ServeHTTP(w, r)
		return
	}
	form := readForm(r)
	s.refreshes = append(s.refreshes, refresh{at: time.Now(), token: form.Get("refresh_token")})
	if n := len(s.refreshes); s.times < 0 || n <= s.times {
		if strings.HasPrefix(s.body, "<") {
			w.Header().Set("Content-Type", "text/html")
		}
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.body)
	} else {
		next.ServeHTTP(w, withForm(r, form))
	}
	s.refreshes[len(s.refreshes)-1].answered = time.Now()
}

// holds that every refresh was made with the token that is good, each a while after the last. The queries for two objects
// may each meet the outage, and each lets its own waits grow: two waits may be a first one, two a second one, and so on.
func (s *endedSession) holds(w *world) {
	w.v.t.Helper()
	var waits []time.Duration
	for i, r := range s.refreshes {
		if r.token == "" || r.token != s.refreshes[0].token {
			w.v.errorf("refresh %d came with another token than the first", i+1)
		}
		if i > 0 {
			waits = append(waits, r.at.Sub(s.refreshes[i-1].answered))
		}
	}
	slices.Sort(waits)
	for i, wait := range waits {
		if least := firstBackoff << (i / 2); wait < least { // the waits double; each may be half as long
			w.v.errorf("the refreshes came %s one after the other, want %s at least for the one in place %d", waits, least, i+1)
		}
	}
}
