package command

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
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
	job.Stdin, job.Stdout, job.Stderr = os.Stdin, s.stdout.to, s.stderr
	job.ExtraFiles = []*os.File{write}
	job.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err = job.Start()
	_ = write.Close()
	if err != nil {
		return jobEnd{}, err
	}
	o := &overseer{job: job.Process, over: make(chan struct{})}
	stop := context.AfterFunc(ctx, func() {
		var asked *pipeline.InterruptedError
		if errors.As(context.Cause(ctx), &asked) {
			o.stop(asked, syscall.Signal(asked.Signal))
		}
	})
	defer stop()
	words, ended, code := readLastWords(report, o.due)
	_ = job.Wait() // its state says more
	close(o.over)
	end := o.explain(endOf(job.ProcessState))
	end.report, end.ended, end.code = words, ended, code
	return end, nil
}

// overseer ends a job that is asked to stop or overdue, once, for what comes first.
type overseer struct {
	job   *os.Process
	over  chan struct{} // closed when the job has ended
	timer *time.Timer   // of the last deadline, the reader's alone
	mu    sync.Mutex
	why   error // nil where nothing stopped it
}

// due sets the deadline of the job anew.
func (o *overseer) due(limit time.Duration) {
	if o.timer != nil {
		o.timer.Stop()
	}
	late := &standstillError{pipeline.DeadlineError{Limit: limit}}
	o.timer = time.AfterFunc(overdue(limit), func() { o.stop(late, syscall.SIGTERM) })
}

// stop asks the job to end, and ends it after the patience. A second signal would end it before it has cleaned up.
func (o *overseer) stop(why error, signal os.Signal) {
	o.mu.Lock()
	first := o.why == nil
	if first {
		o.why = why
	}
	o.mu.Unlock()
	if !first {
		return
	}
	_ = o.job.Signal(signal)
	select {
	case <-o.over:
	case <-time.After(patience):
		_ = o.job.Kill()
	}
}

// explain gives the end of a job that stood still the reason for which it was ended. One that ended by itself meanwhile
// keeps its own.
func (o *overseer) explain(end jobEnd) jobEnd {
	if o.timer != nil {
		o.timer.Stop()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var asked *pipeline.InterruptedError
	var late *standstillError
	switch {
	case end.killed && errors.As(o.why, &asked):
		end.asked, end.killed, end.name, end.signal = true, false, asked.Name, asked.Signal
	case (end.killed || end.asked) && errors.As(o.why, &late):
		end.asked, end.killed, end.late = false, false, late
	}
	return end
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
