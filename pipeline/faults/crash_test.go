package faults

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// every strikes every call of a run; without it a sample does, seeded, beside all calls of the publication.
var every = flag.Bool("every", false, "strike at every call of a run, not at a sample of them")

// share plays a part of the points, so that processes side by side, or nights, play them all.
var share = flag.String("share", "1/1", "with -every: which of how many shares of the calls to strike at")

// seed of the sample.
var seed = flag.Uint64("seed", 1, "seed of what is drawn at random")

// oneThread makes a run meet its calls in the same order every time, nearly.
var oneThread = setting{config: replaced("threads: 2", "threads: 1")}

// What follows the first file that is not DuckDB's, in these folders, is the publication.
const (
	publishing = `/report\.html$`
	published  = `^(out|state/runs)(/|$)`
	inputs     = `^(customers\.csv|config\.yaml)$`
)

// Sections H, of the crash points: where a run, or the one that recovers from it, is killed or refused by the disk.
var crashFaults = []fault{
	{id: "F139", what: "SIGKILL at the file operations of a run", setting: oneThread, loop: func(w *world) {
		w.killedAtEach(strike{}, 6)
		w.killedAtEach(strike{From: publishing, Path: published}, 0)
		w.beside(rotatingBulk, func(w *world) { w.killedAtEach(strike{Path: jobAndTokens}, 10) })
	}},
	{id: "F140", what: "SIGKILL, and again in the run that recovers", setting: oneThread, loop: func(w *world) {
		killedTwice(w, strike{}, 8)
		w.beside(rotatingBulk, func(w *world) { killedTwice(w, strike{Path: jobAndTokens}, 4) })
	}},
	{id: "F141", what: "an I/O error at the file operations of a run, once and for ever", setting: oneThread, loop: func(w *world) {
		for i, s := range []strike{
			{},
			{From: publishing, Path: published},
			{Calls: "^(fsync|truncate|allocate|remove)$", Path: `link\.duckdb`},
			{Reads: true, Path: `^(out|state)/`, Calls: `^(read|list|open)$`},
		} {
			w.refusedOnceAndForEver(s, i, 10)
		}
		w.refusedAtEach(strike{Do: fail, Errno: syscall.EIO, Reads: true, Path: inputs, Calls: `^(read|open)$`}, 6)
		w.beside(rotatingBulk, func(w *world) {
			w.refusedOnceAndForEver(strike{Path: jobAndTokens}, 0, 8)
			w.refusedOnceAndForEver(strike{Reads: true, Path: jobAndTokens, Calls: `^(read|list|open)$`}, 1, 4)
		})
	}},
	{id: "F142", what: "EIO at the fsync of files and folders", setting: oneThread, loop: func(w *world) {
		w.refusedAtEach(strike{Do: fail, Errno: syscall.EIO, Calls: "^fsync$", Path: "^out"}, 14)
		w.refusedAtEach(strike{Do: fail, Errno: syscall.EIO, Calls: "^fsync$", Path: "^state/(stages|runs)"}, 0)
		w.beside(rotatingBulk, func(w *world) {
			w.refusedAtEach(strike{Do: fail, Errno: syscall.EIO, Calls: "^fsync$", Path: jobAndTokens}, 0)
		})
	}},
}

// crashes counts the points of F139 to F143 for a line of their own.
var crashes tally

type tally struct {
	sync.Mutex
	survived, points int
	calls            int // that could have been struck
}

func (c *tally) count(id string, v *verdict) {
	if id < "F139" || id > "F143" {
		return
	}
	if v.points == 0 {
		v.errorf("no point was met")
	}
	c.Lock()
	defer c.Unlock()
	c.points += v.points
	c.survived += v.points - min(v.points, v.failures)
}

// sample is how the points of a loop are chosen: all of them where -every is given or most is 0; one where it is not the
// whole; else most of them, at random.
func sample(points, most int) []int {
	chosen := make([]int, points)
	for i := range chosen {
		chosen[i] = i + 1
	}
	if !*whole {
		most = 1
	}
	if *every {
		return shareOf(chosen)
	}
	if most == 0 || points <= most {
		return chosen
	}
	random := rand.New(rand.NewPCG(*seed, uint64(points)))
	random.Shuffle(points, func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	chosen = chosen[:most]
	slices.Sort(chosen)
	return chosen
}

// shareOf are the points that fall to this process.
func shareOf(points []int) []int {
	var own, of int
	if n, err := fmt.Sscanf(*share, "%d/%d", &own, &of); n != 2 || err != nil || own < 1 || own > of {
		panic("-share: want one like 1/4, have " + *share)
	}
	var chosen []int
	for i, point := range points {
		if i%of == own-1 {
			chosen = append(chosen, point)
		}
	}
	return chosen
}

// met counts the calls that a strike could hit, in a run that it does not. The run publishes a date that is new, or
// replaces it.
func (w *world) met(s strike, replaces bool) int {
	w.v.t.Helper()
	w.reset()
	if replaces {
		w.clean()
	}
	s.At = 0
	o, report := w.struckRun(s, "run", "--run-date", faultDate)
	if o.code != 0 || report.Met == 0 {
		w.v.fatalf("a run that is only watched ends with %d after %d calls: %s", o.code, report.Met, oneLine(o.said()))
	}
	crashes.Lock()
	defer crashes.Unlock()
	crashes.calls += report.Met
	return report.Met
}

// reset puts the folders back to the first good publication, and keeps the sign-in: the org has gone on since.
func (w *world) reset() {
	w.v.t.Helper()
	path := filepath.Join(w.state(), "tokens")
	tokens, err := durably(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.v.fatalf("reset: %v", err)
	}
	for _, folder := range []string{w.output(), w.state()} {
		if err := os.RemoveAll(folder); err != nil {
			w.v.fatalf("reset: %v", err)
		}
	}
	w.copyFrom(w.reference.first)
	if tokens == nil {
		return
	}
	if err := errors.Join(os.RemoveAll(path), tokens.write(path)); err != nil {
		w.v.fatalf("reset: %v", err)
	}
}

// killedAtEach kills a run at each point, for a date that is new, and again for one that is replaced. The run after it
// must find its way back by itself.
func (w *world) killedAtEach(s strike, most int) {
	w.v.t.Helper()
	s.Do = killAll
	for _, replaces := range []bool{false, true} {
		points := sample(w.met(s, replaces), most)
		w.v.planned += len(points)
		for _, at := range points {
			if !replaces {
				w.reset()
			}
			s.At = at
			if w.killed(s) {
				w.recovers()
			}
		}
	}
}

// killed kills a run at a point and holds what it left. It tells whether the run came there.
func (w *world) killed(s strike) bool {
	w.v.t.Helper()
	w.v.where = fmt.Sprintf("killed at call %d", s.At)
	before := w.published()
	reader := w.watch()
	o, report := w.struckRun(s, "run", "--run-date", faultDate)
	reader.stop()
	w.v.where = fmt.Sprintf("killed at call %d, %s", s.At, report.What)
	if report.What == "" {
		w.judge(recovered(), before, o)
		w.v.planned--
		return false
	}
	w.v.points++
	w.v.ended(exitKilled)
	w.judge(expectation{codes: []int{exitKilled}}, before, o)
	w.oldOrNew(before)
	return true
}

// oldOrNew is I3 for a run that was killed: every byte is as it was, or the date is there, whole, and nothing else
// has changed. Between the publication and the link to it, the link is the old one.
func (w *world) oldOrNew(before map[string]string) {
	w.v.t.Helper()
	partition := "run_date=" + faultDate
	differ := changed(before, w.published())
	if len(differ) == 0 {
		return
	}
	for _, path := range differ {
		if path != "latest" && path != partition && filepath.Dir(path) != partition {
			w.v.errorf("I3: %s changed", path)
		}
	}
	for _, name := range changed(w.reference.files, w.files(faultDate)) {
		w.v.errorf("I3: neither old nor new: %s", name)
	}
	root, err := os.OpenRoot(filepath.Join(w.output(), partition))
	if err != nil {
		w.v.errorf("I3: %v", err)
		return
	}
	defer func() { _ = root.Close() }()
	if err := holds(root); err != nil {
		w.v.errorf("I3: the new publication does not hold: %v", err)
	}
}

// killedTwice kills a run, and the one that recovers from it, at points drawn from all pairs.
func killedTwice(w *world, at strike, rounds int) {
	w.v.t.Helper()
	at.Do = killAll
	calls := w.met(at, false)
	random := rand.New(rand.NewPCG(*seed, 140))
	switch {
	case *every:
		rounds = calls / 4
	case !*whole:
		rounds = 1
	}
	played := sample(rounds, 0)
	w.v.planned = 2 * len(played)
	for round := 1; round <= rounds; round++ {
		first, second := at, at
		first.At, second.At = 1+random.IntN(calls), 1+random.IntN(calls)
		if random.IntN(2) == 0 { // what a run begins with is what recovers
			second.At = 1 + random.IntN(30)
		}
		if !slices.Contains(played, round) {
			continue // it is another share's
		}
		w.reset()
		if !w.killed(first) {
			w.v.planned-- // nor is the second
			continue
		}
		if w.killed(second) {
			w.recovers()
		}
	}
}

// refusedOnceAndForEver lets each point answer EIO, once and from then on; where it is not the whole, one of the two.
func (w *world) refusedOnceAndForEver(s strike, turn, most int) {
	w.v.t.Helper()
	s.Do, s.Errno = fail, syscall.EIO
	for i, forever := range []bool{false, true} {
		if s.Forever = forever; *whole || i == turn%2 {
			w.refusedAtEach(s, most)
		}
	}
}

// refusedAtEach lets each point fail, for a date that is new and for one that is replaced in turn. The run says so by
// its code and leaves all as it was, or has recovered.
func (w *world) refusedAtEach(s strike, most int) {
	w.v.t.Helper()
	points := sample(w.met(s, false), most)
	w.v.planned += len(points)
	for i, at := range points {
		if i%2 == 0 {
			w.reset()
		}
		s.At = at
		w.v.where = fmt.Sprintf("%s at call %d", s.Errno, at)
		before := w.published()
		reader := w.watch()
		o, report := w.struckRun(s, "run", "--run-date", faultDate)
		reader.stop()
		if report.What == "" {
			w.judge(recovered(), before, o)
			w.v.planned--
			continue
		}
		w.v.where = fmt.Sprintf("%s at call %d, %s, for ever: %v", s.Errno, at, report.What, s.Forever)
		w.v.points++
		w.v.ended(o.code)
		w.refused(s, before, o, report.What)
		w.recovers()
	}
}

// refused holds the end of a run that the disk refused something. Only a disk that refuses everything from then on may
// keep it from sweeping, and from taking back what it has published; then the error says what is visible.
func (w *world) refused(s strike, before map[string]string, o outcome, struck string) {
	w.v.t.Helper()
	want := expectation{codes: []int{0, exitStorage}, leaves: s.Forever || isSweeping(struck)}
	if s.Path == inputs {
		want.codes = []int{0, exitUsage, exitInput}
	}
	if s.Forever && strings.Contains(o.stderr, faultDate+" is visible, whole and verified") && !strings.Contains(s.Calls, "fsync") {
		w.oldOrNew(before)
		before = w.published()
	}
	w.judge(want, before, o)
	if o.code == 0 && strings.HasPrefix(struck, "fsync out/.staging") {
		w.v.errorf("an fsync of what is to be published failed, and it was published")
	}
	if o.code != 0 && !strings.Contains(strings.ToLower(o.stderr), s.Errno.Error()) {
		w.v.errorf("the error does not say %q: %s", s.Errno.Error(), oneLine(o.stderr))
	}
}

// isSweeping tells a call that clears away what a run worked in: where that is refused, the next run does it.
func isSweeping(struck string) bool {
	call, path, _ := strings.Cut(struck, " ")
	return call == "remove" || call == "list" || call == "open" && (strings.Contains(path, "/.replaced-") || strings.HasPrefix(path, "state/work"))
}
