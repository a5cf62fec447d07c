package command

import (
	"errors"
	"io"
	"io/fs"
)

// output is standard output. Where it cannot be written, as on a full disk, that is what a command ends with, and no bug.
type output struct{ to io.Writer }

// Write gives *outputError where the text was not taken whole.
func (o output) Write(text []byte) (int, error) {
	n, err := o.to.Write(text)
	if err != nil {
		return n, &outputError{err}
	}
	return n, nil
}

// outputError is standard output that refused what a command had to tell. Exit code 8.
type outputError struct{ err error }

// Error is the system's word; the path that it knows standard output by says nothing.
func (e *outputError) Error() string {
	var path *fs.PathError
	if errors.As(e.err, &path) {
		return "standard output: " + path.Err.Error()
	}
	return "standard output: " + e.err.Error()
}

// Unwrap is the cause.
func (e *outputError) Unwrap() error { return e.err }

// Hint is the next step.
func (e *outputError) Hint() string {
	return "free the disk that standard output goes to, or send it elsewhere; what the command did stands, only its answer is lost"
}

// ExitCode is 8.
func (e *outputError) ExitCode() int { return 8 }
