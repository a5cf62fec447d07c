package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// reference is what runs without faults publish in a kind of world: the folders after the first date, to begin every
// world of this kind with, and the files of the second, to hold every recovery against. The program makes both.
type reference struct {
	once  sync.Once
	first string            // folder with out and state after the good date
	files map[string]string // SHA-256 by name, of the date that faults strike
	err   string
}

var references sync.Map // kind of world -> *reference

func referenceOf(v *verdict, s setting) *reference {
	v.t.Helper()
	text := s.text("URL", "LOGIN")
	kind := fmt.Sprintf("%s%q%v%v", text, s.env, s.options.Hide, s.options.Retype)
	kept, _ := references.LoadOrStore(kind, &reference{err: "the run without faults did not end well"})
	r := kept.(*reference)
	r.once.Do(func() { r.make(v, s) })
	if r.err != "" {
		v.fatalf("reference: %s", r.err)
	}
	return r
}

// referenceFor is the reference of a point that fetches by the other API: which one it was is in the published files.
func (w *world) referenceFor(p point) *reference {
	w.v.t.Helper()
	for _, pair := range p.env {
		if api, ok := strings.CutPrefix(pair, "CROSSWALK_SALESFORCE_API="); ok {
			s := w.setting
			s.api, s.env = api, nil
			return referenceOf(w.v, s)
		}
	}
	return w.reference
}

func (r *reference) make(v *verdict, s setting) {
	v.t.Helper()
	w := bareWorld(v.t, v, setting{api: s.api, config: s.config, env: s.env, options: s.options, encrypted: s.encrypted})
	for _, date := range []string{goodDate, faultDate} {
		o := w.crosswalk("run", "--run-date", date)
		if o.code != 0 {
			r.err = fmt.Sprintf("run %s: exit code %d: %s", date, o.code, oneLine(o.stderr))
			return
		}
		if date != goodDate {
			continue
		}
		dir, err := os.MkdirTemp(shared, "reference-")
		if err != nil {
			r.err = err.Error()
			return
		}
		r.first = dir
		if text, err := exec.CommandContext(v.t.Context(), "cp", "-a", w.output(), w.state(), dir).CombinedOutput(); err != nil {
			r.err = string(text)
			return
		}
	}
	r.files = w.files(faultDate)
	if len(r.files) < 10 {
		r.err = fmt.Sprintf("only %d files were published", len(r.files))
		return
	}
	if !strings.Contains(string(w.read("out", "run_date="+faultDate, "contacts.csv")), canaryEmail) {
		r.err = "the canary contact was not published: the search for it would prove nothing"
		return
	}
	r.err = ""
}

// copyFrom puts the first publication and its state into the world, as the run that made them left them.
func (w *world) copyFrom(first string) {
	w.v.t.Helper()
	for _, name := range []string{"out", "state"} {
		from := filepath.Join(first, name)
		if text, err := exec.CommandContext(w.v.t.Context(), "cp", "-a", from, w.dir).CombinedOutput(); err != nil {
			w.v.fatalf("copy of the first publication: %s", text)
		}
	}
}
