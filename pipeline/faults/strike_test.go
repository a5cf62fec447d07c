package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A run can be struck at any of its calls to the kernel that change a file below the world's folders, whoever makes
// them, DuckDB's native code too. This test binary is the tracer: it starts the program under ptrace(2), with a seccomp
// filter that stops it at those calls alone, and at the one that is meant it kills, or refuses the call, or changes the
// file. Nothing but the kernel is needed for it.

// The first arguments with which this binary is the tracer, and what becomes the program.
const (
	tracerArgument   = "trace"
	launcherArgument = "launch"
)

// What a strike does.
const (
	killAll = "kill"  // every process of the run at once
	killJob = "job"   // the one that does the work, as the kernel does where memory is short
	crash   = "crash" // SIGSEGV, as native code does
	fail    = "fail"  // the call fails with Errno and does nothing
	alter   = "alter" // one byte of the call's file is changed, then the call goes on
	hold    = "hold"  // the call waits for Hold, and meanwhile the run gets Signal, if there is one
)

// strike is where and how a run is struck. Calls are counted from 1 among those that match.
type strike struct {
	Under   string        // folder; calls on what is elsewhere are none of ours
	Reads   bool          // reads, and opening to read, count too
	Calls   string        // regular expression for the call's name
	Path    string        // regular expression for its path, in Under
	From    string        // regular expression for the path of the call that begins the count
	At      int           // 0 strikes nothing
	Forever bool          // and all that follow
	Do      string        // what
	Errno   syscall.Errno // for fail
	Signal  syscall.Signal
	Hold    time.Duration
	Record  string // folder to record every matching call in, with what a file holds when it is synced
	Report  string // path of the file to report to
}

// struck is what the tracer reports.
type struck struct {
	Met   int           // calls that matched
	What  string        // the first that was struck; empty where none was
	Trail []string      // all that matched
	Late  time.Duration // of hold: how long the run went on when it was let go
	Calls []call        // the same for a program, where they are recorded
}

// call is one that was about to be made. It may have failed: whoever replays it sees that by what is there.
type call struct {
	Name  string
	Path  string // below the world's folder
	To    string // of a rename: the new path; of a symbolic link: what it says
	Flags uint64 // of renameat2 and open
	Holds string // of fsync: the file that has what the synced file held
}

// struckRun is a run that is struck so.
func (w *world) struckRun(s strike, args ...string) (outcome, struck) {
	w.v.t.Helper()
	self, err := os.Executable()
	if err != nil {
		w.v.fatalf("tracer: %v", err)
	}
	s.Under, s.Report = w.dir, filepath.Join(w.dir, "struck.json")
	_ = os.Remove(s.Report)
	text, err := json.Marshal(s)
	if err != nil {
		w.v.fatalf("tracer: %v", err)
	}
	args = append([]string{tracerArgument, string(text), program, "--config", w.config}, args...)
	o := w.startCommand([]string{"GOMAXPROCS=1"}, self, args...).wait()
	var report struck
	if text, err := os.ReadFile(s.Report); err != nil || json.Unmarshal(text, &report) != nil {
		w.v.fatalf("the tracer did not come to its end: %v %s", err, oneLine(o.said()))
	}
	return o, report
}

// normal is a path without what differs from run to run.
func normal(path string) string {
	steps := strings.Split(path, string(filepath.Separator))
	for i, step := range steps {
		for _, form := range []string{".staging-", ".incoming-", ".20", "20"} {
			if strings.HasPrefix(step, form) && strings.Contains(step, "T") && strings.Contains(step, "Z-") {
				suffix := ""
				if j := strings.Index(step, ".json"); j > 0 {
					suffix = step[j:min(len(step), j+5)]
				}
				steps[i] = strings.TrimSuffix(form, "20") + "RUN" + suffix
			}
		}
		if j := strings.LastIndex(step, "-"); j > 0 && strings.Contains(step, ".tmp") {
			steps[i] = step[:j]
		}
	}
	return strings.Join(steps, string(filepath.Separator))
}

// describe is a call in words.
func describe(call, path string) string { return fmt.Sprintf("%s %s", call, normal(path)) }

// flipMiddle changes one bit in the middle of a file.
func flipMiddle(path string) error {
	text, err := os.ReadFile(path)
	if err != nil || len(text) == 0 {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt([]byte{text[len(text)/2] ^ 1}, int64(len(text)/2))
	return errors.Join(err, file.Close())
}
