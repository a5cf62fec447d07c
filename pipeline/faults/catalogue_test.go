package faults

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fault is a case of the catalogue: a kind of thing that goes wrong, at one or many points.
type fault struct {
	id, what string
	setting  setting
	points   []point
	loop     func(*world) // in place of points: strikes until a run meets no more of them, and counts
}

// point is one run that a fault strikes, or another command where play says so.
type point struct {
	name   string
	faults string               // what the simulator does to this run alone, in the form of fixtures.ReadFaults
	args   []string             // of the command; default: run --run-date
	env    []string             // besides the setting's
	config func(string) string  // changes the configuration of this run
	before func(*world)         // what else goes wrong
	play   func(*world) outcome // in place of the run
	want   expectation
	after  func(*world, outcome) // what must hold besides the invariants
}

// recovers tells whether the point is a plain run, whose success is held against the reference.
func (p point) recovers() bool {
	return p.args == nil && p.play == nil && p.config == nil && !p.want.other && !p.want.silent
}

// expectation is how a point ends: recovered, refused, or one of the two.
type expectation struct {
	codes  []int    // 0: recovered, and published what a run without faults publishes
	says   []string // in the error or its hint
	other  bool     // code 0 publishes something else than a run without faults, and rightly so
	silent bool     // code 0 and nothing published: other commands than run
	hasty  bool     // it may end without a word: the kernel or a second signal ended it
	leaves bool     // a run beside it was killed: what that left is for the next run to sweep
}

// Exit codes, from the table that the command keeps.
const (
	exitBug         = 1
	exitUsage       = 2
	exitRefused     = 3
	exitUnavailable = 4
	exitInput       = 5
	exitGuard       = 6
	exitLocked      = 7
	exitStorage     = 8
	exitCrashed     = 2  // a Go program out of memory: its runtime ends it
	exitKilled      = -1 // by SIGKILL
)

func recovered() expectation { return expectation{codes: []int{0}} }

func refused(code int, says ...string) expectation {
	return expectation{codes: []int{code}, says: says}
}

// recoveredOr is for faults that may be waited out or not.
func recoveredOr(codes ...int) expectation { return expectation{codes: append([]int{0}, codes...)} }

// catalogue is every case, in the order of the ids.
var catalogue = slices.Concat(signInFaults(), networkFaults, semanticFaults, payloadFaults, snapshotCases(), identifierFaults, stagingFaults, crashFaults, publicationFaults, processFaults, securityFaults)

// turns bounds how many cases run at once, whatever -parallel says: each is a whole pipeline, which waits some of its time.
var turns = make(chan struct{}, max(3, runtime.NumCPU()/2))

// ledger keeps the results for the last line, and the texts that the runs left for F167.
var ledger struct {
	sync.Mutex
	survived, cases int
	texts           int
	bytes           int64
}

// TestFault runs the catalogue. Every case prints one line; the last line counts them.
func TestFault(t *testing.T) {
	began := time.Now()
	t.Cleanup(func() {
		ledger.Lock()
		defer ledger.Unlock()
		fmt.Fprintf(os.Stdout, "canaries: %d texts (%d kB) of all cases searched, %s\n", ledger.texts, ledger.bytes>>10, time.Since(began).Round(time.Second))
		if torn.looks > 0 {
			fmt.Fprintf(os.Stdout, "torn reads %d of %d\n", torn.torn, torn.looks)
		}
		if crashes.points > 0 {
			fmt.Fprintf(os.Stdout, "crash points survived %d of %d (of %d calls)\n", crashes.survived, crashes.points, crashes.calls)
		}
		fmt.Fprintf(os.Stdout, "faults survived %d of %d\n", ledger.survived, ledger.cases)
	})
	for _, f := range catalogue {
		t.Run(f.id, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			f.strike(t)
		})
	}
}

// whole plays every point of every case; without it each case shows a few, so that all tests together stay quick.
var whole = flag.Bool("whole", false, "play every point of every case")

// fewPoints is how many points of a case are played where it is not the whole; of a loop that strikes a run call by call, one.
const fewPoints = 2

// few are some points of a case, spread over all of them; all where it is the whole.
func few[P any](points ...P) []P {
	if *whole || len(points) <= fewPoints {
		return points
	}
	var chosen []P
	for i := 0; i < len(points); i += 1 + len(points)/fewPoints {
		chosen = append(chosen, points[i])
	}
	return chosen
}

// strike plays every point of a case in one world, each on what the last one left, and a clean run at the end. Where the
// last point was a run that recovered, and published what one without faults publishes, only the whole plays it.
func (f fault) strike(t *testing.T) {
	began := time.Now()
	verdict := &verdict{t: t, codes: map[int]bool{}, planned: len(f.points)}
	defer func() { f.report(verdict, began) }()
	w := newWorld(t, verdict, f.setting)
	if f.loop != nil {
		f.loop(w)
		crashes.count(f.id, verdict)
	}
	healthy := false
	for _, p := range few(f.points...) {
		verdict.where = p.name
		verdict.points++
		code := p.strike(w)
		verdict.ended(code)
		healthy = code == 0 && p.recovers()
	}
	if *whole || !healthy {
		verdict.where = "clean run"
		w.clean()
	}
	verdict.whole = true
}

// report prints the case's line.
func (f fault) report(v *verdict, began time.Time) {
	ledger.Lock()
	defer ledger.Unlock()
	ledger.cases++
	result := "FAILED " + v.first
	if v.whole && v.failures == 0 {
		ledger.survived++
		result = v.how()
	}
	played := fmt.Sprintf("%d of %d points", v.points, v.planned)
	if v.plays > 0 {
		played += fmt.Sprintf(", %d plays", v.plays)
	}
	if v.note != "" {
		played += ", " + v.note
	}
	fmt.Fprintf(os.Stdout, "%s  %-78s %s (%s, %.1f s)\n", f.id, f.what, result, played, time.Since(began).Seconds())
}

// verdict collects what does not hold in a case.
type verdict struct {
	t        *testing.T
	where    string
	first    string
	failures int
	points   int
	plays    int    // runs of points that are loops
	note     string // a figure worth telling
	planned  int
	codes    map[int]bool // that runs ended with
	whole    bool         // played to the end
}

func (v *verdict) errorf(format string, args ...any) {
	v.t.Helper()
	problem := strings.TrimPrefix(v.where+": "+fmt.Sprintf(format, args...), ": ")
	if v.failures++; v.failures == 1 {
		v.first = oneLine(problem)
	}
	v.t.Error(problem)
}

// fatalf ends the case: nothing after it would mean anything.
func (v *verdict) fatalf(format string, args ...any) {
	v.t.Helper()
	v.errorf(format, args...)
	v.t.FailNow()
}

// ended keeps the exit code of a point.
func (v *verdict) ended(code int) {
	if v.codes != nil {
		v.codes[code] = true
	}
}

// how is the result in words: which of the exit codes the points ended with.
func (v *verdict) how() string {
	names := map[int]string{
		0: "recovered", exitUsage: "refused (2)", exitRefused: "refused (3)", exitUnavailable: "told (4)", exitInput: "refused (5)",
		exitBug: "crashed (1)", exitGuard: "guarded (6)", exitLocked: "busy (7)", exitStorage: "told (8)", 130: "stopped (130)", 143: "stopped (143)", exitKilled: "killed",
	}
	var told []string
	for code := range v.codes {
		told = append(told, names[code])
	}
	slices.Sort(told)
	return strings.Join(told, ", ")
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 300 {
		return text[:300] + "..."
	}
	return text
}

// gaps are the numbers below the last that no case has ever had. A case that is not there is not there by mistake.
var gaps = []int{3, 13, 20, 26, 34, 36, 42, 49, 50, 56, 60, 68, 71, 78, 81, 84, 91, 111, 115, 136, 146, 149, 158, 160, 164}

// TestCatalogueIsWhole holds the list itself: every id is there, in order, once, and every case has a point.
func TestCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	cases := catalogue
	for number := 1; number <= 168; number++ {
		if slices.Contains(gaps, number) {
			continue
		}
		if id := fmt.Sprintf("F%03d", number); len(cases) == 0 || cases[0].id != id {
			t.Fatalf("%s is not where it belongs", id)
		}
		if f := cases[0]; f.what == "" || len(f.points) == 0 && f.loop == nil {
			t.Errorf("case %q: %q with %d points", f.id, f.what, len(f.points))
		}
		cases = cases[1:]
	}
	if len(cases) > 0 {
		t.Errorf("%s is not expected", cases[0].id)
	}
}
