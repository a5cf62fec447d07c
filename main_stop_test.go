package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log" //nolint:depguard // to silence it
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const stopConfig = `salesforce: {source: fixtures, fixtures: FIXTURES/org}
erp: {source: {path: FIXTURES/erp/customers.csv}, customer_id: customer_id, customer_name: customer_name}
link: [{salesforce: Account.ERP_Customer_ID__c, erp: customer_id}]
`

// runStarted starts a run on the fixtures in a folder, with what it prints; stdout goes elsewhere where it is not nil.
// The lines are added to its configuration.
func runStarted(t *testing.T, folder string, stdout io.Writer, lines ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fixtures, err := filepath.Abs("fixtures")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "config.yaml"), []byte(strings.ReplaceAll(stopConfig, "FIXTURES", fixtures)+strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	run, output := exec.Command(binary, "run", "--run-date", "2026-11-23"), &bytes.Buffer{} //nolint:noctx // waited for
	run.Args[0], run.Dir, run.Stdout, run.Stderr = "crosswalk", folder, output, output
	if stdout != nil {
		run.Stdout = stdout
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	return run, output
}

// TestStandstill: a run that stands still in a call to the kernel, as one on a disk that does not answer, is ended by the
// one that watches it, and told as what it was: asked to stop.
func TestStandstill(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	run, output := runStarted(t, folder, nil)
	if err := syscall.Kill(jobOf(t, run, filepath.Join(folder, "out", ".staging-*")), syscall.SIGSTOP); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if err := run.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	asked := time.Now()
	err := run.Wait()
	if code := run.ProcessState.ExitCode(); code != 143 || !strings.Contains(output.String(), "interrupted by SIGTERM") {
		t.Errorf("exit code %d, %v\n%s", code, err, output)
	}
	if took := time.Since(asked); took > 40*time.Second {
		t.Errorf("took %v", took)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*", "*", "*20261123*"))
	staging, _ := filepath.Glob(filepath.Join(folder, "out", ".staging-*"))
	if err != nil || len(left)+len(staging) > 0 {
		t.Errorf("left behind: %v %v, %v", left, staging, err)
	}
}

// TestStandstillAtDeadline: a run that stands still does not come to its own deadline, and nobody asks it to stop. The one
// that watches it ends it; the error is the deadline's, also where it wakes up over being asked to.
func TestStandstillAtDeadline(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes the patience twice")
	}
	for name, c := range map[string]struct {
		wakes bool
		says  string
	}{
		"for good":      {false, "error: run: not done after 5s: its process stood still and was ended\nhint: the last publication is untouched"},
		"until stopped": {true, "run: not done after 5s\nhint: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			begun := time.Now()
			run, output := runStarted(t, folder, nil, "limits: {deadline: 5s}\n")
			job := jobOf(t, run, filepath.Join(folder, "out", ".staging-*"))
			if err := syscall.Kill(job, syscall.SIGSTOP); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			if c.wakes {
				for !isAskedToStop(t, job) {
					time.Sleep(10 * time.Millisecond)
				}
				if err := syscall.Kill(job, syscall.SIGCONT); err != nil {
					t.Fatal(err)
				}
			}
			err := run.Wait()
			if code := run.ProcessState.ExitCode(); code != 4 || !strings.Contains(output.String(), c.says) || strings.Contains(output.String(), "interrupted") {
				t.Errorf("exit code %d, %v\n%s", code, err, output)
			}
			if took := time.Since(begun); took < 25*time.Second || took > 70*time.Second {
				t.Errorf("took %v", took)
			}
			if told := records(t, folder); !strings.Contains(told, `"exit_code": 4`) || !strings.Contains(told, "not done after 5s") {
				t.Errorf("the record says %s", told)
			}
			left, err := filepath.Glob(filepath.Join(folder, "*", "*", "*20261123*"))
			staging, _ := filepath.Glob(filepath.Join(folder, "out", ".staging-*"))
			if err != nil || len(left)+len(staging) > 0 {
				t.Errorf("left behind: %v %v, %v", left, staging, err)
			}
		})
	}
}

// isAskedToStop tells whether a SIGTERM waits for a process that stands still.
func isAskedToStop(t *testing.T, process int) bool {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "\nShdPnd:")
	pending, err := strconv.ParseUint(strings.Fields(after)[0], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pending&(1<<(syscall.SIGTERM-1)) != 0
}

// TestStandstillAfterPublication: a run that has published and stands still over what is left to do, here a summary that
// nobody reads, is ended as well. It published, and the exit code says so.
func TestStandstillAfterPublication(t *testing.T) {
	t.Parallel()
	unread, full, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(unread.Close(), full.Close()) }()
	if err := errors.Join(full.SetWriteDeadline(time.Now().Add(time.Second)), fill(full)); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	run, output := runStarted(t, folder, full)
	jobOf(t, run, filepath.Join(folder, "out", "latest"))
	for begun := time.Now(); !strings.Contains(records(t, folder), `"published"`); time.Sleep(time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Fatalf("not published: %s", records(t, folder))
		}
	}
	if err := run.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err = run.Wait()
	if code := run.ProcessState.ExitCode(); code != 0 || !strings.Contains(output.String(), "warning: the run published") {
		t.Errorf("exit code %d, %v\n%s", code, err, output)
	}
}

// fill writes into a pipe until there is no room.
func fill(pipe *os.File) error {
	for block := make([]byte, 4096); ; {
		if _, err := pipe.Write(block); errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// records are the run records below a folder, as text.
func records(t *testing.T, folder string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "state", "runs", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range paths {
		text, _ := os.ReadFile(path) // it is replaced meanwhile
		all.Write(text)
	}
	return all.String()
}

// jobOf waits until the job that a run watches has made what pattern meets, and gives the job's process.
func jobOf(t *testing.T, run *exec.Cmd, pattern string) int {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(time.Millisecond) {
		made, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if len(made) == 0 {
			continue
		}
		lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", run.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range lists {
			text, _ := os.ReadFile(list) // a thread may end meanwhile
			if job, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
				return job
			}
		}
	}
	t.Fatalf("no job, or nothing like %s", pattern)
	return 0
}

// TestHangup: a closed terminal, or Ctrl-\, ends a run as an interrupt does, and nohup keeps it.
func TestHangup(t *testing.T) {
	for caught, code := range map[syscall.Signal]int{syscall.SIGHUP: 129, syscall.SIGQUIT: 131} {
		if signal.Ignored(caught) {
			t.Skipf("started so that %s is ignored", caught)
		}
		ctx, stop := interruptible(t.Context())
		if err := syscall.Kill(os.Getpid(), caught); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		var coded interface{ ExitCode() int }
		if cause := context.Cause(ctx); !errors.As(cause, &coded) || coded.ExitCode() != code {
			t.Errorf("cause %v, want exit code %d", cause, code)
		}
		stop()
	}
}

// TestNothingIsLogged: what a server sends unasked, net/http would print to standard error, records and all.
func TestNothingIsLogged(t *testing.T) {
	was := log.Writer()
	defer log.SetOutput(was)
	restrictProcess()
	if log.Writer() != io.Discard {
		t.Error("the standard logger writes somewhere")
	}
}
