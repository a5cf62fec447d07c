package command

import (
	"testing"

	"crosswalk/pipeline"
)

// TestJobEnds: what a dead job is taken for, which nothing but its last words and its exit status tell.
func TestJobEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		end  jobEnd
		code int
		says string
	}{
		{"published", jobEnd{exit: 0, report: jobEnded}, 0, ""},
		{"its own error, told by itself", jobEnd{exit: 4, report: jobEnded}, 4, ""},
		{"a wrong configuration ends with the number that a crash has too", jobEnd{exit: 2, report: jobEnded}, 2, ""},
		{"the kernel took it", jobEnd{exit: -1, signal: 9, name: "SIGKILL", killed: true}, 8, "run: its process was killed from outside (SIGKILL): most likely the system ran out of memory"},
		{"somebody stopped it", jobEnd{exit: -1, signal: 15, name: "SIGTERM", asked: true}, 143, "interrupted by SIGTERM"},
		{"a signal that the runtime does not see", jobEnd{exit: -1, signal: 11, name: "SIGSEGV"}, 1, "run: its process crashed: SIGSEGV"},
		{"native code crashed", jobEnd{exit: 2, report: "SIGSEGV: segmentation violation\nPC=0x0"}, 1, "run: its process crashed: SIGSEGV"},
		{"native code gave up", jobEnd{exit: 2, report: "SIGABRT: abort\nPC=0x0"}, 1, "run: its process crashed: SIGABRT"},
		{"a panic, whose text may hold a record", jobEnd{exit: 2, report: "panic: row Jane Doe\n\ngoroutine 1"}, 1, "run: its process crashed: panic"},
		{"no memory", jobEnd{exit: 2, report: "fatal error: runtime: out of memory\n"}, 8, "run: the system refused memory or threads to its process"},
		{"no threads", jobEnd{exit: 2, report: "runtime: failed to create new OS thread (have 9 already; errno=11)\n"}, 8, "run: the system refused memory or threads to its process"},
		{"native code that calls exit", jobEnd{exit: 0}, 1, "run: its process crashed: exit code 0 before its end"},
	} {
		err := c.end.cause()
		if err == nil {
			err = c.end.told()
		}
		if got := pipeline.ExitCode(err); got != c.code {
			t.Errorf("%s: exit code %d, want %d", c.why, got, c.code)
		}
		if err == nil || err.Error() != c.says || c.says != "" && pipeline.Hint(err) == "" {
			if c.code != 0 {
				t.Errorf("%s: %v, hint %q; want %q and a hint", c.why, err, pipeline.Hint(err), c.says)
			}
		}
	}
}
