package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Where a call's path is: an argument is a file descriptor, a path, or a folder's descriptor with a path after it.
const (
	byDescriptor = iota
	byPath
	byFolder
	bySecondPath   // symlink(target, path)
	bySecondFolder // symlinkat(target, folder, path)
)

type tracedCall struct {
	name string
	by   int
}

// changing are the calls that change files; reading those that only read.
var (
	changing = map[uintptr]tracedCall{
		unix.SYS_WRITE: {"write", byDescriptor}, unix.SYS_PWRITE64: {"write", byDescriptor}, unix.SYS_WRITEV: {"write", byDescriptor},
		unix.SYS_PWRITEV: {"write", byDescriptor}, unix.SYS_COPY_FILE_RANGE: {"copy", byDescriptor}, unix.SYS_SENDFILE: {"copy", byDescriptor},
		unix.SYS_FSYNC: {"fsync", byDescriptor}, unix.SYS_FDATASYNC: {"fsync", byDescriptor}, unix.SYS_FTRUNCATE: {"truncate", byDescriptor},
		unix.SYS_TRUNCATE: {"truncate", byPath}, unix.SYS_FALLOCATE: {"allocate", byDescriptor}, unix.SYS_FCHMOD: {"chmod", byDescriptor},
		unix.SYS_CHMOD: {"chmod", byPath}, unix.SYS_FCHMODAT: {"chmod", byFolder}, unix.SYS_OPEN: {"open", byPath}, unix.SYS_CREAT: {"open", byPath},
		unix.SYS_OPENAT: {"open", byFolder}, unix.SYS_MKDIR: {"mkdir", byPath}, unix.SYS_MKDIRAT: {"mkdir", byFolder}, unix.SYS_RMDIR: {"remove", byPath},
		unix.SYS_UNLINK: {"remove", byPath}, unix.SYS_UNLINKAT: {"remove", byFolder}, unix.SYS_RENAME: {"rename", byPath},
		unix.SYS_RENAMEAT: {"rename", byFolder}, unix.SYS_RENAMEAT2: {"renameat2", byFolder}, unix.SYS_LINK: {"link", bySecondPath},
		unix.SYS_LINKAT: {"link", byFolder}, unix.SYS_SYMLINK: {"symlink", bySecondPath}, unix.SYS_SYMLINKAT: {"symlink", bySecondFolder},
	}
	reading = map[uintptr]tracedCall{
		unix.SYS_READ: {"read", byDescriptor}, unix.SYS_PREAD64: {"read", byDescriptor}, unix.SYS_GETDENTS64: {"list", byDescriptor},
	}
)

const notThisThread = 0x20000000 // __WNOTHREAD

// asTracer is the process that traces, and the one that becomes the program. It tells whether this is one of them.
func asTracer(args []string) (code int, is bool) {
	switch {
	case len(args) > 3 && args[1] == tracerArgument:
		t := &tracer{running: map[int]bool{}}
		if err := t.trace(args[2], args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "tracer:", err)
			return 97, true
		}
		return t.code, true
	case len(args) > 3 && args[1] == launcherArgument:
		fmt.Fprintln(os.Stderr, "launcher:", launch(args[2] == "true", args[3:]))
		return 97, true
	}
	return 0, false
}

// launch becomes the program, with the filter in force.
func launch(reads bool, args []string) error {
	runtime.LockOSThread()
	filter := callFilter(reads)
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err != nil {
		return err
	}
	return unix.Exec(args[0], args, os.Environ())
}

// callFilter stops at the calls of the tables. Opening is a change where the flags say so.
func callFilter(reads bool) []unix.SockFilter {
	const load, equal, and, give = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const pass, stop = uint32(unix.SECCOMP_RET_ALLOW), uint32(unix.SECCOMP_RET_TRACE)
	filter := []unix.SockFilter{
		{Code: load, K: 4}, {Code: equal, K: unix.AUDIT_ARCH_X86_64, Jt: 1}, {Code: give, K: pass}, {Code: load, K: 0},
	}
	calls := []map[uintptr]tracedCall{changing}
	if reads {
		calls = append(calls, reading)
	} else {
		filter = append(filter,
			unix.SockFilter{Code: equal, K: unix.SYS_OPENAT, Jf: 5}, unix.SockFilter{Code: load, K: 32},
			unix.SockFilter{Code: and, K: unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC},
			unix.SockFilter{Code: equal, K: 0, Jf: 1}, unix.SockFilter{Code: give, K: pass}, unix.SockFilter{Code: give, K: stop})
	}
	for _, table := range calls {
		for number := range table {
			filter = append(filter, unix.SockFilter{Code: equal, K: uint32(number), Jf: 1}, unix.SockFilter{Code: give, K: stop})
		}
	}
	return append(filter, unix.SockFilter{Code: give, K: pass})
}

// tracer follows every thread of a run.
type tracer struct {
	strike            strike
	calls, path, from *regexp.Regexp
	begun             bool
	running           map[int]bool // threads that were seen
	root              int          // the process that the run began as
	held              int          // the thread that waits, if any
	until             time.Time    // when it is let go
	report            struck
	code              int
}

func (t *tracer) trace(text string, args []string) error {
	if err := json.Unmarshal([]byte(text), &t.strike); err != nil {
		return err
	}
	t.calls, t.path, t.from = regexp.MustCompile(t.strike.Calls), regexp.MustCompile(t.strike.Path), regexp.MustCompile(t.strike.From)
	t.begun = t.strike.From == ""
	runtime.LockOSThread() // only the thread that started it may trace it
	self, err := os.Executable()
	if err != nil {
		return err
	}
	root, err := syscall.ForkExec(self, append([]string{self, launcherArgument, fmt.Sprint(t.strike.Reads)}, args...), &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return err
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(root, &status, unix.WALL, nil); err != nil {
		return err
	}
	t.running[root], t.root = true, root
	const follow = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACESECCOMP
	if err := errors.Join(unix.PtraceSetOptions(root, follow), unix.PtraceCont(root, 0)); err != nil {
		return err
	}
	if err := t.follow(root); err != nil {
		return err
	}
	reported, err := json.Marshal(t.report)
	if err == nil {
		err = os.WriteFile(t.strike.Report, reported, 0o600)
	}
	if t.code < 0 {
		_ = unix.Kill(os.Getpid(), unix.SIGKILL) // to end as the run did
	}
	return err
}

// follow lets the threads go on, from stop to stop, until none is left.
func (t *tracer) follow(root int) error {
	for {
		var status unix.WaitStatus
		options := unix.WALL | notThisThread
		if t.held > 0 {
			options |= unix.WNOHANG
		}
		thread, err := unix.Wait4(-1, &status, options, nil)
		switch {
		case err == nil && thread == 0:
			t.letGo()
			continue
		case errors.Is(err, unix.ECHILD):
			if !t.until.IsZero() {
				t.report.Late = time.Since(t.until)
			}
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		}
		if !status.Stopped() {
			delete(t.running, thread)
			if thread == root {
				t.code = status.ExitStatus() // -1 after a signal
			}
			continue
		}
		signal := status.StopSignal()
		switch {
		case signal == unix.SIGTRAP && status.TrapCause() == unix.PTRACE_EVENT_SECCOMP:
			signal = 0
			if err := t.call(thread); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		case signal == unix.SIGTRAP && status.TrapCause() > 0:
			signal = 0
		case signal == unix.SIGSTOP && !t.running[thread]:
			signal = 0 // how a new thread begins
		}
		t.running[thread] = true
		if thread == t.held {
			continue
		}
		_ = unix.PtraceCont(thread, int(signal)) // one that was killed meanwhile does not go on
	}
}

// letGo waits a moment, or lets the thread that is held go on.
func (t *tracer) letGo() {
	if time.Now().Before(t.until) {
		time.Sleep(time.Millisecond)
		return
	}
	_ = unix.PtraceCont(t.held, 0)
	t.held = 0
}

// call looks at a call that a thread is about to make, and strikes where it is the one.
func (t *tracer) call(thread int) error {
	var registers unix.PtraceRegs
	if err := unix.PtraceGetRegs(thread, &registers); err != nil {
		return err
	}
	call, found := changing[uintptr(registers.Orig_rax)]
	if !found {
		call = reading[uintptr(registers.Orig_rax)]
	}
	top := t.strike.Under + string(filepath.Separator)
	path, ok := strings.CutPrefix(pathOf(thread, call.by, registers), top)
	if call.name == "rename" && !ok { // into the folder from elsewhere
		path, ok = strings.CutPrefix(pathOf(thread, bySecondPath, registers), top)
	}
	if !ok {
		return nil
	}
	t.begun = t.begun || t.from.MatchString(path)
	if !t.begun || !t.calls.MatchString(call.name) || !t.path.MatchString(path) {
		return nil
	}
	t.report.Met++
	what := describe(call.name, path)
	t.report.Trail = append(t.report.Trail, what)
	if t.strike.Record != "" {
		t.record(thread, call, path, registers)
	}
	if t.strike.At == 0 || t.report.Met < t.strike.At || t.report.Met > t.strike.At && !t.strike.Forever {
		return nil
	}
	if t.report.What == "" {
		t.report.What = what
	}
	switch t.strike.Do {
	case killAll:
		for other := range t.running {
			_ = unix.Kill(other, unix.SIGKILL)
		}
	case killJob:
		return unix.Kill(thread, unix.SIGKILL)
	case crash:
		return unix.Kill(thread, unix.SIGSEGV)
	case hold:
		t.held, t.until = thread, time.Now().Add(t.strike.Hold)
		if t.strike.Signal != 0 {
			return unix.Kill(t.root, t.strike.Signal)
		}
	case alter:
		return flipMiddle(filepath.Join(t.strike.Under, path))
	case fail:
		registers.Orig_rax = ^uint64(0)
		registers.Rax = uint64(-int64(t.strike.Errno))
		return unix.PtraceSetRegs(thread, &registers)
	}
	return nil
}

// record keeps a call whole.
func (t *tracer) record(thread int, made tracedCall, path string, r unix.PtraceRegs) {
	kept := call{Name: made.name, Path: path}
	below := func(path string) string { return strings.TrimPrefix(path, t.strike.Under+string(filepath.Separator)) }
	switch uintptr(r.Orig_rax) {
	case unix.SYS_RENAME:
		kept.To = below(pathAt(thread, atHere, r.Rsi))
	case unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2:
		kept.To, kept.Flags = below(pathAt(thread, r.Rdx, r.R10)), r.R8
	case unix.SYS_SYMLINK, unix.SYS_SYMLINKAT:
		kept.To = textAt(thread, r.Rdi)
	case unix.SYS_OPENAT:
		kept.Flags = r.Rdx
	case unix.SYS_OPEN:
		kept.Flags = r.Rsi
	case unix.SYS_FSYNC, unix.SYS_FDATASYNC:
		content, err := os.ReadFile(filepath.Join(t.strike.Under, path))
		if err != nil {
			break // a folder
		}
		kept.Holds = filepath.Join(t.strike.Record, strconv.Itoa(len(t.report.Calls)))
		if err := os.WriteFile(kept.Holds, content, 0o600); err != nil {
			kept.Holds = ""
		}
	}
	t.report.Calls = append(t.report.Calls, kept)
}

// atHere is the descriptor of the working directory, as a register has it.
const atHere = ^uint64(99) // AT_FDCWD, -100

// pathAt is the absolute path of a text in a thread, relative to a descriptor.
func pathAt(thread int, descriptor, address uint64) string {
	path := textAt(thread, address)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	folder := fmt.Sprintf("/proc/%d/cwd", thread)
	if int32(descriptor) != unix.AT_FDCWD {
		folder = fmt.Sprintf("/proc/%d/fd/%d", thread, int32(descriptor))
	}
	folder, _ = os.Readlink(folder)
	return filepath.Join(folder, path)
}

// pathOf is the absolute path that a call is about.
func pathOf(thread, by int, r unix.PtraceRegs) string {
	switch by {
	case byPath:
		return pathAt(thread, atHere, r.Rdi)
	case byFolder:
		return pathAt(thread, r.Rdi, r.Rsi)
	case bySecondPath:
		return pathAt(thread, atHere, r.Rsi)
	case bySecondFolder:
		return pathAt(thread, r.Rsi, r.Rdx)
	}
	path, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", thread, int32(r.Rdi)))
	return strings.TrimSuffix(path, " (deleted)")
}

// textAt reads a string of a thread.
func textAt(thread int, address uint64) string {
	block := make([]byte, unix.PathMax)
	for size := len(block); size > 0; size /= 2 { // the string may end just before a page that is not there
		local := []unix.Iovec{{Base: &block[0], Len: uint64(size)}}
		remote := []unix.RemoteIovec{{Base: uintptr(address), Len: size}}
		read, err := unix.ProcessVMReadv(thread, local, remote, 0)
		if err == nil && read > 0 {
			text, _, _ := strings.Cut(string(block[:read]), "\x00")
			return text
		}
	}
	return ""
}
