package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// LockedError is another run that holds the lock. Exit code 7.
type LockedError struct {
	Path   string
	Holder string
}

// Error names the lock and who holds it.
func (e *LockedError) Error() string {
	if e.Holder == "" {
		return "lock " + e.Path + ": held by another run"
	}
	return "lock " + e.Path + ": held by " + e.Holder
}

// Hint is the next step.
func (e *LockedError) Hint() string {
	return "wait for the other run to end; the lock goes with its process, there is nothing to remove by hand"
}

// ExitCode is 7.
func (e *LockedError) ExitCode() int { return 7 }

// DeadlineError is a run that took longer than limits.deadline. Exit code 4.
type DeadlineError struct{ Limit time.Duration }

// Error names the limit.
func (e *DeadlineError) Error() string { return fmt.Sprintf("run: not done after %s", e.Limit) }

// Hint is the next step.
func (e *DeadlineError) Hint() string {
	return "nothing was published; run again, and raise limits.deadline if it keeps happening"
}

// ExitCode is 4.
func (e *DeadlineError) ExitCode() int { return 4 }

// NothingToDoError says that the date is published from equal inputs and configuration. Exit code 99.
type NothingToDoError struct{ RunDate string }

// Error names the date.
func (e *NothingToDoError) Error() string {
	return "run date " + e.RunDate + ": published already from these very inputs"
}

// Hint is the next step.
func (e *NothingToDoError) Hint() string { return "leave out --skip-published to publish it again" }

// ExitCode is 99.
func (e *NothingToDoError) ExitCode() int { return 99 }

// UsageError is a wrong flag or argument. Exit code 2.
type UsageError struct{ Problem, Fix string }

// Error is the problem.
func (e *UsageError) Error() string { return e.Problem }

// Hint is the fix.
func (e *UsageError) Hint() string { return e.Fix }

// ExitCode is 2.
func (e *UsageError) ExitCode() int { return 2 }

// IncompleteError is a count that does not agree with another: something was lost or repeated. Exit code 4, since
// another extract may well be whole.
type IncompleteError struct{ Problems []string }

// Error lists every count that disagrees.
func (e *IncompleteError) Error() string { return "counts: " + strings.Join(e.Problems, "; ") }

// Hint is the next step.
func (e *IncompleteError) Hint() string {
	return "nothing was published; run again, and report it if the same counts disagree twice"
}

// ExitCode is 4.
func (e *IncompleteError) ExitCode() int { return 4 }

// GuardError lists the guards that tripped. Exit code 6.
type GuardError struct{ Tripped []Guard }

// Error names each guard with its value and limit.
func (e *GuardError) Error() string {
	var lines []string
	for _, guard := range e.Tripped {
		lines = append(lines, guard.explain())
	}
	return "guard: " + strings.Join(lines, "; ")
}

// Hint is the next step.
func (e *GuardError) Hint() string {
	return "nothing was published; if the change is right, run again with --replay --force, else mend the source or the limit in guards"
}

// ExitCode is 6.
func (e *GuardError) ExitCode() int { return 6 }

// StorageError is a folder of ours that could not be used. Exit code 8.
type StorageError struct {
	Op     string
	Path   string
	Err    error
	advice string // the next step, where it is another one than for a folder that cannot be written
}

// Error names the operation and the path.
func (e *StorageError) Error() string { return e.Op + " " + e.Path + ": " + e.Err.Error() }

// Unwrap is the cause.
func (e *StorageError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *StorageError) Hint() string {
	switch {
	case e.advice != "":
		return e.advice
	case errors.Is(e.Err, errSecondName):
		return "remove " + e.Path + ": the next run makes its own, and the file under the other name stays as it is"
	}
	return "let the user who runs crosswalk write to state.directory and output.directory, with free space on both"
}

// ExitCode is 8.
func (e *StorageError) ExitCode() int { return 8 }

// InterruptedError is a signal that stopped the run; Signal is its number. Exit code 128 + Signal.
type InterruptedError struct {
	Name   string
	Signal int
}

// Error names the signal.
func (e *InterruptedError) Error() string { return "interrupted by " + e.Name }

// Hint is the next step.
func (e *InterruptedError) Hint() string { return "nothing was published; run again when ready" }

// ExitCode is 128 plus the signal's number, as a shell has it.
func (e *InterruptedError) ExitCode() int { return 128 + e.Signal }

// CrashError is a run whose process crashed; How is a signal, or a word. Exit code 1.
type CrashError struct{ How string }

// Error says how it ended.
func (e *CrashError) Error() string { return "run: its process crashed: " + e.How }

// Hint is the next step.
func (e *CrashError) Hint() string {
	return "the last publication is untouched; please report it with the output above, and run again: with limits.threads: 1 it may pass"
}

// ExitCode is 1.
func (e *CrashError) ExitCode() int { return 1 }

// MemoryError is a run whose process the system ended, or refused memory to. Exit code 8.
type MemoryError struct{ Killed bool } // by SIGKILL

// Error says what is known.
func (e *MemoryError) Error() string {
	if e.Killed {
		return "run: its process was killed from outside (SIGKILL): most likely the system ran out of memory"
	}
	return "run: the system refused memory or threads to its process"
}

// Hint is the next step.
func (e *MemoryError) Hint() string {
	return "the last publication is untouched; lower limits.memory or give the job more memory, then run again"
}

// ExitCode is 8.
func (e *MemoryError) ExitCode() int { return 8 }

// DiskError is a run whose process DuckDB ended because the disk refused it something where no error can be returned.
// Exit code 8.
type DiskError struct {
	Problem string // in DuckDB's words
	File    string // as far as it named one
}

// Error says what was refused, and of which file.
func (e *DiskError) Error() string {
	if e.File == "" {
		return "run: DuckDB ended its process over the disk: " + e.Problem + " (it names no file: its own database, or one of the publication in the making)"
	}
	return "run: DuckDB ended its process over the disk: " + e.File + ": " + e.Problem
}

// Hint is the next step.
func (e *DiskError) Hint() string {
	return "the last publication is untouched; check the disks of state.directory, limits.temp_directory and output.directory in the system log, then run again"
}

// ExitCode is 8.
func (e *DiskError) ExitCode() int { return 8 }

// OtherOrgError is a recorded stage that holds the rows of another org than the configured one. Exit code 5.
type OtherOrgError struct{ RunDate, Problem string }

// Error says which org it is.
func (e *OtherOrgError) Error() string { return "stage of " + e.RunDate + ": " + e.Problem }

// Hint is the next step.
func (e *OtherOrgError) Hint() string {
	return "run without --replay, or restore the configuration of that date; each org wants a state.directory of its own, for the one replaces the stages of the other"
}

// ExitCode is 5.
func (e *OtherOrgError) ExitCode() int { return exitStage }
