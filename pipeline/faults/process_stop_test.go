package faults

import (
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"crosswalk/fixtures"
)

// F157: a scheduler takes a run that stands still for dead, and starts another one of the same date.

// retriedWhileStopped starts a run, stops it in the midst of fetching, and runs the same date beside it, which must be told
// at once who holds the lock. When it returns, the first one goes on.
func (w *world) retriedWhileStopped() (first *process, retry outcome) {
	w.v.t.Helper()
	reached, let := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.org.armAs(func(*fixtures.Options) {})
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/results") {
			once.Do(func() { close(reached) })
			<-let
		}
		next.ServeHTTP(rw, r)
	})
	first = w.start(nil, "run", "--run-date", faultDate)
	w.await(reached)
	both := append(childrenOf(first.command.Process.Pid), first.command.Process.Pid)
	if len(both) < 2 {
		w.v.errorf("the run has no process that does the work")
	}
	signalAll(both, syscall.SIGSTOP)
	before := w.published()
	began := time.Now()
	retry = w.run()
	if took := time.Since(began); took > 3*time.Second {
		w.v.errorf("busy after %s, want at once", took.Round(time.Millisecond))
	}
	for _, path := range changed(before, w.published()) {
		w.v.errorf("%s changed while one run stood still and the other was busy", path)
	}
	close(let)
	signalAll(both, syscall.SIGCONT)
	return first, retry
}

func signalAll(pids []int, signal syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, signal)
	}
}

// stoppedAndKilled has the first run killed when it goes on.
func (w *world) stoppedAndKilled() outcome {
	w.v.t.Helper()
	first, retry := w.retriedWhileStopped()
	first.kill()
	_ = first.wait()
	return retry
}

// stoppedAndGoesOn lets the first run go on to its end: it publishes, once.
func (w *world) stoppedAndGoesOn() outcome {
	w.v.t.Helper()
	first, retry := w.retriedWhileStopped()
	if retry.code != exitLocked || !strings.Contains(retry.stderr, "held by") {
		w.v.errorf("the retry ended with %d, want %d: %s", retry.code, exitLocked, oneLine(retry.stderr))
	}
	return first.wait()
}
