package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Silent losses: a row, a value, a page, a line end, a locator or a count is dropped, repeated or altered at one place on
// the way from the socket to the published file. Each must be caught by the count or checksum that is there for it, so that
// no catch is luck.

// loss is one change on the way.
type loss struct {
	where, what string
	faults      string                                // on the wire: in the simulator
	wire        func(w *world)                        // or before it
	strike      *strike                               // to a file, at a call of the run
	within      string                                // in the process: where, how, which row
	damage      func(w *world)                        // to the recorded stage, which is then replayed, or to the publication
	args        []string                              // of the command; default: run --run-date
	codes       []int                                 // that it may end with
	by          []string                              // what is told to have caught it: one of them
	carried     func(w *world, published string) bool // not caught in principle: what was published is what came
}

// silentLosses counts for the last lines.
var silentLosses struct {
	sync.Mutex
	planned, caught, carried int
	begun, ended             int            // worlds; one that ended early may not have planned what it was to play
	caughtBy                 map[string]int // by place and guard
}

// TestSilentLosses plays the losses: a sample of each kind, or all with -whole.
func TestSilentLosses(t *testing.T) {
	silentLosses.caughtBy = map[string]int{}
	t.Cleanup(tellLosses)
	shards := 1
	if *whole {
		shards = 4
	}
	for _, api := range []string{"bulk", "rest"} {
		for shard := range shards {
			t.Run(fmt.Sprintf("%s %d", api, shard), func(t *testing.T) {
				t.Parallel()
				defer beginLosses()()
				loseAll(t, api, func(i int) bool { return i%shards == shard })
			})
		}
		t.Run(api+" within", func(t *testing.T) {
			t.Parallel()
			defer beginLosses()()
			loseWithin(t, api)
		})
	}
}

// beginLosses waits for the turn of a world and notes that it has begun. What it gives ends it.
func beginLosses() (end func()) {
	silentLosses.Lock()
	silentLosses.begun++
	silentLosses.Unlock()
	turns <- struct{}{}
	return func() { <-turns }
}

// endLosses notes that a world has played all that it planned.
func endLosses() {
	silentLosses.Lock()
	defer silentLosses.Unlock()
	silentLosses.ended++
}

// loseAll plays those of an API's losses that are of this shard, one after another in a world of their own.
func loseAll(t *testing.T, api string, isOurs func(int) bool) {
	options := optionsWith(47)
	options.RESTPage = 50
	w := newWorld(t, &verdict{t: t, codes: map[int]bool{}}, setting{api: api, options: options, config: replaced("threads: 2", "threads: 1")})
	w.clean() // recorded and published: what later changes are made to
	kinds := [][]loss{wireLosses(w, api), slices.Concat(stageLosses(w, api), fileLosses(w, api))}
	for k, losses := range kinds {
		var ours []loss
		for i, l := range losses {
			if isOurs(i) {
				ours = append(ours, l)
			}
		}
		kinds[k] = ours
		plan(kinds[k])
	}
	for _, losses := range kinds {
		for _, l := range losses {
			w.lose(l)
		}
		w.v.where = "clean run" // what a refused run has recorded is not what the next losses are made to
		w.clean()
	}
	endLosses()
}

// plan counts what is to be caught, whether it comes to it or not.
func plan(losses []loss) {
	silentLosses.Lock()
	defer silentLosses.Unlock()
	for _, l := range losses {
		if l.carried == nil {
			silentLosses.planned++
		}
	}
}

// lose plays a loss. Whatever it ends with, the publication that stood still stands; where a change in principle cannot be
// caught, what is published is what came.
func (w *world) lose(l loss) {
	w.v.t.Helper()
	failures := w.v.failures
	w.v.where = l.where + ": " + l.what
	before := w.published()
	if l.faults != "" {
		w.org.arm(scripted(w.v, l.faults))
	}
	if l.wire != nil {
		l.wire(w)
	}
	if l.damage != nil {
		l.damage(w)
	}
	o := w.playLoss(l)
	if l.faults != "" && !w.struck() {
		w.v.errorf("the fault did not strike")
	}
	w.org.heal()
	guard := ""
	switch {
	case l.carried != nil && o.code == 0:
		if !l.carried(w, string(w.read("out", "run_date="+faultDate, "contacts.csv"))) {
			w.v.errorf("published is not what came")
		}
		guard = "TLS alone"
	default:
		guard = w.caught(l, o)
	}
	for _, mend := range w.undo {
		mend()
	}
	w.undo = nil
	if l.carried != nil {
		w.clean()
	} else if o.code != 0 {
		for _, path := range changed(before, w.published()) {
			w.v.errorf("%s changed", path)
		}
	}
	silentLosses.Lock()
	defer silentLosses.Unlock()
	if w.v.failures > failures {
		return
	}
	if l.carried != nil {
		silentLosses.carried++
		return
	}
	silentLosses.caught++
	silentLosses.caughtBy[fmt.Sprintf("%s: %s", l.where, guard)]++
}

func (w *world) playLoss(l loss) outcome {
	w.v.t.Helper()
	args := l.args
	if args == nil {
		args = []string{"run", "--run-date", faultDate, "--fresh"} // what came whole the time before would not be asked for
	}
	switch {
	case l.strike != nil:
		o, report := w.struckRun(*l.strike, args...)
		if report.What == "" {
			w.v.errorf("the run never came there")
		}
		return o
	case l.within != "":
		o := w.startCommand([]string{"LOSS=" + l.within}, w.lossy, append([]string{"--config", w.config}, args...)...).wait()
		if !strings.Contains(o.stderr, "loss: struck\n") {
			w.v.errorf("the loss did not strike")
		}
		return o
	case args[0] == "verify":
		return w.verify()
	}
	return w.start(nil, args...).wait()
}

// caught is what is told to have caught a loss. One that is got over, because the page was asked for again, says so in the
// log at most: then the bytes are those of the run without faults, which could not be had with the change in them.
func (w *world) caught(l loss, o outcome) string {
	w.v.t.Helper()
	if !slices.Contains(l.codes, o.code) {
		w.v.errorf("exit code %d, want %v: %s", o.code, l.codes, oneLine(complaintIn(o.stderr)))
		return ""
	}
	if o.code == 0 {
		for _, name := range changed(w.reference.files, w.files(faultDate)) {
			w.v.errorf("exit code 0, and %s is another", name)
		}
		return "asked for again"
	}
	for _, guard := range l.by {
		if strings.Contains(complaintIn(o.stderr), guard) {
			return guard
		}
	}
	w.v.errorf("caught, but by none of %q: %s", l.by, oneLine(complaintIn(o.stderr)))
	return ""
}

// tellLosses prints which guard caught how many, and the last line.
func tellLosses() {
	silentLosses.Lock()
	defer silentLosses.Unlock()
	lines := make([]string, 0, len(silentLosses.caughtBy))
	for guard, count := range silentLosses.caughtBy {
		lines = append(lines, fmt.Sprintf("silent: %5d caught, %s", count, guard))
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprintln(os.Stdout, line)
	}
	fmt.Fprintf(os.Stdout, "silent: %5d altered values that only TLS protects, published as they came\n", silentLosses.carried)
	if early := silentLosses.begun - silentLosses.ended; early > 0 || silentLosses.planned == 0 {
		fmt.Fprintf(os.Stdout, "silent losses not known: %d of %d worlds ended early, %d losses were caught\n", early, silentLosses.begun, silentLosses.caught)
		return
	}
	fmt.Fprintf(os.Stdout, "silent losses %d of %d\n", silentLosses.planned-silentLosses.caught, silentLosses.planned)
}

// wholeOr is every number from 1 to all with -whole, else one in the middle.
func wholeOr(all int) []int {
	if all > 0 && !*whole {
		return []int{(all + 1) / 2}
	}
	numbers := make([]int, all)
	for i := range numbers {
		numbers[i] = i + 1
	}
	return numbers
}

// eighth tells the rows on which a kind is played that costs more, or proves the same as another.
func eighth(row int) bool { return !*whole || row%8 == 1 }

// complaintIn is the error of a run, without the log before it.
func complaintIn(stderr string) string {
	if at := strings.LastIndex(stderr, "\nerror: "); at >= 0 {
		return stderr[at+1:]
	}
	return stderr
}

// inPublication changes a published file until the loss is over.
func inPublication(name string, change func(text []byte) []byte) func(*world) {
	return func(w *world) {
		path := filepath.Join(w.output(), "run_date="+faultDate, name)
		text, err := os.ReadFile(path)
		w.v.must(err)
		w.v.must(os.WriteFile(path, change(slices.Clone(text)), 0o600))
		w.later(func() { w.v.must(os.WriteFile(path, text, 0o600)) })
	}
}
