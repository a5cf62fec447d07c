package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Storage that is too small, closed, or taken away: F143 and F148.

// withRoomFor runs with so many kilobytes left for the output; with -every, with each number of blocks until there is
// room for all of it.
func (w *world) withRoomFor(kilobytes ...int) {
	w.v.t.Helper()
	for _, room := range kilobytes {
		w.leaving(room)
	}
	for room, code := 0, exitStorage; *every && code != 0; room += 4 {
		code = w.leaving(room)
	}
	w.reset()
	w.clean()
}

// leaving runs with so many kilobytes left, none of which may be enough, and gives the exit code.
func (w *world) leaving(room int) int {
	w.v.t.Helper()
	want := expectation{codes: []int{0, exitStorage}, says: []string{"pace left on device", "bytes needed"}}
	if room == 0 {
		want.codes = []int{exitStorage}
	}
	w.try(fmt.Sprintf("%d kB left", room))
	w.reset()
	if err := os.RemoveAll(w.output()); err != nil {
		w.v.fatalf("%v", err)
	}
	w.mount(w.output(), fmt.Sprintf("size=%dk", w.sizeOf(filepath.Join(w.reference.first, "out"))+room))
	w.copyFrom(w.reference.first)
	before := w.published()
	reader := w.watch()
	o := w.run()
	reader.stop()
	w.v.ended(o.code)
	w.judge(want, before, o)
	for _, mend := range w.undo {
		mend()
	}
	w.undo = nil
	return o.code
}

// sizeOf is what a folder takes on a tmpfs, in kilobytes.
func (w *world) sizeOf(folder string) int {
	pages := 1
	_ = filepath.WalkDir(folder, func(_ string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			pages += int((info.Size() + 4095) / 4096)
		}
		return nil
	})
	return 4 * pages
}

// withFilesOf runs with no file of the run's larger than so many kilobytes. It needs nothing that only root may do.
func (w *world) withFilesOf(kilobytes ...int) {
	w.v.t.Helper()
	for _, most := range kilobytes {
		w.try(fmt.Sprintf("files of %d kB", most))
		w.reset()
		limit := fmt.Sprintf(`ulimit -f %d; exec "$0" "$@"`, 2*most) // in blocks of 512 bytes
		w.ends(expectation{codes: []int{0, exitStorage}, says: []string{"ile too large"}}, "sh", "-c", limit, program, "--config", w.config, "run", "--run-date", faultDate)
		w.clean()
	}
}

// withOutputFull runs with nowhere to print to. What is published is published, whoever hears of it.
func (w *world) withOutputFull() {
	w.v.t.Helper()
	for _, to := range []string{">/dev/full", "2>/dev/full", ">/dev/full 2>&1", "| true", "2>&1 | true"} {
		w.try("output " + to)
		w.reset()
		command := fmt.Sprintf(`("$0" "$@"; echo $? >ended) %s; exit $(cat ended)`, to)
		w.ends(recovered(), "sh", "-c", command, program, "--config", w.config, "run", "--run-date", faultDate)
	}
}

// ends runs a command to its end and judges it.
func (w *world) ends(want expectation, name string, args ...string) {
	w.v.t.Helper()
	before := w.published()
	reader := w.watch()
	o := w.startCommand(nil, name, args...).wait()
	reader.stop()
	w.v.ended(o.code)
	w.judge(want, before, o)
}

// onItsOwn puts the output folder on a file system of its own, until the point is over.
func (w *world) onItsOwn(options string) {
	w.v.t.Helper()
	w.reset()
	if err := os.RemoveAll(w.output()); err != nil {
		w.v.fatalf("%v", err)
	}
	w.mount(w.output(), options)
	w.later(w.reset)
	w.copyFrom(w.reference.first)
}

// refusedInPlace is the end of a run that cannot clear away what it made, either: the next one does.
func refusedInPlace(says string) expectation {
	return expectation{codes: []int{exitStorage}, says: []string{says}, leaves: true}
}

// readOnly closes the output to writers, before the run or at one of its calls, by a read-only mount of it upon itself:
// what is open for writing stays so.
func readOnly(when, call string) point {
	return point{
		name: "read-only " + when, want: refusedInPlace("ead-only file system"), before: (*world).reset,
		play: func(w *world) outcome {
			closed := false
			shut := func() {
				err := syscall.Mount(w.output(), w.output(), "", syscall.MS_BIND, "")
				if closed = err == nil; closed {
					err = syscall.Mount("", w.output(), "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, "")
				}
				if err != nil {
					w.v.errorf("a read-only folder needs root to be made: mount: %v", err)
				}
			}
			if call == "" {
				shut()
			} else {
				w.atCall(call, shut)
			}
			o := w.run()
			if closed {
				_ = syscall.Unmount(w.output(), syscall.MNT_DETACH)
			}
			return o
		},
	}
}

// takenAway takes the output, or a part of it, from under a run, and puts back what it took when the run has ended.
func takenAway(what string, take func(w *world, aside string) error) point {
	return point{
		name: what, want: refusedInPlace("o such file or directory"),
		before: func(w *world) { w.reset(); w.blind.Store(true) }, after: func(w *world, _ outcome) { w.blind.Store(false) },
		play: func(w *world) outcome {
			aside := filepath.Join(w.dir, "aside")
			w.atCall("/describe", func() {
				if err := take(w, aside); err != nil {
					w.v.errorf("%s: %v", what, err)
				}
			})
			o := w.run()
			if _, err := os.Lstat(aside); err != nil {
				return o
			}
			if left, _ := filepath.Glob(filepath.Join(w.output(), "[^.]*")); len(left) > 0 {
				w.v.errorf("I3: in the folder that took its place: %v", left)
			}
			if err := os.RemoveAll(w.output()); err != nil {
				w.v.errorf("%v", err)
			}
			if err := os.Rename(aside, w.output()); err != nil {
				w.v.errorf("%v", err)
			}
			return o
		},
	}
}

// withNames leaves so many names (inodes) on the output's file system.
func withNames(left int) point {
	return point{
		name: fmt.Sprintf("%d names left", left), want: expectation{codes: []int{0, exitStorage}, says: []string{"pace left on device"}},
		before: func(w *world) {
			names := 0
			_ = filepath.WalkDir(filepath.Join(w.reference.first, "out"), func(_ string, _ os.DirEntry, err error) error {
				names++
				return err
			})
			w.onItsOwn(fmt.Sprintf("size=16m,nr_inodes=%d", names+left))
		},
	}
}
