package salesforce

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Exit codes of this package, from the table that the whole command keeps.
const (
	exitUsage       = 2
	exitRefused     = 3
	exitUnavailable = 4
	exitMalformed   = 5
)

// maximumMessage bounds what an error repeats of a server's answer, in bytes.
const maximumMessage = 200

// Error is a failure at Salesforce or on the way there. Its text names the object, the operation and what Salesforce
// said of it; it never holds a secret or the content of a record.
type Error struct {
	Op        string // what was under way, such as "bulk job 750xx: poll"
	Object    string // the sObject, empty where none is concerned
	Status    int    // HTTP status, 0 where no answer came
	Code      string // errorCode of Salesforce, or error of OAuth
	Message   string // what was said, on one line, clipped to 200 bytes
	RequestID string // x-sfdc-request-id, to be named to Salesforce Support

	exit     int
	hint     string
	cause    error
	unproved bool // rows came that cannot be believed: nobody goes on with them
}

// Error is "salesforce: object: operation: status code: message".
func (e *Error) Error() string {
	parts := []string{"salesforce"}
	for _, part := range []string{e.Object, e.Op, e.answer(), e.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if e.cause != nil {
		parts = append(parts, e.cause.Error())
	}
	return strings.Join(parts, ": ")
}

func (e *Error) answer() string {
	if e.Status == 0 {
		return e.Code
	}
	return strings.TrimSpace(strconv.Itoa(e.Status) + " " + e.Code)
}

// Hint is the next step for the person who reads the error, or empty.
func (e *Error) Hint() string { return e.hint }

// ExitCode is 2 (configuration), 3 (sign-in or permission), 4 (unavailable, incomplete or out of quota) or 5 (the answer
// cannot be read).
func (e *Error) ExitCode() int {
	if e.exit == 0 {
		return exitUnavailable
	}
	return e.exit
}

// Unwrap is the cause below the answer, such as a network error, or nil.
func (e *Error) Unwrap() error { return e.cause }

// incomplete is an answer that is whole as a document but lacks rows, or proof of them.
func incomplete(op, object, code, format string, args ...any) *Error {
	return &Error{
		Op: op, Object: object, Code: code, Message: fmt.Sprintf(format, args...), exit: exitUnavailable, unproved: true,
		hint: "nothing was published; run again, and if it stays so, give the job id to Salesforce Support",
	}
}

// stopped is the error of a context that ended. A deadline is an outage as far as a scheduler cares; a cancelled run
// keeps the caller's own cause and no exit code of ours.
func stopped(ctx context.Context, op, object string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Error{
			Op: op, Object: object, Message: "no time left", exit: exitUnavailable, cause: context.Cause(ctx),
			hint: "raise limits.deadline, or find out why Salesforce is slow today",
		}
	}
	prefix := "salesforce: "
	if object != "" {
		prefix += object + ": "
	}
	return fmt.Errorf("%s%s: %w", prefix, op, context.Cause(ctx))
}

// repeat says that an attempt may be made again, and why. It never leaves the package: do unwraps it.
type repeat struct {
	cause   error
	because class
	wait    time.Duration // what the server asked for
	asked   bool          // whether it asked
}

// Error is that of the cause.
func (r *repeat) Error() string { return r.cause.Error() }

// Unwrap is the cause.
func (r *repeat) Unwrap() error { return r.cause }

// settled is err without the offer to repeat it.
func settled(err error) error {
	var again *repeat
	if errors.As(err, &again) {
		return again.cause
	}
	return err
}

// clip makes a server's text fit for a log line: one line, no control characters, at most 200 bytes.
func clip(text string) string {
	text = strings.ToValidUTF8(text, "?")
	var line strings.Builder
	space := false
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			space = line.Len() > 0
			continue
		}
		if space {
			line.WriteByte(' ')
			space = false
		}
		line.WriteRune(r)
		if line.Len() > maximumMessage {
			return cut(line.String())
		}
	}
	return line.String()
}

func cut(text string) string {
	end := maximumMessage - len("...")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "..."
}
