package faults

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Schedules: random mixes of one to four troubles, each drawn with its place from a seed. What no list of cases thinks of
// are two things that go wrong in one night.

var (
	schedules = flag.Uint64("schedules", 0, "how many random schedules are played, from seed 1; default 8, with -whole 200")
	scheduled = flag.Uint64("schedule", 0, "the seed of the one schedule to play")
)

// schedulesInWorld is how many schedules a world plays one after another: by Bulk in one world, by REST in the next.
const schedulesInWorld = 8

// trouble is one thing that goes wrong.
type trouble struct {
	what  string
	fault string // of the simulator, as fixtures.ReadFaults reads it
	mild  bool   // a run gets over it, alone and with others
	codes []int  // that a run may end with because of it, besides 0

	signal  syscall.Signal // sent after so long, or at a file operation
	after   time.Duration
	disk    syscall.Errno // a file operation of the run that fails with it
	at      int           // which one, counted from 1
	without bool          // the ERP snapshot is missing
}

// mix is a schedule: what goes wrong in one run.
type mix struct {
	seed     uint64
	api      string
	troubles []trouble
}

// drawMix is the schedule of a seed.
func drawMix(seed uint64) mix {
	random := rand.New(rand.NewPCG(seed, 155))
	m := mix{seed: seed, api: []string{"bulk", "rest"}[(seed-1)/schedulesInWorld%2]}
	local := false
	for range 1 + random.IntN(4) {
		if !local && random.IntN(5) == 0 {
			local = true
			m.troubles = append(m.troubles, drawLocal(random))
			continue
		}
		m.troubles = append(m.troubles, drawRemote(random, m.api))
	}
	return m
}

// drawLocal is a trouble of the machine.
func drawLocal(random *rand.Rand) trouble {
	switch random.IntN(8) {
	case 0:
		return trouble{what: "no ERP snapshot", without: true, codes: []int{exitInput}}
	case 1, 2:
		errno := []syscall.Errno{syscall.EIO, syscall.ENOSPC}[random.IntN(2)]
		at := 1 + random.IntN(160)
		return trouble{what: fmt.Sprintf("%s at file operation %d", errno, at), disk: errno, at: at, codes: []int{exitStorage}}
	}
	signal := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL}[random.IntN(3)]
	code := 128 + int(signal)
	if signal == syscall.SIGKILL {
		code = exitKilled
	}
	if random.IntN(2) == 0 {
		at := 1 + random.IntN(160)
		return trouble{what: fmt.Sprintf("%s at file operation %d", signal, at), signal: signal, at: at, codes: []int{code}}
	}
	after := time.Duration(random.IntN(1200)) * time.Millisecond
	return trouble{what: fmt.Sprintf("%s after %s", signal, after), signal: signal, after: after, codes: []int{code}}
}

// calls of a run by each API, and those of them that answer with rows.
var (
	callsOf = map[string][]string{"bulk": everyCall, "rest": {"token", "versions", "describe", "query", "query_more"}}
	rowsOf  = map[string][]string{"bulk": {"results"}, "rest": {"query", "query_more"}}
)

// drawRemote is a trouble of the org, or of the way to it.
func drawRemote(random *rand.Rand, api string) trouble {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	call, rows, nth := pick(callsOf[api]...), pick(rowsOf[api]...), 1+random.IntN(3)
	strike := func(kind, do string) string {
		return fmt.Sprintf(`{"match": {"kind": %q, "nth": %d}, "do": {%s}}`, kind, nth, do)
	}
	named := func(t trouble, kind, do string) trouble {
		t.fault = strike(kind, do)
		t.what = fmt.Sprintf("%s %d: %s", kind, nth, do)
		return t
	}
	wrong := trouble{codes: []int{exitUnavailable, exitInput}}
	switch random.IntN(15) {
	case 0, 1:
		return named(trouble{mild: true}, call, fmt.Sprintf(`"status": %s, "body": "<html>Bad Gateway</html>"`, pick("500", "502", "503", "504")))
	case 2:
		return named(trouble{mild: true}, call, `"reset": true`)
	case 3:
		return named(trouble{mild: true}, rows, fmt.Sprintf(`"cut_fraction": %.2f, "end": %q`, random.Float64(), pick("reset", "length", "chunked")))
	case 4:
		return named(trouble{mild: true}, call, `"delay": "150ms"`)
	case 5:
		return named(trouble{mild: true}, pick(callsOf[api][2:]...), `"expire": true`)
	case 6:
		return named(wrong, rows, fmt.Sprintf(`"cut_rows": %d, "end": "close"`, random.IntN(30)))
	case 7:
		return named(wrong, rows, fmt.Sprintf(`%q: %d`, pick("drop_row", "repeat_row"), 1+random.IntN(12)))
	case 8:
		return named(wrong, rows, fmt.Sprintf(`"headers": {"Sforce-NumberOfRecords": %s}`, pick(`"{rows-1}"`, `"{rows+1}"`, "null", `"many"`)))
	case 9:
		return named(wrong, call, pick(`"status": 200, "body": "<html>maintenance</html>"`, `"status": 200, "body": ""`, `"status": 200, "body": "{}"`))
	case 10:
		return named(wrong, rows, fmt.Sprintf(`"gzip": %q`, pick("crc", "cut", "trailing", "false", "double")))
	case 11:
		refusal := trouble{codes: []int{exitRefused, exitUnavailable}}
		return named(refusal, call, pick(`"redirect": "http://127.0.0.2:9"`, `"status": 302, "headers": {"Location": "http://127.0.0.2:9/"}`,
			`"status": 403, "body": "[{\"errorCode\":\"API_CURRENTLY_DISABLED\",\"message\":\"no API\"}]"`))
	case 12:
		return named(wrong, call, `"status": 403, "body": "[{\"errorCode\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"TotalRequests Limit exceeded.\"}]"`)
	case 13:
		return named(trouble{mild: true}, call, fmt.Sprintf(`"status": %s, "headers": {"Retry-After": %s}`, pick("429", "503"), pick(`"0"`, `"1"`, `"soon"`, "null")))
	}
	if api == "rest" {
		return named(wrong, rows, `"empty": true`)
	}
	return named(wrong, pick("job_info", "pages", "results"), fmt.Sprintf(`"job": {%s}`,
		pick(`"state": "Failed"`, `"state": "Aborted"`, `"state": "Perhaps"`, `"gone": true`, `"records_processed": 1`)))
}

// point is the schedule as the harness plays it. What is mild alone may not be got over where several meet in one call.
func (m mix) point() point {
	p := point{want: expectation{codes: []int{0}}, env: []string{"CROSSWALK_LIMITS_DEADLINE=60s"}}
	var faults, words []string
	mild := true
	for _, t := range m.troubles {
		words = append(words, t.what)
		if t.fault != "" {
			faults = append(faults, t.fault)
		}
		p.want.codes = append(p.want.codes, t.codes...)
		mild = mild && t.mild
	}
	if !mild || m.meets() {
		p.want.codes = append(p.want.codes, exitUnavailable)
	}
	p.name = fmt.Sprintf("seed %d by %s: %s", m.seed, m.api, strings.Join(words, "; "))
	p.before = func(w *world) {
		if len(faults) > 0 {
			w.org.arm(scripted(w.v, "["+strings.Join(faults, ", ")+"]"))
		}
	}
	for _, t := range m.troubles {
		t.furnish(&p)
	}
	return p
}

// meets tells whether two troubles may strike the same call: a damaged answer is asked for three times, a session that
// ends in an answer begins anew once.
func (m mix) meets() bool {
	ended := 0
	for _, t := range m.troubles {
		if strings.Contains(t.fault, `"expire"`) || strings.Contains(t.fault, `"cut_fraction"`) {
			ended++
		}
	}
	return ended > 1
}

// furnish adds a trouble of the machine to a point.
func (t trouble) furnish(p *point) {
	arm := p.before
	switch {
	case t.without:
		p.before = func(w *world) {
			arm(w)
			path, aside := filepath.Join(w.dir, "customers.csv"), filepath.Join(w.dir, "aside.csv")
			if err := os.Rename(path, aside); err != nil {
				w.v.fatalf("%v", err)
			}
			w.strikes.count(true)
			w.later(func() { w.v.must(os.Rename(aside, path)) })
		}
	case t.disk != 0:
		p.want.leaves = true
		p.play = func(w *world) outcome {
			o, report := w.struckRun(strike{Do: fail, Errno: t.disk, At: t.at}, "run", "--run-date", faultDate)
			w.strikes.count(report.What != "")
			return o
		}
	case t.signal != 0 && t.at > 0:
		p.want.hasty = true
		p.play = func(w *world) outcome {
			s := strike{Do: hold, Signal: t.signal, Hold: 50 * time.Millisecond, At: t.at}
			if t.signal == syscall.SIGKILL {
				s = strike{Do: killAll, At: t.at}
			}
			o, report := w.struckRun(s, "run", "--run-date", faultDate)
			w.strikes.count(report.What != "")
			return o
		}
	case t.signal != 0:
		p.want.hasty = true
		p.play = func(w *world) outcome {
			run := w.start(p.env, "run", "--run-date", faultDate)
			time.Sleep(t.after)
			w.strikes.count(true)
			if err := run.command.Process.Signal(t.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
				w.v.errorf("signal: %v", err)
			}
			o := run.wait()
			if o.code == exitKilled && t.signal != syscall.SIGKILL && o.said() == "" {
				o.code = 128 + int(t.signal) // before the program had begun; a shell tells it so
			}
			return o
		}
	}
}

func (v *verdict) must(err error) {
	v.t.Helper()
	if err != nil {
		v.fatalf("%v", err)
	}
}

// mixes counts the schedules for the last line.
var mixes struct {
	sync.Mutex
	survived uint64
	strikes  strikes
	inVain   uint64 // schedules of which nothing struck
}

// strikes counts the troubles that could strike, and those that did: a call may never come.
type strikes struct{ armed, struck int }

func (s *strikes) count(struck bool) {
	s.armed++
	if struck {
		s.struck++
	}
}

// TestSchedules plays the schedules. One that fails prints the command that plays it again.
func TestSchedules(t *testing.T) {
	first, last := uint64(1), *schedules
	switch {
	case *scheduled != 0:
		first, last = *scheduled, *scheduled
	case last == 0 && *whole:
		last = 200
	case last == 0:
		last = schedulesInWorld
	}
	t.Cleanup(func() {
		mixes.Lock()
		defer mixes.Unlock()
		fmt.Fprintf(os.Stdout, "schedules survived %d of %d (seeds %d-%d); %d of %d faults struck, and nothing in %d schedules\n",
			mixes.survived, last-first+1, first, last, mixes.strikes.struck, mixes.strikes.armed, mixes.inVain)
	})
	for from := first; from <= last; from += schedulesInWorld - (from-1)%schedulesInWorld {
		t.Run(fmt.Sprintf("from %d", from), func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			v := &verdict{t: t, codes: map[int]bool{}}
			w := newWorld(t, v, setting{api: drawMix(from).api, options: optionsWith(12)})
			if from%2 == 0 { // the one before it left a clean run of the date
				w.clean()
			}
			for seed := from; seed <= last && (seed == from || (seed-1)%schedulesInWorld > 0); seed++ {
				w.playMix(drawMix(seed))
			}
		})
	}
}

// playMix plays a schedule, for a date that is new where its seed is odd, else for one that is published, and the clean
// run after it.
func (w *world) playMix(m mix) {
	w.v.t.Helper()
	if m.seed%2 == 1 {
		w.reset()
	}
	p := m.point()
	before, done := w.v.failures, false
	defer func() { // also where the case ends in the midst of it
		mixes.Lock()
		defer mixes.Unlock()
		mixes.strikes.armed += w.strikes.armed
		mixes.strikes.struck += w.strikes.struck
		if w.strikes.struck == 0 {
			mixes.inVain++
		}
		if done && w.v.failures == before {
			mixes.survived++
			return
		}
		fmt.Fprintf(os.Stdout, "schedule %d failed; play it again: go test ./pipeline/faults -run '^TestSchedules$' -schedule %d -v\n", m.seed, m.seed)
	}()
	w.v.where, w.strikes = p.name, strikes{}
	p.after = func(w *world, _ outcome) {
		for i := range w.org.armed {
			w.strikes.count(w.org.now().Fired(i) > 0)
		}
	}
	code := p.strike(w)
	w.v.where = fmt.Sprintf("%s, ended with %d; clean run after it", p.name, code)
	w.clean()
	done = true
}

// TestMixes holds what the seeds draw: each the same every time, every kind of trouble among a few hundred of them, and some
// that a run must get over.
func TestMixes(t *testing.T) {
	t.Parallel()
	kinds, mild := map[string]int{}, 0
	for seed := uint64(1); seed <= 400; seed++ {
		m, again := drawMix(seed), drawMix(seed)
		p := m.point()
		if p.name != again.point().name || len(m.troubles) < 1 || len(m.troubles) > 4 {
			t.Errorf("seed %d draws %q and %q", seed, p.name, again.point().name)
		}
		if slices.Equal(p.want.codes, []int{0}) {
			mild++
		}
		for _, trouble := range m.troubles {
			for _, word := range []string{"status", "reset", "cut_fraction", "delay", "expire", "cut_rows", "drop_row", "repeat_row", "Sforce", "gzip", "redirect", "LIMIT", "job", "empty", "no ERP", "Retry-After", "error at file operation", "device at file operation", "terminated at", "killed at", "terminated", "interrupt", "killed"} {
				if strings.Contains(trouble.what, word) {
					kinds[word]++
				}
			}
		}
	}
	if mild < 40 || len(kinds) != 23 {
		t.Errorf("of 400 seeds %d are mild, and these troubles were drawn: %v", mild, kinds)
	}
}
