package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

// A run is a job: a process of its own that this one starts and watches, since nothing in a process can tell how it
// died. DuckDB is native code; where it crashes, or the kernel ends the largest process of a full machine, the watcher
// is there to close the run's record, to sweep what is left and to say what happened.

// jobVariable tells the job who watches it: the watcher's process id.
const jobVariable = "CROSSWALK_WATCHER"

// jobReport is the file descriptor that the job reports on: a crash, or that it came to its end.
const (
	jobReport = 3
	jobEnded  = "the job ended\n"
)

// job makes work a process of its own, watched by this one; where there cannot be one it is done here.
func (s *settings) job(work func(*cobra.Command) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, _ []string) error {
		if report := watched(); report != nil {
			err := work(command)
			_, _ = io.WriteString(report, jobEnded) // a watcher that is gone has taken this process with it
			return err
		}
		end, err := s.watch(command.Context())
		if err != nil {
			return work(command)
		}
		if died := end.cause(); died != nil {
			return errors.Join(died, s.bury(command.Context(), end.process, died))
		}
		return end.told()
	}
}

// watched is where this process reports to; nil where nobody watches it. From then on the variable is gone, and the
// runtime's last words go there too.
func watched() *os.File {
	watcher, found := os.LookupEnv(jobVariable)
	_ = os.Unsetenv(jobVariable)
	if !found || watcher != strconv.Itoa(os.Getppid()) {
		return nil
	}
	report := os.NewFile(jobReport, "report")
	if err := debug.SetCrashOutput(report, debug.CrashOptions{}); err != nil {
		return nil
	}
	return report
}

// bury closes what the dead job left open. A configuration that cannot be read has nothing open.
func (s *settings) bury(ctx context.Context, process int, died error) error {
	config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
	if err != nil {
		return nil //nolint:nilerr // that the job died is what there is to tell
	}
	return pipeline.Bury(context.WithoutCancel(ctx), config, process, died)
}

// jobEnd is how a job ended.
type jobEnd struct {
	process int
	exit    int    // exit code; -1 where a signal ended it
	signal  int    // that signal; 0 where none did
	name    string // of the signal
	asked   bool   // the signal is one that people send
	killed  bool   // the signal is SIGKILL
	report  string // the first of what it told the watcher
}

// cause is why the job is dead; nil where it came to its end.
func (e jobEnd) cause() error {
	switch {
	case e.asked:
		return &pipeline.InterruptedError{Name: e.name, Signal: e.signal}
	case e.killed:
		return &pipeline.MemoryError{Killed: true}
	case e.signal == 0 && e.report == jobEnded:
		return nil
	case e.signal != 0:
		return &pipeline.CrashError{How: e.name}
	}
	for _, sign := range []string{"out of memory", "cannot allocate memory", "failed to create new OS thread"} {
		if strings.Contains(e.report, sign) {
			return &pipeline.MemoryError{}
		}
	}
	// What a panic says may hold a record, so only the name of a signal is taken from it.
	for _, name := range []string{"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS", "SIGTRAP", "SIGQUIT"} {
		if strings.Contains(e.report, name) {
			return &pipeline.CrashError{How: name}
		}
	}
	if e.report == "" {
		return &pipeline.CrashError{How: fmt.Sprintf("exit code %d before its end", e.exit)}
	}
	return &pipeline.CrashError{How: "panic"}
}

// told is the end of a job that told its error itself.
func (e jobEnd) told() error {
	if e.exit == 0 {
		return nil
	}
	return toldError(e.exit)
}

// toldError is an exit code that needs no more words.
type toldError int

// Error is empty: the job has told it.
func (e toldError) Error() string { return "" }

// ExitCode is the job's.
func (e toldError) ExitCode() int { return int(e) }
