package faults

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// resumePage is small, so that a run has pages to be killed between.
const resumePage = 20

// toll counts the requests that a run makes, and lets so many pages of results through.
type toll struct {
	mutex  sync.Mutex
	seen   []string // METHOD kind, or the path and query of a page
	served int
	most   int // pages; -1 is all
}

// newToll stands before the org from now on.
func (w *world) newToll(most int) *toll {
	counted := &toll{most: most}
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if counted.admit(r) {
			next.ServeHTTP(rw, r)
			return
		}
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
	})
	return counted
}

// admit notes a request and tells whether it may pass.
func (c *toll) admit(r *http.Request) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	path := strings.ToLower(r.URL.Path)
	switch {
	case strings.HasSuffix(path, "/results"):
		if c.most >= 0 && c.served >= c.most {
			return false
		}
		c.served++
		c.seen = append(c.seen, r.URL.String())
	case strings.HasSuffix(path, "/jobs/query"):
		c.seen = append(c.seen, "create")
	case strings.Contains(path, "/jobs/query/") && r.Method != http.MethodGet:
		c.seen = append(c.seen, r.Method)
	}
	return true
}

// pages are the result pages that were asked for, each with its job.
func (c *toll) pages() []string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return slices.DeleteFunc(slices.Clone(c.seen), func(seen string) bool { return !strings.Contains(seen, "/results") })
}

func (c *toll) count(what string) (n int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, seen := range c.seen {
		if seen == what {
			n++
		}
	}
	return n
}

// inTheMaking is where a run keeps the stage that it fills.
const inTheMaking = "stages/.incoming-*"

// kept counts the pages that the journal of the stage in the making has.
func (w *world) kept() int { return w.noted(inTheMaking, "part") }

// noted counts what the journals of stages say of objects.
func (w *world) noted(stages, kind string) (facts int) {
	journals, _ := filepath.Glob(filepath.Join(w.state(), stages, "journal.jsonl"))
	for _, path := range journals {
		text, _ := os.ReadFile(path)
		facts += strings.Count(string(text), `"kind":"`+kind+`","table":"salesforce/`)
	}
	return facts
}

// dies starts a run that gets so many pages and no more, and ends it by the signal once they are all staged.
func (w *world) dies(pages int, signal syscall.Signal) *toll {
	w.v.t.Helper()
	before := w.kept()
	counted := w.newToll(pages)
	p := w.start(nil, "run", "--run-date", faultDate)
	for deadline := time.Now().Add(time.Minute); w.kept() < before+pages; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.kill()
			w.v.fatalf("%d pages staged, want %d: %s", w.kept(), before+pages, oneLine(p.wait().stderr))
		}
	}
	_ = p.command.Process.Signal(signal)
	if o := p.wait(); signal != syscall.SIGKILL && o.code != 128+int(signal) {
		w.v.errorf("exit code %d, want %d", o.code, 128+int(signal))
	}
	return counted
}

// goesOn runs to the end and holds that it publishes what an undisturbed run does, that it asked for no page again, and
// that nothing is left, here or at Salesforce.
func (w *world) goesOn(died ...*toll) {
	w.v.t.Helper()
	counted := w.newToll(-1)
	o := w.run()
	if o.code != 0 {
		w.v.fatalf("exit code %d: %s", o.code, oneLine(o.stderr))
	}
	asked, created := counted.pages(), counted.count("create")
	for _, before := range died {
		asked, created = append(asked, before.pages()...), created+before.count("create")
	}
	if created != 2 {
		w.v.errorf("%d jobs were created, want one for each object", created)
	}
	slices.Sort(asked)
	if want := w.resultPages(); len(asked) != want || len(slices.Compact(asked)) != want {
		w.v.errorf("asked for %d pages, want each of %d once: %v", len(asked), want, asked)
	}
	if !strings.Contains(o.stderr, "run taken up") {
		w.v.errorf("the log does not say that a run was taken up: %s", oneLine(o.stderr))
	}
	w.asUndisturbed()
	if left := w.jobs(); left != 0 {
		w.v.errorf("%d jobs are left at Salesforce", left)
	}
}

// asUndisturbed holds the publication against that of a run without faults.
func (w *world) asUndisturbed() {
	w.v.t.Helper()
	for _, name := range changed(w.reference.files, w.files(faultDate)) {
		w.v.errorf("%s is not what an undisturbed run publishes", name)
	}
	w.countsClose()
	w.swept()
}

func (w *world) resultPages() int {
	pages := func(rows int64) int { return int(rows+resumePage-1) / resumePage }
	return pages(w.rows("org/Account.csv")) + pages(w.rows("org/Contact.csv"))
}

// jobs are those that the org still has. Calls would not tell: a job that a run deleted in the moment of its death is
// deleted again by the next.
func (w *world) jobs() int { return w.org.now().Jobs() }

func resumeWorld(t *testing.T, chain bool) *world {
	t.Helper()
	options := optionsWith(resumePage)
	options.NoResultPages = chain
	return newWorld(t, &verdict{t: t}, setting{api: "bulk", options: options})
}

// TestResumeKilled kills a run by SIGKILL after a share of its pages; the next one asks for the others.
func TestResumeKilled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		shares []int // percent of the pages that each run gets before it dies
		chain  bool  // no list of pages: each names the next
		signal syscall.Signal
	}{
		{"killed at 20%", []int{20}, false, syscall.SIGKILL},
		{"killed at 40%", []int{40}, true, syscall.SIGKILL},
		{"killed at 60%", []int{60}, false, syscall.SIGKILL},
		{"killed at 80%", []int{80}, true, syscall.SIGKILL},
		{"killed, and again while it goes on, and again", []int{20, 40, 20}, false, syscall.SIGKILL},
		{"stopped by the scheduler", []int{60}, false, syscall.SIGTERM},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			w := resumeWorld(t, c.chain)
			var died []*toll
			for _, share := range c.shares {
				died = append(died, w.dies(w.resultPages()*share/100, c.signal))
			}
			w.goesOn(died...)
			var m struct {
				RunID       string `json:"run_id"`
				ResumedFrom string `json:"resumed_from"`
			}
			if err := json.Unmarshal(w.read("out", "run_date="+faultDate, "manifest.json"), &m); err != nil || m.ResumedFrom == "" || m.ResumedFrom == m.RunID {
				t.Errorf("the manifest says it went on with %q: %v", m.ResumedFrom, err)
			}
		})
	}
}

// TestResumeNothing: what cannot be gone on with is dropped, with its jobs, and the run begins anew.
func TestResumeNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		args []string
		hurt func(w *world)
		lost bool // nothing names the jobs any more
	}{
		{"--fresh", []string{"run", "--run-date", faultDate, "--fresh"}, nil, false},
		{"a journal that is damaged", []string{"run", "--run-date", faultDate}, func(w *world) {
			w.rewriteJournal(func(text string) string { return strings.Replace(text, `"kind":"part"`, `"kind":"pert"`, 1) })
		}, false},
		{"a journal that was never written", []string{"run", "--run-date", faultDate}, func(w *world) {
			w.rewriteJournal(func(text string) string { return text[:1] })
		}, true},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			w := resumeWorld(t, false)
			died := w.dies(5, syscall.SIGKILL)
			if c.hurt != nil {
				c.hurt(w)
			}
			counted := w.newToll(-1)
			if o := w.crosswalk(c.args...); o.code != 0 || strings.Contains(o.stderr, "run taken up") {
				t.Fatalf("exit code %d: %s", o.code, oneLine(o.stderr))
			}
			if pages := len(counted.pages()); pages != w.resultPages() || counted.count("create") != 2 {
				t.Errorf("%d pages of %d jobs were asked for, want all %d of two", pages, counted.count("create"), w.resultPages())
			}
			w.asUndisturbed()
			want := 0
			if c.lost {
				want = died.count("create") - died.count(http.MethodDelete) // an object may have been whole already
			}
			if left := w.jobs(); left != want {
				t.Errorf("%d jobs are left at Salesforce, want %d", left, want)
			}
		})
	}
}

// rewriteJournal changes what a dead run noted.
func (w *world) rewriteJournal(change func(string) string) {
	w.v.t.Helper()
	journals, _ := filepath.Glob(filepath.Join(w.state(), "stages", ".incoming-*", "journal.jsonl"))
	if len(journals) != 1 {
		w.v.fatalf("%d journals", len(journals))
	}
	text, err := os.ReadFile(journals[0])
	if err != nil {
		w.v.fatalf("journal: %v", err)
	}
	write(w.v.t, journals[0], []byte(change(string(text))), 0o600)
}

// TestResumeStopped: a job that still runs when its run is told to stop is aborted and deleted, within five seconds.
func TestResumeStopped(t *testing.T) {
	t.Parallel()
	turns <- struct{}{}
	defer func() { <-turns }()
	options := optionsWith(resumePage)
	options.JobDelay = time.Hour
	w := bareWorld(t, &verdict{t: t}, setting{api: "bulk", options: options})
	p := w.start(nil, "run", "--run-date", faultDate)
	for deadline := time.Now().Add(time.Minute); w.org.now().Calls("job_info") < 3 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	sent := time.Now()
	_ = p.command.Process.Signal(syscall.SIGTERM)
	if o := p.wait(); o.code != 143 {
		t.Errorf("exit code %d, want 143: %s", o.code, oneLine(o.stderr))
	}
	if took := time.Since(sent); took > 5*time.Second {
		t.Errorf("stopped after %s", took)
	}
	created, aborted, deleted := w.org.now().Calls("job_create"), w.org.now().Calls("job_abort"), w.org.now().Calls("job_delete")
	if created == 0 || aborted != created || deleted != created {
		t.Errorf("of %d jobs %d were aborted and %d deleted", created, aborted, deleted)
	}
}
