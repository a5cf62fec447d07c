package command

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"crosswalk/pipeline"
)

// TestDeadlineReported: what a job tells of its deadlines arrives as it tells it, wherever native code left the line, and
// is no part of its last words.
func TestDeadlineReported(t *testing.T) {
	t.Parallel()
	var report bytes.Buffer
	d := &deadline{report: &report}
	report.WriteString("a warning without an end")
	d.begin(6 * time.Second)
	report.WriteString(strings.Repeat("x", longestReport))
	d.begin(math.MaxInt64)
	d.begin(time.Nanosecond)
	d.begin(0) // no limit
	report.WriteString("the job has something else to say\nthe job ended with   4\n")
	want := []time.Duration{6 * time.Second, math.MaxInt64, time.Nanosecond}
	text := report.String()
	var limits []time.Duration
	words, ended, code := readLastWords(iotest.OneByteReader(strings.NewReader(text)), func(limit time.Duration) { limits = append(limits, limit) })
	if !slices.Equal(limits, want) || !ended || code != 4 {
		t.Errorf("read %v, ended %v with %d; want %v", limits, ended, code, want)
	}
	if all := "a warning without an end" + strings.Repeat("x", longestReport); words != all[:longestReport] {
		t.Errorf("last words: %.40q", words)
	}
	for _, limit := range want {
		if overdue(limit) < patience {
			t.Errorf("%v: overdue after %v", limit, overdue(limit))
		}
	}
}

// TestOverdue: a signal stops the work of a job for what it is, and where the job is overdue, for the deadline.
func TestOverdue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		begin func(*deadline)
		code  int
	}{
		{"somebody asks in time", func(d *deadline) { d.begin(time.Hour) }, 143},
		{"somebody asks while it stops at its deadline", func(d *deadline) { d.begin(time.Minute - patience + 1) }, 143},
		{"the watcher asks", func(d *deadline) { d.begin(time.Minute - patience) }, 4},
		{"the next date of a backfill has time", func(d *deadline) { d.begin(time.Second); d.begin(time.Hour) }, 143},
		{"it has no deadline", func(*deadline) {}, 143},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := &deadline{report: &bytes.Buffer{}}
			c.begin(d)
			parent, cancel := context.WithCancelCause(t.Context())
			ctx, stop := d.bind(parent)
			defer stop()
			time.Sleep(time.Minute)
			cancel(&pipeline.InterruptedError{Name: "SIGTERM", Signal: 15})
			<-ctx.Done()
			if cause := context.Cause(ctx); pipeline.ExitCode(cause) != c.code {
				t.Errorf("%s: %v", c.why, cause)
			}
		})
	}
}

// TestStandstillEnds: a job that the watcher ended over its deadline is told so, and one that ended by itself is left to
// what it said.
func TestStandstillEnds(t *testing.T) {
	t.Parallel()
	late := &standstillError{pipeline.DeadlineError{Limit: time.Minute}}
	for why, c := range map[string]struct {
		end  jobEnd
		code int
	}{
		"it stood still":                    {jobEnd{exit: -1, signal: 9, late: late}, 4},
		"it published, and then stood":      {jobEnd{exit: -1, signal: 9, late: late, ended: true}, 0},
		"it told its error, and then stood": {jobEnd{exit: -1, signal: 9, late: late, ended: true, code: 5}, 5},
	} {
		err := c.end.cause()
		if err == nil {
			err = c.end.told()
		}
		if got := pipeline.ExitCode(err); got != c.code {
			t.Errorf("%s: %v, exit code %d, want %d", why, err, got, c.code)
		}
	}
	var deadline *pipeline.DeadlineError
	if !errors.As(error(late), &deadline) || pipeline.Hint(late) == pipeline.Hint(deadline) {
		t.Error("it is a deadline with a hint of its own")
	}
}

// TestBurialBounded: a disk that answers nobody does not hold the watcher either.
func TestBurialBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		stands, err := within(time.Minute, func() (bool, error) { <-answer; return true, nil })
		if stands || err == nil || !strings.Contains(err.Error(), "1m0s") {
			t.Errorf("stands %t, %v", stands, err)
		}
		close(answer)
		if stands, err := within(time.Minute, func() (bool, error) { time.Sleep(59 * time.Second); return true, nil }); !stands || err != nil {
			t.Errorf("stands %t, %v", stands, err)
		}
	})
}
