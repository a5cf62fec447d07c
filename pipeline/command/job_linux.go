package command

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"crosswalk/pipeline"

	"golang.org/x/sys/unix"
)

// watch runs this very command line once more, as the job, to its end. It has a process group of its own, so that a
// signal from the terminal comes once, by way of the watcher, and it dies with the watcher. The error is that of a job
// that could not be started.
func (s *settings) watch(ctx context.Context) (jobEnd, error) {
	runtime.LockOSThread() // the kernel takes the death of the thread that started the job for that of the watcher
	defer runtime.UnlockOSThread()
	report, write, err := os.Pipe()
	if err != nil {
		return jobEnd{}, err
	}
	defer func() { _ = report.Close() }()
	job := exec.Command("/proc/self/exe", os.Args[1:]...) //nolint:gosec,noctx // itself; a signal ends it, so that it can clean up
	job.Args[0] = os.Args[0]
	job.Env = append(os.Environ(), jobVariable+"="+strconv.Itoa(os.Getpid()))
	job.Stdin, job.Stdout, job.Stderr = os.Stdin, s.stdout, s.stderr
	job.ExtraFiles = []*os.File{write}
	job.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err = job.Start()
	_ = write.Close()
	if err != nil {
		return jobEnd{}, err
	}
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		var asked *pipeline.InterruptedError
		if errors.As(context.Cause(ctx), &asked) {
			_ = job.Process.Signal(syscall.Signal(asked.Signal))
			select {
			case <-over:
			case <-time.After(patience):
				_ = job.Process.Kill()
			}
		}
	})
	defer stop()
	words, ended, code := readLastWords(report)
	_ = job.Wait() // its state says more
	close(over)
	end := endOf(job.ProcessState)
	end.report, end.ended, end.code = words, ended, code
	var asked *pipeline.InterruptedError
	if end.killed && errors.As(context.Cause(ctx), &asked) { // it stood still, as on a disk that does not answer
		end.asked, end.killed, end.name, end.signal = true, false, asked.Name, asked.Signal
	}
	return end, nil
}

// native is file descriptor 2, which stays open as long as it is referred to.
var native = os.Stderr

// divertLastWords makes file descriptor 2 lead to the report, and os.Stderr to where it led.
func divertLastWords(report *os.File) error {
	kept, err := unix.FcntlInt(uintptr(syscall.Stderr), unix.F_DUPFD_CLOEXEC, jobReport+1)
	if err != nil {
		return err
	}
	os.Stderr = os.NewFile(uintptr(kept), native.Name())
	return unix.Dup3(int(report.Fd()), syscall.Stderr, 0)
}

func endOf(state *os.ProcessState) jobEnd {
	end := jobEnd{process: state.Pid(), exit: state.ExitCode()}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		signal := status.Signal()
		end.signal, end.name, end.killed = int(signal), unix.SignalName(signal), signal == syscall.SIGKILL
		end.asked = signal == syscall.SIGTERM || signal == syscall.SIGINT || signal == syscall.SIGHUP || signal == syscall.SIGQUIT
	}
	return end
}
