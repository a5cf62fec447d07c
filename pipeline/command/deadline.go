package command

import (
	"context"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"sync"
	"time"

	"crosswalk/pipeline"
)

// A job ends itself at limits.deadline. One that stands still in a call to the kernel, as on a disk that does not answer,
// does not come to it, so its watcher has to know: the job tells it how long it has, for each date of a backfill anew.

// jobDue is that line of the report; it is always of the same length, and native code may have left the line before open.
const jobDue = "the job has %19d ns from now on\n"

var dueLine = regexp.MustCompile(`the job has +([0-9]{1,19}) ns from now on\n`)

// longestLimit is what fits into a time.Duration together with the patience.
const longestLimit = math.MaxInt64 - patience

// overdue is when a job is ended that did not end itself: it may take the patience to stop, and to delete its jobs at
// Salesforce.
func overdue(limit time.Duration) time.Duration { return min(limit, longestLimit) + patience }

// deadline is what this process, a job, has told its watcher; nothing where nobody watches.
type deadline struct {
	report io.Writer
	mu     sync.Mutex
	limit  time.Duration
	begun  time.Time
}

// begin tells the watcher that what begins now has so long, whatever it was told before.
func (d *deadline) begin(limit time.Duration) {
	if d.report == nil || limit <= 0 {
		return
	}
	d.mu.Lock()
	d.limit, d.begun = limit, time.Now() // before the watcher's clock starts
	d.mu.Unlock()
	_, _ = fmt.Fprintf(d.report, jobDue, limit) // a watcher that is gone has taken this process with it
}

// bind gives the context of the job's work. A signal that stops it when it is overdue is the watcher's, and not why: its
// cause is then the deadline.
func (d *deadline) bind(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() { cancel(d.cause(context.Cause(parent))) })
	return ctx, func() { stop(); cancel(nil) }
}

func (d *deadline) cause(stopped error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.limit > 0 && time.Since(d.begun) >= overdue(d.limit) {
		return &pipeline.DeadlineError{Limit: d.limit}
	}
	return stopped
}

// cutDue takes the lines about deadlines out of a part of a report and tells them. The rest is whole but for what may be
// the beginning of such a line, which open holds.
func cutDue(part []byte, due func(time.Duration)) (rest, open []byte) {
	for {
		found := dueLine.FindSubmatchIndex(part)
		if found == nil {
			whole := max(0, len(part)-len(fmt.Sprintf(jobDue, 0))+1)
			return append(rest, part[:whole]...), part[whole:]
		}
		if limit, err := strconv.ParseInt(string(part[found[2]:found[3]]), 10, 64); err == nil {
			due(time.Duration(limit))
		}
		rest, part = append(rest, part[:found[0]]...), part[found[1]:]
	}
}

// standstillError is a job that did not end itself at its deadline, nor when it was asked to. Exit code 4.
type standstillError struct{ late pipeline.DeadlineError }

// Error names the limit.
func (e *standstillError) Error() string {
	return e.late.Error() + ": its process stood still and was ended"
}

// Unwrap is the deadline.
func (e *standstillError) Unwrap() error { return &e.late }

// Hint is the next step.
func (e *standstillError) Hint() string {
	return "the last publication is untouched; see whether the disks of state.directory, limits.temp_directory, output.directory and the ERP snapshot answer, then run again"
}

// ExitCode is 4.
func (e *standstillError) ExitCode() int { return e.late.ExitCode() }
