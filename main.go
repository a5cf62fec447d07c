// Command crosswalk links the customers of an ERP to their accounts in Salesforce.
package main

import (
	"context"
	"fmt"
	"io"
	"log" //nolint:depguard // to silence it
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"crosswalk/pipeline"
	"crosswalk/pipeline/command"
)

func main() { os.Exit(crosswalk()) }

// crosswalk is main with an exit code, so that a test can run the command line in its own process.
func crosswalk() int {
	restrictProcess()
	ctx, stop := interruptible(context.Background())
	defer stop()
	err := command.New(os.Stdout, os.Stderr).ExecuteContext(ctx)
	if err != nil {
		tell(os.Stderr, err)
	}
	return pipeline.ExitCode(err)
}

// restrictProcess keeps what passes through private: files are made 0600 and folders 0700 whatever the caller's umask,
// a crash leaves no image of the memory behind, and net/http, which prints what a server sends unasked, prints it nowhere.
func restrictProcess() {
	log.SetOutput(io.Discard)
	syscall.Umask(0o077)
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // lowering one's own limit cannot fail
}

// interruptible ends the context with the signal as its cause. A second signal ends the process at once. SIGHUP, of a
// terminal that is closed, is one of them unless the caller ignores it, as nohup does. SIGABRT is left to Go, which
// prints where everything stands.
func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	wanted := map[os.Signal]string{os.Interrupt: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGQUIT: "SIGQUIT"}
	if !signal.Ignored(syscall.SIGHUP) {
		wanted[syscall.SIGHUP] = "SIGHUP"
	}
	signal.Notify(signals, slices.Collect(maps.Keys(wanted))...)
	go func() {
		caught, ok := <-signals
		if !ok {
			return
		}
		signal.Stop(signals)
		cancel(&pipeline.InterruptedError{Name: wanted[caught], Signal: int(caught.(syscall.Signal))})
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel(nil) }
}

// tell prints the error and its next step. An error without a text has been told by the process that had it.
func tell(w io.Writer, err error) {
	if err.Error() == "" {
		return
	}
	fmt.Fprintln(w, "error:", err)
	if hint := pipeline.Hint(err); hint != "" {
		fmt.Fprintln(w, "hint:", hint)
	}
}
