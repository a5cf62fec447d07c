package command

import (
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"crosswalk/pipeline"
)

// TestLastWords: the first of what a job says is kept, and that it came to its end is seen however much there was.
func TestLastWords(t *testing.T) {
	t.Parallel()
	long, ended := strings.Repeat("x", 2*longestReport), "the job ended with   4\n"
	for text, want := range map[string]struct {
		words string
		ended bool
		code  int
	}{
		"": {"", false, 0}, ended: {"", true, 4}, "SIGSEGV": {"SIGSEGV", false, 0}, "a warning\n" + ended: {"a warning\n", true, 4},
		ended + "SIGSEGV\n": {"SIGSEGV\n", true, 4}, long: {long[:longestReport], false, 0}, long + ended: {long[:longestReport], true, 4},
		"the job ended with 143\n": {"", true, 143}, "the job ended with   0\n": {"", true, 0},
	} {
		words, ended, code := readLastWords(iotest.HalfReader(strings.NewReader(text)), func(limit time.Duration) { t.Errorf("%.20q: a deadline of %s", text, limit) })
		if words != want.words || ended != want.ended || code != want.code {
			t.Errorf("%.20q: read %.20q, ended %v, %d; want %.20q, %v, %d", text, words, ended, code, want.words, want.ended, want.code)
		}
	}
}

// TestJobEnds: what a dead job is taken for, which nothing but its last words and its exit status tell.
func TestJobEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		end  jobEnd
		code int
		says string
	}{
		{"published", jobEnd{exit: 0, ended: true}, 0, ""},
		{"its own error, told by itself", jobEnd{exit: 4, code: 4, ended: true}, 4, ""},
		{"a wrong configuration ends with the number that a crash has too", jobEnd{exit: 2, code: 2, ended: true}, 2, ""},
		{"published, and crashed on its way out", jobEnd{exit: 2, ended: true, report: "SIGABRT: abort"}, 0, ""},
		{"told its error, and crashed on its way out", jobEnd{exit: 2, code: 5, ended: true, report: "SIGABRT: abort"}, 5, ""},
		{"published, and was stopped or killed on its way out", jobEnd{exit: -1, signal: 15, name: "SIGTERM", asked: true, ended: true}, 0, ""},
		{"the kernel took it", jobEnd{exit: -1, signal: 9, name: "SIGKILL", killed: true}, 8, "run: its process was killed from outside (SIGKILL): most likely the system ran out of memory"},
		{"somebody stopped it", jobEnd{exit: -1, signal: 15, name: "SIGTERM", asked: true}, 143, "interrupted by SIGTERM"},
		{"a signal that the runtime does not see", jobEnd{exit: -1, signal: 11, name: "SIGSEGV"}, 1, "run: its process crashed: SIGSEGV"},
		{"native code crashed", jobEnd{exit: 2, report: "SIGSEGV: segmentation violation\nPC=0x0"}, 1, "run: its process crashed: SIGSEGV"},
		{"native code gave up", jobEnd{exit: 2, report: "SIGABRT: abort\nPC=0x0"}, 1, "run: its process crashed: SIGABRT"},
		{"a panic, whose text may hold a record", jobEnd{exit: 2, report: "panic: row Jane Doe\n\ngoroutine 1"}, 1, "run: its process crashed: panic"},
		{"no memory", jobEnd{exit: 2, report: "fatal error: runtime: out of memory\n"}, 8, "run: the system refused memory or threads to its process"},
		{"no threads", jobEnd{exit: 2, report: "runtime: failed to create new OS thread (have 9 already; errno=11)\n"}, 8, "run: the system refused memory or threads to its process"},
		{"DuckDB could not sync", jobEnd{exit: 2, report: "terminate called after throwing an instance of 'duckdb::FatalException'\n  what():  {\"exception_type\":\"FATAL\",\"exception_message\":\"fsync failed!\"}\nSIGABRT: abort\nPC=0x0"}, 8, "run: DuckDB ended its process over the disk: fsync failed: input/output error (it names no file: its own database, or one of the publication in the making)"},
		{"DuckDB could not write", jobEnd{exit: -1, signal: 6, name: "SIGABRT", report: "terminate called after throwing an instance of 'duckdb::IOException'\n  what():  {\"exception_type\":\"IO\",\"exception_message\":\"Could not write file \\\"/out/links.csv\\\": No space left on device\",\"errno\":\"28\"}\n"}, 8, "run: DuckDB ended its process over the disk: /out/links.csv: no space left on device"},
		{"DuckDB threw something else, which may hold a record", jobEnd{exit: 2, report: "terminate called after throwing an instance of 'duckdb::InternalException'\n  what():  {\"exception_type\":\"INTERNAL\",\"exception_message\":\"Jane Doe\"}\nSIGABRT: abort\nPC=0x0"}, 1, "run: its process crashed: SIGABRT"},
		{"a panic that speaks of a disk", jobEnd{exit: 2, report: "panic: row fsync failed: Input/output error\n\ngoroutine 1"}, 1, "run: its process crashed: panic"},
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

// TestReportWithoutValues: the text of a panic may hold a record; where it happened, and what the runtime says, does not.
func TestReportWithoutValues(t *testing.T) {
	t.Parallel()
	for report, want := range map[string]string{
		"panic: row Jane Doe\n\ngoroutine 1":                      "panic: (its text is not repeated: it may hold a record)\n\ngoroutine 1",
		"panic: Jane\n\tDoe\n\tpanic: Doe\n\ngoroutine 1":         "panic: (its text is not repeated: it may hold a record)\n\ngoroutine 1",
		"panic: runtime error: index out of range [3]\n\nx":       "panic: runtime error: index out of range [3]\n\nx",
		"panic: runtime error: x [recovered]\n\tpanic: Jane\n\nx": "panic: (its text is not repeated: it may hold a record)\n\nx",
		"fatal error: runtime: out of memory\n":                   "fatal error: runtime: out of memory\n",
		"terminate called after x\n  what():  Jane\nS":            "terminate called after x\n  what():  (its text is not repeated: it may hold a record)\nS",
	} {
		if got := withoutValues(report); got != want {
			t.Errorf("%q became %q, want %q", report, got, want)
		}
	}
}
