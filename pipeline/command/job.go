package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

// A run is a job: a process of its own that this one starts and watches, since nothing in a process can tell how it
// died. DuckDB is native code; where it crashes, or the kernel ends the largest process of a full machine, the watcher
// is there to close the run's record, to sweep what is left and to say what happened.

// jobVariable tells the job who watches it: the watcher's process id.
const jobVariable = "CROSSWALK_WATCHER"

// jobReport is the file descriptor that the job reports on: the last words of native code or the runtime where it
// crashes, how long it has (jobDue), and that it came to its end, with which exit code: native code may crash after that.
const (
	jobReport = 3
	jobEnded  = "the job ended with %3d\n"
)

// patience is how long a job may take to stop once it is asked to. It needs less than five seconds; one that stands still
// in a call to the kernel never would.
const patience = 20 * time.Second

// job makes work a process of its own, watched by this one; where there cannot be one it is done here.
func (s *settings) job(work func(*cobra.Command) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, _ []string) error {
		// A run goes on where nobody reads any more what it says, or where it may not write to the terminal (stty tostop).
		signal.Ignore(syscall.SIGPIPE, syscall.SIGTTOU)
		if report := watched(); report != nil {
			s.stderr = os.Stderr
			command.Root().SetErr(s.stderr)
			s.deadline.report = report
			ctx, stop := s.deadline.bind(command.Context())
			defer stop()
			command.SetContext(ctx)
			err := work(command)
			_, _ = fmt.Fprintf(report, jobEnded, pipeline.ExitCode(err)) // a watcher that is gone has taken this process with it
			return err
		}
		end, err := s.watch(command.Context())
		if err != nil {
			return work(command)
		}
		if end.disk() == nil { // else all is told by the error, the job's own where that came first
			_, _ = io.WriteString(s.stderr, withoutValues(end.report))
		}
		died := end.cause()
		if died != nil {
			return s.bury(command, end.process, died)
		}
		return end.told()
	}
}

// watched is where this process reports to; nil where nobody watches it. From then on the variable is gone, and file
// descriptor 2, on which the runtime and native code speak when they die, leads there too; os.Stderr is what it was.
func watched() *os.File {
	watcher, found := os.LookupEnv(jobVariable)
	_ = os.Unsetenv(jobVariable)
	if !found || watcher != strconv.Itoa(os.Getppid()) {
		return nil
	}
	report := os.NewFile(jobReport, "report")
	if err := divertLastWords(report); err != nil {
		return nil
	}
	return report
}

// bury closes what the dead job left open and gives what is to be told: nothing but a warning of a run that had published
// when it died. A configuration that cannot be read has nothing open.
func (s *settings) bury(command *cobra.Command, process int, died error) error {
	config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
	if err != nil {
		return died
	}
	stands, err := within(longestBurial, func() (bool, error) {
		return pipeline.Bury(context.WithoutCancel(command.Context()), config, process, died)
	})
	if stands && command.Name() == "run" { // a backfill has other dates to publish
		_, _ = fmt.Fprintln(s.stderr, "warning: the run published, and its process died while it tidied up:", died)
		return nil
	}
	return errors.Join(died, err)
}

// longestBurial is how long a dead job's things may take to tidy up: 5 min prove 30 GB of a publication at 100 MB/s. The
// disk that the job stood still over does not answer the watcher either.
const longestBurial = 5 * time.Minute

// within gives what work gives, or up. Work that stands still ends with the process, and its locks with it.
func within(limit time.Duration, work func() (bool, error)) (bool, error) {
	type answer struct {
		stands bool
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		stands, err := work()
		done <- answer{stands, err}
	}()
	select {
	case got := <-done:
		return got.stands, got.err
	case <-time.After(limit):
		return false, fmt.Errorf("run: what its process left is not tidied up after %s: the next run does it", limit)
	}
}

// longestReport bounds what is kept of a job's last words, in bytes.
const longestReport = 64 << 10

// readLastWords reads to the end of a report, and tells the deadlines in it as they come. It keeps the first of the rest,
// and the exit code with which the job came to its end, if it did.
func readLastWords(report io.Reader, due func(time.Duration)) (words string, ended bool, code int) {
	size := len(fmt.Sprintf(jobEnded, 0))
	var first, last, open []byte
	for block, more := make([]byte, 4096), true; more; {
		n, err := report.Read(block)
		more = err == nil
		var part []byte
		part, open = cutDue(append(open, block[:n]...), due)
		if !more {
			part = append(part, open...)
		}
		first = append(first, part[:min(len(part), longestReport-len(first))]...)
		last = append(last, part...)
		last = last[max(0, len(last)-size):]
	}
	for _, text := range []string{string(first), string(last)} {
		if found := endedLine.FindStringSubmatch(text); found != nil {
			code, _ = strconv.Atoi(found[1])
			return strings.Replace(string(first), found[0], "", 1), true, code
		}
	}
	return string(first), false, 0
}

var endedLine = regexp.MustCompile(`(?m)^the job ended with +([0-9]+)\n`)

// jobEnd is how a job ended.
type jobEnd struct {
	process int
	exit    int    // exit code; -1 where a signal ended it
	signal  int    // that signal; 0 where none did
	name    string // of the signal
	asked   bool   // the signal is one that people send
	killed  bool   // the signal is SIGKILL
	late    error  // the signal is the watcher's, for this reason
	ended   bool   // it told the watcher that it came to its end
	code    int    // with this exit code
	report  string // the first of what else it told
}

// cause is why the job is dead; nil where it came to its end.
func (e jobEnd) cause() error {
	switch {
	case e.ended && e.code == 0:
		return nil
	case e.late != nil && !e.ended:
		return e.late
	case e.asked:
		return &pipeline.InterruptedError{Name: e.name, Signal: e.signal}
	case e.killed:
		return &pipeline.MemoryError{Killed: true}
	case e.ended && e.code == e.exit:
		return nil
	}
	if disk := e.disk(); disk != nil {
		return disk
	}
	if e.ended {
		return nil
	}
	if e.signal != 0 {
		return &pipeline.CrashError{How: e.name}
	}
	for _, sign := range []string{"out of memory", "cannot allocate memory", "failed to create new OS thread"} {
		if strings.Contains(e.report, sign) {
			return &pipeline.MemoryError{}
		}
	}
	// What a panic says may hold a record, so only the name of a signal is taken from it.
	for _, name := range []string{"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS", "SIGTRAP", "SIGQUIT"} {
		if strings.Contains(e.report, name) {
			return &pipeline.CrashError{How: name}
		}
	}
	if e.report == "" {
		return &pipeline.CrashError{How: fmt.Sprintf("exit code %d before its end", e.exit)}
	}
	return &pipeline.CrashError{How: "panic"}
}

// withoutValues is a report without what the text of a panic, or of an exception that nobody caught, may hold: a record.
// Where it happened, and what the runtime itself says, stays.
func withoutValues(report string) string {
	report = panicText.ReplaceAllStringFunc(report, func(text string) string {
		if first, _, more := strings.Cut(text, "\n"); strings.HasPrefix(first, "panic: runtime error: ") && !more {
			return text
		}
		return "panic: " + notRepeated
	})
	return exceptionText.ReplaceAllString(report, "${1}"+notRepeated)
}

const notRepeated = "(its text is not repeated: it may hold a record)"

// A panic's text ends with an empty line before the goroutines, and may itself have several lines.
var (
	panicText     = regexp.MustCompile(`(?m)^panic: .*(?:\n.+)*`)
	exceptionText = regexp.MustCompile(`(?m)^( +what\(\): +).*$`)
)

// thrown is what the C++ runtime says of an exception that nobody caught, as DuckDB's own are: its text is JSON.
var thrown = regexp.MustCompile(`(?m)^terminate called after throwing an instance of 'duckdb::[A-Za-z]+'\n +what\(\): +(\{.*\})$`)

// disk is the refusal of a disk that DuckDB died of. It throws such an error where C++ lets none pass, as while it closes
// a file, and the process is ended for it. Only the system's words are taken from the text, and a path.
func (e jobEnd) disk() error {
	found := thrown.FindStringSubmatch(e.report)
	if found == nil {
		return nil
	}
	var exception struct {
		Message string `json:"exception_message"`
	}
	if err := json.Unmarshal([]byte(found[1]), &exception); err != nil {
		return nil
	}
	if strings.HasPrefix(exception.Message, "fsync failed") { // it says this of EIO alone, and of no file
		return &pipeline.DiskError{Problem: "fsync failed: input/output error"}
	}
	for _, problem := range []string{
		"Input/output error", "No space left on device", "Disk quota exceeded", "Read-only file system", "File too large",
		"Too many open files", "Stale file handle",
	} {
		if strings.Contains(exception.Message, problem) {
			_, after, _ := strings.Cut(exception.Message, `"`)
			file, _, quoted := strings.Cut(after, `"`)
			if !quoted || !strings.HasPrefix(file, "/") {
				file = ""
			}
			return &pipeline.DiskError{Problem: strings.ToLower(problem), File: file}
		}
	}
	return nil
}

// told is the end of a job that told its error itself.
func (e jobEnd) told() error {
	if e.code == 0 {
		return nil
	}
	return toldError(e.code)
}

// toldError is an exit code that needs no more words.
type toldError int

// Error is empty: the job has told it.
func (e toldError) Error() string { return "" }

// ExitCode is the job's.
func (e toldError) ExitCode() int { return int(e) }
