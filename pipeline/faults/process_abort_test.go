package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"crosswalk/fixtures"
)

// F155: the job that Salesforce still works on when the run is told to stop is aborted there, that one and no other.

func abortPoints() []point {
	var points []point
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		points = append(points, point{
			name: signal.String() + " while Salesforce works on a job", want: expectation{codes: []int{128 + int(signal)}, says: []string{"interrupted by"}},
			play: func(w *world) outcome { return w.abortedBy(signal) },
		})
	}
	return append(points, point{
		name: "the deadline while Salesforce works on a job", want: refused(exitUnavailable, "not done after"),
		play: func(w *world) outcome { return w.abortedBy(0) },
	})
}

// jobCalls are what a run did with jobs, by their ids.
type jobCalls struct {
	sync.Mutex
	created, asked, aborted, deleted []string
}

// note serves a call and keeps what it was about.
func (j *jobCalls) note(rw http.ResponseWriter, r *http.Request, next http.Handler) {
	if !strings.Contains(r.URL.Path, "/jobs/query") {
		next.ServeHTTP(rw, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Del("Accept-Encoding")
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	var named struct{ ID, State string }
	_ = json.Unmarshal(answer.Body.Bytes(), &named) // a deletion has no body
	_, asked, _ := strings.Cut(string(body), `"state"`)
	j.Lock()
	switch id := path.Base(r.URL.Path); {
	case r.Method == http.MethodPost:
		j.created = append(j.created, named.ID)
	case r.Method == http.MethodPatch && strings.Contains(asked, `"Aborted"`) && answer.Code == http.StatusOK:
		j.aborted = append(j.aborted, id)
	case r.Method == http.MethodDelete && answer.Code/100 == 2:
		j.deleted = append(j.deleted, id)
	case r.Method == http.MethodGet && answer.Code == http.StatusOK:
		j.asked = append(j.asked, id)
	}
	j.Unlock()
	for name, values := range answer.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write(answer.Body.Bytes()) // whoever is gone has no use for it
}

// waits tells whether a job was made and asked about.
func (j *jobCalls) waits() bool {
	j.Lock()
	defer j.Unlock()
	return len(j.created) > 0 && len(j.asked) > 1
}

// abortedBy stops a run whose jobs are never done, and holds that each of them was aborted and deleted, and nothing else.
// Without a signal the deadline stops it.
func (w *world) abortedBy(signal syscall.Signal) outcome {
	w.v.t.Helper()
	w.org.armAs(func(o *fixtures.Options) { o.JobDelay = time.Hour })
	var calls jobCalls
	w.org.intercept(calls.note)
	const deadline = 8 * time.Second
	p := w.start([]string{"CROSSWALK_LIMITS_DEADLINE=" + deadline.String()}, "run", "--run-date", faultDate)
	for !calls.waits() && time.Since(p.began) < deadline {
		time.Sleep(pollEvery)
	}
	stopped := time.Now()
	if signal != 0 {
		_ = p.command.Process.Signal(signal)
	}
	o := p.wait()
	if signal == 0 {
		stopped = p.began.Add(deadline)
	}
	if late := time.Since(stopped); late > 5*time.Second {
		w.v.errorf("ended %s after it was stopped, want less than 5 s", late.Round(time.Millisecond))
	}
	calls.Lock()
	defer calls.Unlock()
	for _, ids := range []*[]string{&calls.created, &calls.aborted, &calls.deleted} {
		slices.Sort(*ids)
	}
	if len(calls.created) == 0 || calls.created[0] == "" || !slices.Equal(calls.created, calls.aborted) || !slices.Equal(calls.created, calls.deleted) {
		w.v.errorf("the run made the jobs %v, aborted %v and deleted %v", calls.created, calls.aborted, calls.deleted)
	}
	if left := w.org.now().Jobs(); left != 0 {
		w.v.errorf("%d jobs are left in the org", left)
	}
	return o
}
