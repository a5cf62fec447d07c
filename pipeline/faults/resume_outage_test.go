package faults

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// outage lets so many pages of results through from now on and answers the others with 503.
func (w *world) outage(pages int) *toll {
	counted := &toll{most: pages}
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if counted.admit(r) {
			next.ServeHTTP(rw, r)
			return
		}
		http.Error(rw, `[{"errorCode":"SERVER_UNAVAILABLE","message":"down for maintenance"}]`, http.StatusServiceUnavailable)
	})
	return counted
}

// TestResumeOutage: a run that gave up because Salesforce went away is taken up as a killed one is, also when it goes
// away twice.
func TestResumeOutage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		shares []int // percent of the pages until the outage
		chain  bool
	}{{"once", []int{50}, false}, {"once, page by page", []int{50}, true}, {"twice", []int{30, 30}, false}} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			w := resumeWorld(t, c.chain)
			var died []*toll
			for _, share := range c.shares {
				counted := w.outage(w.resultPages() * share / 100)
				if o := w.run(); o.code != exitUnavailable {
					t.Fatalf("exit code %d, want %d: %s", o.code, exitUnavailable, oneLine(o.stderr))
				}
				died = append(died, counted)
			}
			w.goesOn(died...)
		})
	}
}

// TestResumeSettings: a killed run is taken up whatever else is configured, and by a run that does not publish.
func TestResumeSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		config func(string) string
		before [][]string // runs between the kill and the one that publishes
	}{
		{"with notes", replaced("  login:", "  notes: true\n  login:"), nil},
		{"no stage is kept", replaced("limits:", "state: {directory: state, keep_stages: 0}\nlimits:"), nil},
		{"by a dry run", nil, [][]string{{"run", "--run-date", faultDate, "--dry-run"}}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			w := newWorld(t, &verdict{t: t}, setting{api: "bulk", options: optionsWith(resumePage), config: c.config})
			w.dies(w.resultPages()/2, syscall.SIGKILL)
			counted := w.newToll(-1)
			for i, args := range append(c.before, []string{"run", "--run-date", faultDate}) {
				o := w.crosswalk(args...)
				if o.code != 0 {
					t.Fatalf("%v: exit code %d: %s", args, o.code, oneLine(o.stderr))
				}
				if i == 0 && !strings.Contains(o.stderr, "run taken up") {
					t.Errorf("%v: nothing was taken up: %s", args, oneLine(o.stderr))
				}
			}
			if asked := len(counted.pages()); len(c.before) == 0 && asked >= w.resultPages() {
				t.Errorf("%d pages were asked for, and half of the %d were there", asked, w.resultPages())
			}
			for _, name := range changed(w.reference.files, w.files(faultDate)) {
				t.Errorf("%s is not what an undisturbed run publishes", name)
			}
			w.swept()
			if left := w.jobs(); left != 0 {
				t.Errorf("%d jobs are left at Salesforce", left)
			}
		})
	}
}

// TestResumeWithoutLinks: where the file system gives a file no second name, a run that died after everything was staged is
// taken up all the same.
func TestResumeWithoutLinks(t *testing.T) {
	t.Parallel()
	turns <- struct{}{}
	defer func() { <-turns }()
	w := newWorld(t, &verdict{t: t}, oneThread)
	if !w.killed(strike{Do: killAll, From: publishing, Path: published, At: 1}) {
		t.Fatal("the run did not come to its publication")
	}
	before := w.published()
	o, report := w.struckRun(strike{Do: fail, Errno: syscall.EPERM, Forever: true, Calls: "^link$", Path: "^state/", At: 1}, "run", "--run-date", faultDate)
	if report.What == "" || !strings.Contains(o.stderr, "run taken up") {
		t.Errorf("%d links were made, and the run said: %s", report.Met, oneLine(o.stderr))
	}
	w.judge(recovered(), before, o)
	w.swept()
}
