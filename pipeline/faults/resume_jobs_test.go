package faults

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// killedAt starts a command that is served so many pages of results, and kills it once the journals of its stages say that
// its jobs were created and those pages are staged.
func (w *world) killedAt(stages string, jobs, pages int, args ...string) {
	w.v.t.Helper()
	w.newToll(pages)
	p := w.start(nil, args...)
	for deadline := time.Now().Add(time.Minute); w.noted(stages, "job") < jobs || w.noted(stages, "part") < pages; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.kill()
			w.v.fatalf("%d jobs and %d pages noted, want %d and %d: %s", w.noted(stages, "job"), w.noted(stages, "part"), jobs, pages, oneLine(p.wait().stderr))
		}
	}
	p.kill()
	p.wait()
	if left := w.jobs(); left != jobs {
		w.v.fatalf("the killed command left %d jobs at Salesforce, want %d", left, jobs)
	}
}

// TestResumeChanged: an object that is asked for otherwise by the next run, or not at all, leaves no job behind, whether that
// is complete or runs. The others go on within theirs.
func TestResumeChanged(t *testing.T) {
	t.Parallel()
	contact := func(fields string) func(string) string {
		return replaced("erp:\n", "  objects: {Contact: {fields: ["+fields+"]}}\nerp:\n")
	}
	fewer, more := "LastName, Name", "FirstName, LastName, Name, Email, Phone, MobilePhone, Title, Department, Birthdate"
	for _, c := range []struct {
		why, api string
		died     func(string) string // the configuration of the run that is killed
		jobs     int                 // that it created
		runs     bool                // they do not come to their end before it is killed
		anew     int                 // jobs that the next run creates
	}{
		{"a field is added", "bulk", contact(fewer), 2, false, 1},
		{"a field is dropped", "bulk", contact(more), 2, false, 1},
		{"a field is dropped while the job runs", "bulk", contact(more), 2, true, 1},
		{"salesforce.api is rest", "rest", replaced("api: rest", "api: bulk"), 2, false, 0},
		{"the owners are not asked for any more", "bulk", replaced("link:\n", "contacts: {owner: true}\nlink:\n"), 3, true, 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			options, pages := optionsWith(resumePage), 2 // fewer than either object has
			if c.runs {
				options.JobDelay, pages = 3*time.Second, 0
			}
			w := newWorld(t, &verdict{t: t}, setting{api: c.api, options: options})
			configured := string(w.read("config.yaml"))
			w.write("config.yaml", c.died(configured), 0o600)
			w.killedAt(inTheMaking, c.jobs, pages, "run", "--run-date", faultDate)
			w.write("config.yaml", configured, 0o600)
			counted := w.newToll(-1)
			o := w.run()
			if o.code != 0 || !strings.Contains(o.stderr, "run taken up") {
				t.Fatalf("exit code %d: %s", o.code, oneLine(o.stderr))
			}
			if created := counted.count("create"); created != c.anew {
				t.Errorf("%d jobs were created, want %d: %s", created, c.anew, oneLine(o.stderr))
			}
			w.asUndisturbed()
			if left := w.jobs(); left != 0 {
				t.Errorf("%d jobs are left at Salesforce: %s", left, oneLine(o.stderr))
			}
		})
	}
}

// TestResumeSearch: the job of a search that was killed is deleted by the next one that asks Salesforce. One that does not
// removes the rows, and leaves it to a later one.
func TestResumeSearch(t *testing.T) {
	t.Parallel()
	turns <- struct{}{}
	defer func() { <-turns }()
	const searches = "discover/*/stage"
	w := resumeWorld(t, false)
	w.killedAt(searches, 1, 2, "discover", "--all-fields")
	w.newToll(-1)
	for _, c := range []struct {
		args       []string
		jobs, dirs int // that are left
	}{{[]string{"discover"}, 1, 1}, {[]string{"discover", "--all-fields"}, 0, 0}} {
		if o := w.crosswalk(c.args...); o.code != 0 {
			t.Fatalf("%v: exit code %d: %s", c.args, o.code, oneLine(o.stderr))
		}
		if left := w.jobs(); left != c.jobs {
			t.Errorf("%v: %d jobs are left at Salesforce, want %d", c.args, left, c.jobs)
		}
		journals, _ := filepath.Glob(filepath.Join(w.state(), searches, "*"))
		dirs, _ := filepath.Glob(filepath.Join(w.state(), "discover", "2*"))
		if len(dirs) != c.dirs || len(journals) != c.dirs || c.dirs > 0 && filepath.Base(journals[0]) != "journal.jsonl" {
			t.Errorf("%v: left %v with %v, want %d with a journal alone", c.args, dirs, journals, c.dirs)
		}
	}
}
