package faults

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"crosswalk/fixtures"
)

// The first publication, and the date whose run the faults strike.
const (
	goodDate  = "2026-11-22"
	faultDate = "2026-11-23"
)

var quiet = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)

func optionsWith(bulkPage int) fixtures.Options { return fixtures.Options{BulkPage: bulkPage} }

// setting is how a world is furnished.
type setting struct {
	api       string // bulk or rest; default rest
	login     string // default client_credentials
	options   fixtures.Options
	encrypted bool                // the org is served over TLS
	config    func(string) string // changes the configuration
	env       []string            // of every process
	furnish   func(*world)        // when all stands, before the first run
}

const configuration = `salesforce:
  source: org
  instance_url: %s
  login: %s
  client_id: ` + canaryClient + `
  client_secret: ${CANARY_SECRET}
  api: %s
erp:
  source: {path: customers.csv}
  customer_id: customer_id
  customer_name: customer_name
  types: {credit_limit: "decimal(18,2)", since: date}
  settle: 0
link:
  - salesforce: Account.ERP_Customer_ID__c
    erp: customer_id
limits: {memory: 512MiB, threads: 2, deadline: 45s}
`

func (s setting) text(url, login string) string {
	api := s.api
	if api == "" {
		api = "rest"
	}
	text := fmt.Sprintf(configuration, url, login, api)
	if s.config != nil {
		text = s.config(text)
	}
	return text
}

// world is what a case plays in: an org, an ERP snapshot, a configuration, and the folders of the program.
type world struct {
	v         *verdict
	setting   setting
	dir       string
	config    string // path
	lossy     string // path of the binary that loses rows
	sound     string // path of a configuration without a fault, for verify
	org       *org
	reference *reference
	undo      []func()
	texts     []string // what processes told since the last look
	// the org has another address than the one of the reference, and the page for people links to it
	readdressed bool
	twoRenames  bool            // a date is replaced by two renames: no renameat2
	blind       atomic.Bool     // the reader looks away: somebody else took the publications
	extra       []string        // of the environment of the run that is struck
	searched    map[string]bool // files that were searched for canaries
	knownRows   *int64          // of a snapshot that is no plain CSV
	strikes     strikes         // of the schedule that is played
	most        int64           // MB of memory in the points so far
}

// newWorld furnishes a world with a first good publication in it.
func newWorld(t *testing.T, v *verdict, s setting) *world {
	t.Helper()
	w := bareWorld(t, v, s)
	w.reference = referenceOf(v, s)
	w.copyFrom(w.reference.first)
	if s.furnish != nil {
		s.furnish(w)
	}
	return w
}

// bareWorld has nothing published.
func bareWorld(t *testing.T, v *verdict, s setting) *world {
	t.Helper()
	if err := lookAtSources(); err != nil {
		v.fatalf("the program's files: %v", err)
	}
	w := &world{v: v, setting: s, dir: t.TempDir(), searched: map[string]bool{}}
	w.config = filepath.Join(w.dir, "config.yaml")
	rows := filepath.Join(w.dir, "org")
	plantedOrg(t, rows, filepath.Join(w.dir, "customers.csv"))
	s.options.Directory = rows
	if s.login == "web_server" {
		s.withBrowser(t)
		w.setting.env = s.env
	}
	w.org = serveOrg(t, s.options, s.encrypted)
	login := s.login
	if login == "" {
		login = "client_credentials"
	}
	if s.encrypted {
		w.trust(w.org.server.Certificate())
	}
	write(t, w.config, []byte(s.text(w.org.url, login)), 0o600)
	w.sound = w.write("sound.yaml", "salesforce: {fixtures: org}\nerp: {source: {path: customers.csv}, customer_id: customer_id}\nlink: [{salesforce: Account.ERP_Customer_ID__c, erp: customer_id}]\n", 0o600)
	return w
}

func (w *world) output() string { return filepath.Join(w.dir, "out") }
func (w *world) state() string  { return filepath.Join(w.dir, "state") }

// run runs the date that faults strike to its end.
func (w *world) run(env ...string) outcome {
	return w.start(env, "run", "--run-date", faultDate).wait()
}

// crosswalk runs a command to its end.
func (w *world) crosswalk(args ...string) outcome { return w.start(nil, args...).wait() }

// verify asks the program about the newest publication, with a configuration that nothing is wrong with.
func (w *world) verify() outcome {
	w.v.t.Helper()
	return w.startCommand(nil, program, "--config", w.sound, "verify").wait()
}

// later is called when the point is over, before the clean run.
func (w *world) later(mend func()) { w.undo = append(w.undo, mend) }

// collect keeps a text for the search for canaries.
func (w *world) collect(text string) { w.texts = append(w.texts, text) }

// strike plays the point and holds the invariants against what is left. It returns the exit code.
func (p point) strike(w *world) int {
	w.v.t.Helper()
	w.forgetStages()
	if p.faults != "" {
		w.org.arm(scripted(w.v, p.faults))
	}
	if p.before != nil {
		p.before(w)
	}
	before := w.published()
	whole, usual := w.config, w.reference
	w.reference = w.referenceFor(p)
	if p.config != nil {
		w.config = w.write("point.yaml", p.config(string(w.read("config.yaml"))), 0o600)
	}
	reader := w.watch()
	var o outcome
	switch {
	case p.play != nil:
		o = p.play(w)
	case p.args != nil:
		o = w.start(append(p.env, w.extra...), p.args...).wait()
	default:
		o = w.run(append(p.env, w.extra...)...)
	}
	reader.stop()
	w.config = whole
	if p.faults != "" && !w.struck() {
		w.v.errorf("the fault did not strike")
	}
	w.judge(p.want, before, o)
	w.reference = usual
	if p.after != nil {
		p.after(w, o)
	}
	w.org.heal()
	for _, mend := range w.undo {
		mend()
	}
	w.undo, w.extra = nil, nil
	return o.code
}

// forgetStages takes away what an earlier point left to be taken up: a run that goes on with it asks for less, and may
// not meet the fault. That such a stage is taken up is for the clean run, the resume tests and the mixes to show.
func (w *world) forgetStages() {
	w.v.t.Helper()
	left, err := filepath.Glob(filepath.Join(w.state(), "stages", ".incoming-*"))
	if err != nil {
		w.v.fatalf("stages: %v", err)
	}
	for _, stage := range left {
		if err := os.RemoveAll(stage); err != nil {
			w.v.fatalf("an earlier point's stage: %v", err)
		}
	}
}

// struck tells whether each fault of the simulator struck.
func (w *world) struck() bool {
	now := w.org.now()
	for i := range w.org.armed {
		if now.Fired(i) == 0 {
			return false
		}
	}
	return true
}

// scripted reads faults as a file of them is read.
func scripted(v *verdict, text string) []fixtures.Fault {
	v.t.Helper()
	var faults []fixtures.Fault
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&faults); err != nil {
		v.fatalf("faults %s: %v", text, err)
	}
	return faults
}

// clean runs the date once more with nothing wrong. I5: it publishes what a run without faults publishes.
func (w *world) clean() {
	w.v.t.Helper()
	before := w.published()
	o := w.run()
	w.judge(recovered(), before, o)
	w.swept()
	w.tokensKept()
}

func (w *world) read(path ...string) []byte {
	w.v.t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{w.dir}, path...)...))
	if err != nil {
		w.v.errorf("read: %v", err)
	}
	return text
}

func (w *world) write(name, text string, mode os.FileMode) string {
	w.v.t.Helper()
	path := filepath.Join(w.dir, name)
	write(w.v.t, path, []byte(text), mode)
	return path
}

// fifo makes a named pipe.
func (w *world) fifo(name string) {
	w.v.t.Helper()
	if err := syscall.Mkfifo(filepath.Join(w.dir, name), 0o600); err != nil {
		w.v.fatalf("%s: %v", name, err)
	}
}
