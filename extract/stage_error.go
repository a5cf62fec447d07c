package extract

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
)

// StageError is a stage that could not be written or read. Path is the folder or file.
type StageError struct {
	Op   string
	Path string
	Err  error
}

// Error names the operation and the path, once.
func (e *StageError) Error() string {
	if inner, ok := e.Err.(*fs.PathError); ok && strings.HasPrefix(inner.Path, e.Path) { //nolint:errorlint // not one among others
		return "stage: " + e.Op + " " + inner.Path + ": " + inner.Err.Error()
	}
	return "stage: " + e.Op + " " + e.Path + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *StageError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *StageError) Hint() string {
	switch {
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		return "free some space below state.directory, or lower state.keep_stages"
	case errors.Is(e.Err, fs.ErrPermission):
		return "let the user who runs crosswalk write below state.directory"
	case e.Op == "open table" && errors.Is(e.Err, fs.ErrNotExist):
		return "the stage of this date was recorded without it, under another configuration; `crosswalk run` without --replay extracts the date again"
	case e.read() && errors.Is(e.Err, fs.ErrNotExist):
		return "nothing was recorded for this date; `crosswalk run` without --replay extracts and records it"
	case e.read() && !e.refusedBySystem():
		return "the recorded stage is damaged; extract the date again with `crosswalk run`"
	}
	return "look at the file system of state.directory"
}

// ExitCode is 5 where a recorded stage is refused and 8 where one could not be written, or the system could not read it.
func (e *StageError) ExitCode() int {
	if e.read() && !e.refusedBySystem() {
		return 5
	}
	return 8
}

// refusedBySystem tells an error of the disk, or of this process's limits, from a stage that is damaged or absent.
func (e *StageError) refusedBySystem() bool {
	for _, errno := range []syscall.Errno{syscall.EIO, syscall.ESTALE, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(e.Err, errno) {
			return true
		}
	}
	return false
}

func (e *StageError) read() bool { return e.Op == "open" || e.Op == "open table" || e.Op == "check" }
