package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"unicode"
)

// longestKey is what a key may have, in bytes, to be printed as it is; those of the configuration have 34 at most.
const longestKey = 100

// Problem is one thing to correct. Line and Column count from 1; Line is 0 where the problem stands in no line of the
// file. Key is the path of the key, such as salesforce.api, or the name of a variable of the environment. Message
// never holds a secret, nor a value that came from the environment, beyond the host of an address.
type Problem struct {
	Line    int
	Column  int
	Key     string
	Message string
}

// String is "line 12: salesforce.api: got ...".
func (p Problem) String() string {
	var text strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&text, "line %d: ", p.Line)
	}
	switch {
	case p.Key == "":
	case len(p.Key) > longestKey || strings.ContainsFunc(p.Key, unicode.IsControl):
		text.WriteString(quote(p.Key) + ": ") // a key of the user's can hold anything, also what moves a cursor
	default:
		text.WriteString(p.Key + ": ")
	}
	return text.String() + p.Message
}

// ConfigError is a configuration that cannot be used. Problems are sorted by line, those without a line last; there is
// at least one. Err is set where the file could not be read.
type ConfigError struct {
	Path     string
	Problems []Problem
	Err      error
}

// Error lists every problem, one a line.
func (e *ConfigError) Error() string {
	var text strings.Builder
	text.WriteString(e.Path + ": 1 problem")
	if len(e.Problems) != 1 {
		text.Reset()
		fmt.Fprintf(&text, "%s: %d problems", e.Path, len(e.Problems))
	}
	for _, problem := range e.Problems {
		text.WriteString("\n  " + problem.String())
	}
	return text.String()
}

// Unwrap is the cause, if the file could not be read.
func (e *ConfigError) Unwrap() error { return e.Err }

// ExitCode is 2: configuration or usage.
func (e *ConfigError) ExitCode() int { return 2 }

// Hint is the next step.
func (e *ConfigError) Hint() string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return "name the file with --config; the config.yaml that comes with crosswalk runs as it is and explains every key"
	case errors.Is(e.Err, fs.ErrPermission):
		return "let the user who runs crosswalk read the file, and name it with --config"
	case errors.Is(e.Err, syscall.EIO):
		return "the disk reported an error: check the system log before the next run, or name another file with --config"
	case e.Err != nil:
		return "look at the file, or name another one with --config"
	}
	return "correct what is listed and run again; the config.yaml that comes with crosswalk explains every key"
}

// origin is where a value came from: a position in the file, or a variable of the environment. shown is the value as
// a message may quote it; held is the value itself where a variable held it, which is in no message.
type origin struct {
	line, column int
	variable     string
	shown        string
	held         string
}

// report collects problems. A key whose value could not be taken is unusable: what follows from that is not told too.
type report struct {
	problems []Problem
	origins  map[string]origin
	unusable map[string]bool
}

// at adds a problem at a position.
func (r *report) at(line, column int, key, format string, arguments ...any) {
	r.problems = append(r.problems, Problem{Line: line, Column: column, Key: key, Message: fmt.Sprintf(format, arguments...)})
}

// refuse adds a problem with a value that could not be taken.
func (r *report) refuse(key, format string, arguments ...any) {
	r.tell(key, format, arguments...)
	r.unusable[key] = true
}

// everything is the key of the file as a whole.
const everything = "."

// broken is a problem that leaves nothing to check.
func (r *report) broken(line, column int, message string) {
	r.at(line, column, "", "%s", message)
	r.unusable[everything] = true
}

// tell adds a problem where the key, or else the nearest section around it, stands.
func (r *report) tell(key, format string, arguments ...any) {
	if r.unusable[everything] {
		return
	}
	for near := key; near != ""; near = parentKey(near) {
		if r.unusable[near] {
			return
		}
	}
	message := fmt.Sprintf(format, arguments...)
	for near := key; near != ""; near = parentKey(near) {
		from, known := r.origins[near]
		switch {
		case !known:
			continue
		case from.variable != "":
			r.at(0, 0, from.variable, "%s: %s", key, message)
		default:
			r.at(from.line, from.column, key, "%s", message)
		}
		return
	}
	r.at(0, 0, key, "%s", message)
}

// parentKey is salesforce.objects of salesforce.objects.Account, link of link[0], and empty at the top.
func parentKey(key string) string {
	if end := strings.LastIndexAny(key, ".["); end > 0 {
		return key[:end]
	}
	return ""
}

// sorted are the problems in the order of the file, those without a line last.
func (r *report) sorted() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(min(a.Line, 1), min(b.Line, 1))*-1, cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(r.problems)
}
