package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// longest bounds any run here: the rows are few, so one that takes longer hangs.
const longest = 150 * time.Second

// outcome is how a process ended.
type outcome struct {
	code           int // exitKilled where a signal ended it
	stdout, stderr string
	took           time.Duration
	memory         int64 // bytes, the most that were resident
}

// said is all that it told a person.
func (o outcome) said() string { return o.stdout + o.stderr }

// process is the program under way.
type process struct {
	world          *world
	command        *exec.Cmd
	stdout, stderr *lockedBuffer
	began          time.Time
	cancel         context.CancelFunc
	memory         atomic.Int64 // bytes
	ours           bool         // it is the program, under a tracer or not
	seen           sync.Map     // ids of the processes that it started
	told           sync.Map     // their command lines, and the environments of those that are other programs
}

// start runs the program in a process group of its own.
func (w *world) start(env []string, args ...string) *process {
	w.v.t.Helper()
	return w.startCommand(env, program, append([]string{"--config", w.config}, args...)...)
}

func (w *world) startCommand(env []string, name string, args ...string) *process {
	w.v.t.Helper()
	ctx, cancel := context.WithTimeout(w.v.t.Context(), longest)
	p := &process{world: w, stdout: &lockedBuffer{}, stderr: &lockedBuffer{}, began: time.Now(), cancel: cancel}
	p.command = exec.CommandContext(ctx, name, args...)
	p.ours = name == program || len(args) > 1 && args[0] == tracerArgument
	p.command.Dir = w.dir
	p.command.Env = append(w.environment(), env...)
	if slices.Contains(args, w.sound) {
		p.command.Env = w.environment()[:bareVariables]
	}
	p.command.Stdout, p.command.Stderr = p.stdout, p.stderr
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.command.WaitDelay = time.Second
	if err := p.command.Start(); err != nil {
		cancel()
		w.v.fatalf("start: %v", err)
	}
	go p.weigh(ctx)
	return p
}

// weigh follows the most memory that was resident, the watcher's and the job's together. What the kernel tells of a
// process that ended includes its parent, whose memory it shared before it became itself.
func (p *process) weigh(ctx context.Context) {
	for ctx.Err() == nil {
		own, err := resident(p.command.Process.Pid)
		if err != nil {
			return
		}
		for _, child := range childrenOf(p.command.Process.Pid) {
			p.overhear(child)
			if more, err := resident(child); err == nil {
				own += more
			}
		}
		p.memory.Store(max(p.memory.Load(), own))
		time.Sleep(3 * time.Millisecond)
	}
}

// overhear keeps what any user of the machine can see of a process that the program started: its command line, and,
// where it is another program, what environment it was given. I6.
func (p *process) overhear(child int) {
	if _, known := p.seen.LoadOrStore(child, true); known || !p.ours {
		return
	}
	of := fmt.Sprintf("/proc/%d/", child)
	line, _ := os.ReadFile(of + "cmdline")
	p.told.Store(child, string(line))
	path, err := os.Readlink(of + "exe")
	if self, _ := os.Executable(); err != nil || path == program || path == self { // the tracer becomes the program
		return
	}
	environment, _ := os.ReadFile(of + "environ")
	p.told.Store(child, string(line)+string(environment))
}

// resident is the most memory of a process so far, in bytes.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	if fields := strings.Fields(after); len(fields) > 0 {
		kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
		return kilobytes << 10, err
	}
	return 0, nil
}

// childrenOf are the processes that any thread of a process started. The folder of the threads is listed and no other: it is
// asked every few milliseconds.
func childrenOf(pid int) []int {
	threads := fmt.Sprintf("/proc/%d/task", pid)
	folder, err := os.Open(threads)
	if err != nil {
		return nil
	}
	defer func() { _ = folder.Close() }()
	names, _ := folder.Readdirnames(-1)
	var children []int
	for _, name := range names {
		text, _ := os.ReadFile(threads + "/" + name + "/children")
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}

// lives tells whether a process is there and more than a name that its parent has not asked for yet.
func lives(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(text), ") ")
	return err == nil && !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

// outlived waits for the job of a watcher that is gone: the kernel ends it, in its own time.
func (p *process) outlived() {
	p.seen.Range(func(key, _ any) bool {
		pid := key.(int)
		if !ended(func() bool { return lives(pid) }) {
			p.world.v.errorf("I7: process %d outlived the one that started it", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return true
	})
}

// groupEnded waits for the whole group, in which a job may be that nobody had seen yet when its watcher was killed.
func (p *process) groupEnded() {
	group := -p.command.Process.Pid
	if !ended(func() bool { return syscall.Kill(group, 0) == nil }) {
		p.world.v.errorf("I7: processes of its group are left")
		_ = syscall.Kill(group, syscall.SIGKILL)
	}
}

// ended waits for what the kernel is ending; false after two seconds.
func ended(there func() bool) bool {
	for began := time.Now(); there(); time.Sleep(pollEvery) {
		if time.Since(began) > 2*time.Second {
			return false
		}
	}
	return true
}

// kill ends it as the kernel would: at once.
func (p *process) kill() { _ = p.command.Process.Signal(syscall.SIGKILL) }

// wait is the end of the process. I7: nobody of its group is left then, but for what the kernel still ends.
func (p *process) wait() outcome {
	defer p.cancel()
	err := p.command.Wait()
	o := outcome{stdout: p.stdout.String(), stderr: p.stderr.String(), took: time.Since(p.began)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		p.world.v.errorf("wait: %v", err)
	}
	if o.took >= longest {
		p.world.v.errorf("hangs: still there after %s; it said: %s", longest, oneLine(o.stderr))
	}
	state := p.command.ProcessState
	o.code = state.ExitCode()
	o.memory = p.memory.Load()
	p.outlived()
	p.groupEnded()
	p.told.Range(func(_, text any) bool {
		p.world.collect(text.(string))
		return true
	})
	p.world.collect(o.said())
	return o
}

// bareVariables is how many variables of an environment do not come from the setting.
const bareVariables = 6

// environment is what every process gets: nothing of the one that runs the tests.
func (w *world) environment() []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "LANG=C.UTF-8", "CANARY_SECRET=" + canarySecret, "NO_PROXY=", "HTTPS_PROXY=",
	}, w.setting.env...)
}

// lastWords begin what a program says that crashed, Go's runtime or C++'s. In the middle of a line they are DuckDB's name
// for a class of errors.
var lastWords = regexp.MustCompile(`(?m)^(panic: |fatal error: |goroutine [0-9]+ |terminate called )`)

// panicked tells whether the text is the last one of a program that crashed.
func panicked(text string) bool { return lastWords.MatchString(text) }

// lockedBuffer can be read while the process still writes.
type lockedBuffer struct {
	sync.Mutex
	text bytes.Buffer
}

// Write appends.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.text.Write(p)
}

// String is the text so far.
func (b *lockedBuffer) String() string {
	b.Lock()
	defer b.Unlock()
	return b.text.String()
}
