package faults

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"crosswalk/load"
)

// Section H, of the publication: the disk is full, of another kind, or somebody else has been there.
var publicationFaults = []fault{
	{id: "F143", what: "no space for the publication, by what is left; no space or quota at a write", setting: oneThread, loop: func(w *world) {
		w.withRoomFor(few(0, 4, 16, 64, 128, 192, 256, 1024)...)
		w.withFilesOf(few(1, 4, 16, 64, 128, 256, 512, 1024)...)
		w.withOutputFull()
		w.refusedAtEach(strike{Do: fail, Errno: syscall.ENOSPC, Calls: "^(write|allocate|truncate|open|mkdir|symlink|rename|renameat2)$", Path: "^(out|state)/"}, 8)
		w.refusedAtEach(strike{Do: fail, Errno: syscall.ENOSPC, Forever: true, Calls: "^write$", Path: "^(out|state)/"}, 8)
		w.refusedAtEach(strike{Do: fail, Errno: syscall.EDQUOT, Calls: "^write$", Path: "^out/"}, 6)
	}},
	{id: "F144", what: "the date is on another file system", points: []point{{
		name: "a mount inside the output", want: expectation{codes: []int{exitStorage}, says: []string{"one file system"}, leaves: true},
		before: func(w *world) {
			w.org.arm(nil)
			w.mount(filepath.Join(w.output(), "run_date="+faultDate), "size=1m")
		},
		after: func(w *world, o outcome) {
			noCalls(w, o)
			w.later(func() { _ = os.Remove(filepath.Join(w.output(), "run_date="+faultDate)) })
		},
	}}},
	{id: "F145", what: "the file system knows no renameat2", setting: oneThread, points: []point{
		withoutRenameat2(syscall.EINVAL), withoutRenameat2(syscall.ENOSYS), withoutRenameat2(syscall.EOPNOTSUPP),
	}},
	{id: "F147", what: "latest is a folder, a file, a link to elsewhere, a link to nothing; the date is somebody else's", loop: strangeLatest},
	{id: "F148", what: "the output folder is read-only, taken away during the run, or has no names left", points: []point{
		readOnly("from the start", ""), readOnly("while the run reads", "/describe"),
		takenAway("moved away", func(w *world, aside string) error { return os.Rename(w.output(), aside) }),
		takenAway("moved away and made anew", func(w *world, aside string) error {
			return errors.Join(os.Rename(w.output(), aside), os.Mkdir(w.output(), 0o700))
		}),
		takenAway("the run's own folder removed", func(w *world, _ string) error {
			found, err := filepath.Glob(filepath.Join(w.output(), ".staging-*"))
			for _, folder := range found {
				err = errors.Join(err, os.RemoveAll(folder))
			}
			return err
		}),
		withNames(0), withNames(1), withNames(4), withNames(8), withNames(13), withNames(40),
	}},
	{id: "F150", what: "1,000 publications beside a reader that looks every millisecond", loop: publishedOften},
	{id: "F151", what: "a published file is changed by hand", loop: changedByHand},
	{id: "F152", what: "no space for the manifest, its name, the link", setting: oneThread, points: []point{
		fullAt("open", `\.manifest\.json\.tmp$`), fullAt("write", `\.manifest\.json\.tmp$`), fullAt("rename", `manifest\.json`),
		fullAt("symlink", `\.latest-`), fullAt("rename", `latest`),
	}},
	{id: "F153", what: "the power is cut at each call of a run, and what was not synced is forgotten", setting: rotatingBulk, loop: powerCut},
	{id: "F154", what: "a file changes between its writing and the proof", setting: oneThread, points: []point{
		alteredBefore(`links\.csv$`), alteredBefore(`contacts\.csv$`), alteredBefore(`contacts\.parquet$`), alteredBefore(`customers\.parquet$`),
		alteredStage(`salesforce/Contact/part`), alteredStage(`erp/customers/part`),
	}},
}

func withoutRenameat2(errno syscall.Errno) point {
	return point{
		name: errno.Error(), want: recovered(), before: func(w *world) { w.twoRenames = true }, after: func(w *world, _ outcome) { w.twoRenames = false },
		play: diedAt(strike{Do: fail, Errno: errno, Forever: true, Calls: "^renameat2$", At: 1}),
	}
}

func fullAt(call, path string) point {
	return point{
		name: call + " " + path, want: refused(exitStorage, "space left on device"),
		before: (*world).reset, // the link moves for a new date alone
		play:   diedAt(strike{Do: fail, Errno: syscall.ENOSPC, Calls: "^" + call + "$", Path: path, From: publishing, At: 1}),
	}
}

func alteredBefore(path string) point {
	return point{name: path, want: refused(exitGuard, "verify: "), play: diedAt(strike{Do: alter, Calls: "^fsync$", Path: path, At: 1})}
}

// alteredStage changes a part of the stage before it is proved. The stage that was recorded for the date before stays, and
// can be replayed.
func alteredStage(path string) point {
	return point{
		name: path, want: refused(exitStorage, "read back the new stage", "run again"), before: (*world).clean,
		play: diedAt(strike{Do: alter, Calls: "^rename$", Path: `^state/stages/\.incoming-[^/]*/` + path, At: 1}),
		after: func(w *world, _ outcome) {
			if o := w.crosswalk("run", "--run-date", faultDate, "--replay"); o.code != 0 {
				w.v.errorf("the stage that was good is not any more: %s", oneLine(o.stderr))
			}
		},
	}
}

// strangeLatest puts something else in the place of the link. What is not ours is refused and stays as it is.
func strangeLatest(w *world) {
	latest := filepath.Join(w.output(), "latest")
	type instead struct {
		name string
		ours bool
		put  func() error
	}
	for _, c := range few([]instead{
		{"a folder", false, func() error { return os.Mkdir(latest, 0o700) }},
		{"a file", false, func() error { return os.WriteFile(latest, []byte("mine"), 0o600) }},
		{"a link to elsewhere", false, func() error { return os.Symlink("/etc", latest) }},
		{"a link to a folder beside it", false, func() error { return os.Symlink("archive", latest) }},
		{"a link to a date that is gone", true, func() error { return os.Symlink("run_date=2020-01-01", latest) }},
	}...) {
		w.try(c.name)
		w.reset()
		if err := os.Remove(latest); err != nil {
			w.v.fatalf("%v", err)
		}
		if err := c.put(); err != nil {
			w.v.fatalf("%v", err)
		}
		before := w.published()
		o := w.run()
		w.v.ended(o.code)
		switch {
		case c.ours && o.code != 0:
			w.v.errorf("I1: exit code %d: %s", o.code, oneLine(o.stderr))
		case c.ours:
			w.newestHolds()
		case o.code != exitStorage || !strings.Contains(o.stderr, "not ours to replace"):
			w.v.errorf("I1: exit code %d, want %d: %s", o.code, exitStorage, oneLine(o.stderr))
		default:
			for _, path := range changed(before, w.published()) {
				w.v.errorf("I3: %s changed", path)
			}
		}
	}
	w.reset()
	dateOfSomebodyElse(w)
	w.clean()
}

// dateOfSomebodyElse puts files that no run published where the date goes: they stay, and Salesforce is asked nothing.
func dateOfSomebodyElse(w *world) {
	w.try("the date is a folder of somebody else")
	date := filepath.Join(w.output(), "run_date="+faultDate)
	theirs := filepath.Join(date, "part-00000.parquet")
	if err := errors.Join(os.Mkdir(date, 0o700), os.WriteFile(theirs, []byte("theirs"), 0o600)); err != nil {
		w.v.fatalf("%v", err)
	}
	before := w.published()
	if o := w.run(); o.code != exitStorage || !strings.Contains(o.stderr, "no publication of ours to replace") {
		w.v.errorf("I1: exit code %d, want %d: %s", o.code, exitStorage, oneLine(o.stderr))
	}
	for _, path := range changed(before, w.published()) {
		w.v.errorf("I3: %s changed", path)
	}
	if text, err := os.ReadFile(theirs); err != nil || string(text) != "theirs" {
		w.v.errorf("the file that was there: %q, %v", text, err)
	}
	if err := os.RemoveAll(date); err != nil {
		w.v.fatalf("%v", err)
	}
}

// changedByHand flips a byte of each file: verify names it, and the next run publishes as ever.
func changedByHand(w *world) {
	for _, name := range few(slices.Sorted(maps.Keys(w.reference.files))...) {
		w.try(name)
		w.clean()
		if err := flipMiddle(filepath.Join(w.output(), "run_date="+faultDate, name)); err != nil {
			w.v.fatalf("%v", err)
		}
		if o := w.verify(); o.code != exitGuard || !strings.Contains(o.stderr, name) {
			w.v.errorf("verify ends with %d, want %d and the name: %s", o.code, exitGuard, oneLine(o.said()))
		}
	}
}

// torn counts what the readers of F150 saw.
var torn struct {
	sync.Mutex
	looks, torn int
}

// publishedOften publishes a small folder over and over with the publisher itself, for two dates in turn, beside a
// reader; and some with the program.
func publishedOften(w *world) {
	rounds, runs := 1000, 3
	if !*whole {
		rounds, runs = 50, 0
	}
	_ = os.RemoveAll(w.output())
	w.publishRound(0)
	done, looks, problems := make(chan struct{}), 0, []string(nil)
	var looking sync.WaitGroup
	looking.Go(func() {
		r := &reader{w: w}
		for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
			select {
			case <-done:
				tick.Stop()
				looks, problems = r.looks, r.problems
				return
			default:
				r.look()
			}
		}
	})
	for round := 1; round <= rounds; round++ {
		w.try(fmt.Sprintf("round %d", round))
		w.publishRound(round)
	}
	close(done)
	looking.Wait()
	w.reset()
	for round := range runs {
		w.try(fmt.Sprintf("run %d", round))
		r := w.watch()
		if o := w.run(); o.code != 0 {
			w.v.errorf("exit code %d: %s", o.code, oneLine(o.stderr))
		}
		r.stop()
		looks += r.looks
		problems = append(problems, r.problems...)
	}
	torn.Lock()
	defer torn.Unlock()
	torn.looks, torn.torn = torn.looks+looks, torn.torn+len(problems)
	for _, problem := range problems {
		w.v.errorf("I4: %s", problem)
	}
	if looks < rounds/10 {
		w.v.errorf("only %d looks in %d rounds", looks, rounds)
	}
}

// publishRound publishes three files that all carry the number of the round.
func (w *world) publishRound(round int) {
	w.v.t.Helper()
	staging, err := load.NewStaging(w.output(), fmt.Sprintf("round-%d", round))
	if err != nil {
		w.v.fatalf("%v", err)
	}
	var outputs []string
	for _, name := range []string{"links.csv", "customers.csv", "contacts.csv"} {
		text := []byte(strings.Repeat(fmt.Sprintf("%s of round %d\n", name, round), 50+round%7))
		write(w.v.t, filepath.Join(staging, name), text, 0o600)
		sum, err := hashOf(filepath.Join(staging, name))
		if err != nil {
			w.v.fatalf("%v", err)
		}
		outputs = append(outputs, fmt.Sprintf(`{"name": %q, "bytes": %d, "sha256": %q}`, name, len(text), sum))
	}
	manifest := fmt.Sprintf(`{"run_id": "round-%d", "outputs": [%s]}`, round, strings.Join(outputs, ", "))
	date := []string{goodDate, faultDate}[min(1, round%5)]
	if err := load.Publish(w.v.t.Context(), w.output(), staging, "run_date="+date, []byte(manifest)); err != nil {
		w.v.fatalf("round %d: %v", round, err)
	}
}
