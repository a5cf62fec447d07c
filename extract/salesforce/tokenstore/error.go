package tokenstore

import (
	"errors"
	"strings"
)

// Exit codes of this package, from the table that the whole command keeps.
const (
	exitUsage   = 2
	exitRefused = 3
	exitBusy    = 7
	exitStorage = 8
)

// ErrMissing is wrapped by the error of a store that holds nothing.
var ErrMissing = errors.New("nobody signed in")

var errDamaged = errors.New("damaged")

// Error is a store that cannot be used. Its text names the place, never what is in it.
type Error struct {
	Where   string // path, or name in the keyring
	Problem string

	exit  int
	hint  string
	cause error
}

// Error is "tokens: place: problem".
func (e *Error) Error() string {
	parts := []string{"tokens"}
	for _, part := range []string{e.Where, e.Problem} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if e.cause != nil {
		parts = append(parts, e.cause.Error())
	}
	return strings.Join(parts, ": ")
}

// Hint is the next step: the command that mends it.
func (e *Error) Hint() string { return e.hint }

// ExitCode is 2 (somebody else may open it), 3 (nobody is signed in, or the tokens cannot be read), 7 (busy) or 8 (cannot
// be written).
func (e *Error) ExitCode() int { return e.exit }

// Unwrap is the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

func missing(where string) error {
	return &Error{Where: where, exit: exitRefused, cause: ErrMissing, hint: "sign in with `crosswalk connect`"}
}

func storage(where, operation string, err error) error {
	return &Error{
		Where: where, Problem: operation, exit: exitStorage, cause: err,
		hint: "let the user who runs crosswalk write to state.directory, with free space on it",
	}
}

func exposed(where, problem, fix string) error {
	return &Error{Where: where, Problem: problem, exit: exitUsage, hint: fix}
}
