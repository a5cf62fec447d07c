package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"crosswalk/fixtures"
)

// Section I: the process and its schedule.
var processFaults = []fault{
	{id: "F155", what: "SIGTERM, SIGINT, a second signal and SIGKILL, in each phase of a run", setting: bulkPages, points: slices.Concat(abortPoints(), signalPoints(), heldPoints())},
	{id: "F156", what: "two runs at once", setting: bulkPages, points: []point{
		{name: "the same date", play: secondRun("run", "--run-date", faultDate), want: busy()},
		{name: "another date", play: secondRun("run", "--run-date", "2026-11-24"), want: busy()},
		{name: "a backfill", play: secondRun("backfill", "--from", goodDate, "--to", goodDate), want: busy()},
	}},
	{id: "F157", what: "a retry while the first run stands still", setting: bulkPages, points: []point{
		{name: "SIGSTOP, and the first is killed", want: busy(), play: (*world).stoppedAndKilled},
		{name: "SIGSTOP, and the first goes on and publishes", want: recovered(), play: (*world).stoppedAndGoesOn},
	}},
	{id: "F159", what: "few files, little memory", setting: bulkPages, points: []point{
		limited("64 files", "ulimit -n 64"), limited("24 files", "ulimit -n 24"), limited("1.5 GB of address space", "ulimit -v 1500000"),
		limited("800 MB of address space", "ulimit -v 800000"), {name: "GOMEMLIMIT of 64 MiB", env: []string{"GOMEMLIMIT=64MiB"}, want: recovered()},
	}},
}

func busy() expectation {
	return expectation{codes: []int{exitLocked}, says: []string{"held by"}, leaves: true}
}

// phases are where a run can be held: at a call to Salesforce, by the end of its path.
var phases = []string{"/oauth2/token", "/describe", "/jobs/query", "/results"}

func signalPoints() []point {
	var points []point
	for _, phase := range phases {
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			points = append(points, point{
				name: fmt.Sprintf("%s at %s", signal, phase), want: expectation{codes: []int{128 + int(signal)}, says: []string{"interrupted by"}},
				play: func(w *world) outcome { return w.signalled(phase, signal) },
			})
		}
		points = append(points, point{
			name: "SIGKILL at " + phase, want: expectation{codes: []int{exitKilled}},
			play: func(w *world) outcome { return w.signalled(phase, syscall.SIGKILL) },
		})
	}
	return append(points, point{
		name: "a second SIGTERM", want: expectation{codes: []int{exitKilled, 143}, hasty: true}, play: func(w *world) outcome {
			p, reached := w.heldAt("/results")
			w.await(reached)
			_ = p.command.Process.Signal(syscall.SIGTERM)
			time.Sleep(20 * time.Millisecond)
			_ = p.command.Process.Signal(syscall.SIGTERM)
			return p.wait()
		},
	})
}

// heldPoints stop a run in the phases that ask Salesforce for nothing: by a signal, and by the deadline. Each is held at
// a call on a file, so that it is in the midst of its work, and must end within five seconds from when it is let go. From
// the one step of the publication on it is finished.
func heldPoints() []point {
	var points []point
	for _, phase := range []struct {
		name string
		at   strike
		want []int // besides the code of what stopped it
	}{
		{"the link", strike{Path: `link\.duckdb`, At: 60}, nil},
		{"a COPY", strike{Path: `contacts\.csv$`, At: 2}, nil},
		{"the report", strike{Path: `report\.html$`, At: 1}, nil},
		{"the manifest", strike{Path: `\.manifest\.json\.tmp$`, At: 1}, nil},
		{"the one step", strike{Calls: "^renameat2$", At: 1}, []int{0}},
		{"the move of latest", strike{Path: "^out/latest$|^out/\\.latest-", At: 1}, []int{0}},
	} {
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, 0} {
			s, code, says, config := phase.at, 128+int(signal), "interrupted by", func(text string) string { return text }
			s.Do, s.Signal, s.Hold = hold, signal, 300*time.Millisecond
			what := signal.String()
			if signal == 0 {
				what, code, says, s.Hold = "the deadline", exitUnavailable, "not done after", 15*time.Second
				config = replaced("deadline: 45s", "deadline: 15s")
			}
			want := expectation{codes: phase.want, says: []string{says}}
			if want.codes == nil {
				want.codes = []int{code}
			}
			points = append(points, point{name: what + " in " + phase.name, config: config, want: want, before: (*world).reset, play: heldIn(s)})
		}
	}
	return points
}

func heldIn(s strike) func(*world) outcome {
	return func(w *world) outcome {
		w.v.t.Helper()
		o, report := w.struckRun(s, "run", "--run-date", faultDate)
		if report.What == "" {
			w.v.errorf("the run never came there")
		}
		if report.Late > 5*time.Second {
			w.v.errorf("went on for %s, want less than 5 s", report.Late.Round(time.Millisecond))
		}
		return o
	}
}

// heldAt starts a run and holds it at a call. The channel closes when it is there.
func (w *world) heldAt(call string) (*process, <-chan struct{}) {
	w.v.t.Helper()
	reached := make(chan struct{})
	var once sync.Once
	w.org.armAs(func(*fixtures.Options) {}) // counts its calls from nothing
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(strings.ToLower(r.URL.Path), call) || r.Method == http.MethodDelete {
			next.ServeHTTP(rw, r)
			return
		}
		once.Do(func() { close(reached) })
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
	})
	return w.start(nil, "run", "--run-date", faultDate), reached
}

// await waits for a run that is to be held, and not for ever.
func (w *world) await(reached <-chan struct{}) {
	w.v.t.Helper()
	select {
	case <-reached:
	case <-time.After(30 * time.Second):
		w.v.errorf("the run never came there")
	}
}

// signalled sends a signal to a run that is held at a call, and holds it to five seconds from then on.
func (w *world) signalled(call string, signal syscall.Signal) outcome {
	w.v.t.Helper()
	p, reached := w.heldAt(call)
	w.await(reached)
	sent := time.Now()
	_ = p.command.Process.Signal(signal)
	o := p.wait()
	if late := time.Since(sent); late > 5*time.Second {
		w.v.errorf("stopped %s after the signal, want less than 5 s", late.Round(time.Millisecond))
	}
	return o
}

// secondRun runs a command while a run is under way, which is let go afterwards.
func secondRun(args ...string) func(*world) outcome {
	return func(w *world) outcome {
		first, reached := w.heldAt("/results")
		w.await(reached)
		began := time.Now()
		o := w.start(nil, args...).wait()
		if took := time.Since(began); took > 3*time.Second {
			w.v.errorf("busy after %s, want at once", took.Round(time.Millisecond))
		}
		first.kill()
		_ = first.wait()
		return o
	}
}

// limited runs under limits of the shell: it ends well, or with a class of the table and all as it was.
func limited(name, limit string) point {
	return point{
		name: name, want: expectation{codes: []int{0, exitStorage, exitKilled, exitBug, exitCrashed}, hasty: true},
		after: func(w *world, o outcome) {
			if (o.code == exitCrashed || o.code == exitBug) && !panicked(o.said()) {
				w.v.errorf("ended with %d, and did not crash: %s", o.code, oneLine(o.stderr))
			}
		},
		play: func(w *world) outcome {
			return w.startCommand(nil, "sh", "-c", limit+`; exec "$0" "$@"`, program, "--config", w.config, "run", "--run-date", faultDate).wait()
		},
	}
}
