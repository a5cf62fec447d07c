package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Section G: DuckDB, and the folders that it works in.
var stagingFaults = []fault{
	{id: "F127", what: "the link has little memory: it spills, or says that it cannot", points: memoryPoints()},
	{id: "F128", what: "the folder to spill to is full, gone, read-only, no folder", points: []point{
		spillPoint("full", func(w *world, folder string) { w.mount(folder, "size=16k"); w.fill(folder) }),
		spillPoint("48 kB", func(w *world, folder string) { w.mount(folder, "size=48k") }),
		spillPoint("read-only", func(w *world, folder string) { w.mount(folder, "ro") }),
		spillPoint("a file", func(w *world, folder string) { w.write("spill", "", 0o600) }),
		spillPoint("removed during the run", func(w *world, folder string) {
			w.atCall("/describe", func() { _ = os.RemoveAll(folder) })
		}),
	}},
	{id: "F129", what: "DuckDB fails inside a COPY, when other files are written", setting: oneThread, points: []point{
		copyPoint(`contacts\.parquet$`, 1), copyPoint(`contacts\.parquet$`, 3), copyPoint(`contacts\.csv$`, 2), copyPoint(`changes\.csv$`, 1),
	}},
	{id: "F130", what: "the job crashes in native code, or the kernel takes it for its memory", setting: oneThread, points: diedPoints()},
	{id: "F131", what: "a long query is cancelled", loop: cancelled},
	{id: "F132", what: "invalid UTF-8, NUL and the like, bound, in a statement, by Arrow and a part", loop: oddValues},
	{id: "F133", what: "400 databases opened in one process (there are no Arrow views here)", loop: openedOften},
	{id: "F134", what: "a batch released early, used twice, of no rows, of nothing but nulls", loop: batches},
	{id: "F135", what: "statements that would leave their folders or change a setting", loop: lockedDown},
	{id: "F137", what: "no extension can be had: no network, no home", points: []point{
		{name: "no home", env: []string{"HOME=/nonexistent"}, want: recovered()},
		{name: "a network that would give one", want: recovered(), before: (*world).offersExtensions, after: func(w *world, _ outcome) {
			if _, err := os.Lstat(filepath.Join(w.dir, ".duckdb")); err == nil { // HOME
				w.v.errorf("an extension was fetched")
			}
		}},
	}},
	{id: "F138", what: "1, 2 and 8 threads", points: []point{threadsPoint(1), threadsPoint(2), threadsPoint(8)}},
}

func threadsPoint(threads int) point {
	return point{name: strconv.Itoa(threads), config: replaced("threads: 2", "threads: "+strconv.Itoa(threads)), want: recovered()}
}

// mount puts a small file system at a folder, until the point is over.
func (w *world) mount(folder, options string) {
	w.v.t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		w.v.fatalf("mount: %v", err)
	}
	flags, readOnly := uintptr(0), strings.HasPrefix(options, "ro")
	if readOnly {
		flags, options = syscall.MS_RDONLY, strings.TrimPrefix(strings.TrimPrefix(options, "ro"), ",")
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", flags, options); err != nil {
		w.v.fatalf("a full disk needs root to be made: mount: %v", err)
	}
	w.later(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			w.v.errorf("unmount: %v", err)
		}
	})
}

// fill writes to a folder's file system until nothing goes in any more.
func (w *world) fill(folder string) {
	file, err := os.Create(filepath.Join(folder, "filler"))
	if err != nil {
		return // no room for a name even
	}
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
	_ = file.Close()
}

// atCall does something once when a call arrives whose path ends so.
func (w *world) atCall(suffix string, act func()) {
	done := false
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		w.org.mutex.Lock()
		now := !done && strings.HasSuffix(r.URL.Path, suffix)
		done = done || now
		w.org.mutex.Unlock()
		if now {
			act()
		}
		next.ServeHTTP(rw, r)
	})
}

func spillPoint(name string, prepare func(*world, string)) point {
	return point{
		name: name, want: refused(exitStorage), config: replaced("limits: {", "limits: {temp_directory: spill, "),
		before: func(w *world) {
			folder := filepath.Join(w.dir, "spill")
			if err := os.RemoveAll(folder); err != nil {
				w.v.errorf("spill: %v", err)
			}
			prepare(w, folder)
		},
	}
}

// copyPoint lets the at-th write to a file of the publication fail.
func copyPoint(path string, at int) point {
	return point{
		name: fmt.Sprintf("write %d of %s", at, path), want: refused(exitStorage, "space left on device"),
		play: func(w *world) outcome {
			o, report := w.struckRun(strike{Do: fail, Errno: syscall.ENOSPC, Forever: true, Calls: "^write$", Path: path, At: at}, "run", "--run-date", faultDate)
			if report.What == "" {
				w.v.errorf("the run never came there")
			}
			return o
		},
	}
}

// diedPoints end the job's process: by a signal while it waits for Salesforce, at a write of DuckDB's, and by the
// kernel where its memory is bounded.
func diedPoints() []point {
	crashed := func(name string) expectation {
		return expectation{codes: []int{exitBug}, says: []string{"error: run: its process crashed: " + name, "hint: the last publication is untouched"}, hasty: true}
	}
	killed := expectation{codes: []int{exitStorage}, says: []string{"killed from outside (SIGKILL)", "limits.memory"}}
	var points []point
	for name, signal := range map[string]syscall.Signal{"SIGSEGV": syscall.SIGSEGV, "SIGABRT": syscall.SIGABRT, "SIGBUS": syscall.SIGBUS, "SIGILL": syscall.SIGILL, "SIGFPE": syscall.SIGFPE} {
		points = append(points, point{name: name, play: jobSignalled(signal), want: crashed(name)})
	}
	slices.SortFunc(points, func(a, b point) int { return strings.Compare(a.name, b.name) })
	points = append(points,
		point{name: "SIGKILL", play: jobSignalled(syscall.SIGKILL), want: killed},
		point{name: "SIGTERM to the job alone", play: jobSignalled(syscall.SIGTERM), want: expectation{codes: []int{143}, says: []string{"interrupted by SIGTERM"}}},
		point{name: "a crash while DuckDB links", play: diedAt(strike{Do: crash, Path: `link\.duckdb`, At: 40}), want: crashed("SIGSEGV")},
		point{name: "a crash while DuckDB writes", play: diedAt(strike{Do: crash, Path: `contacts\.csv$`, At: 2}), want: crashed("SIGSEGV")},
		point{name: "killed while DuckDB links", play: diedAt(strike{Do: killJob, Path: `link\.duckdb`, At: 40}), want: killed},
		point{name: "killed while DuckDB writes", play: diedAt(strike{Do: killJob, Path: `contacts\.csv$`, At: 2}), want: killed},
		point{name: "the kernel's out-of-memory killer", play: (*world).inLittleMemory, want: killed})
	for i := range points {
		points[i].want.leaves = true
		points[i].after = func(w *world, o outcome) {
			w.sweptBut(true) // by the watcher; the stage in the making is for the next run to go on with
			w.recordClosed(o.code)
		}
	}
	return points
}

func diedAt(s strike) func(*world) outcome {
	return func(w *world) outcome {
		o, report := w.struckRun(s, "run", "--run-date", faultDate)
		if report.What == "" {
			w.v.errorf("the run never came there")
		}
		return o
	}
}

// jobSignalled sends a signal to the process that does the work, and to no other.
func jobSignalled(signal syscall.Signal) func(*world) outcome {
	return func(w *world) outcome {
		p, reached := w.heldAt("/describe")
		select {
		case <-reached:
		case <-time.After(30 * time.Second):
			w.v.errorf("the run never came there")
		}
		for _, child := range childrenOf(p.command.Process.Pid) {
			_ = syscall.Kill(child, signal)
		}
		return p.wait()
	}
}

// inLittleMemory runs in a control group whose memory ends before DuckDB has what it needs. Where there can be none,
// the job is killed as the kernel would.
func (w *world) inLittleMemory() outcome {
	w.v.t.Helper()
	for _, group := range []struct{ dir, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"},
	} {
		dir := filepath.Join(group.dir, "crosswalk-faults-"+strconv.Itoa(os.Getpid()))
		if err := os.Mkdir(dir, 0o755); err != nil {
			continue
		}
		w.later(func() { _ = os.Remove(dir) })
		if err := os.WriteFile(filepath.Join(dir, group.limit), []byte("36000000"), 0o600); err != nil {
			continue
		}
		_ = os.WriteFile(filepath.Join(dir, "memory.swap.max"), []byte("0"), 0o600)
		w.v.note = "in a control group of 36 MB"
		return w.startCommand(nil, "sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, dir, program, "--config", w.config, "run", "--run-date", faultDate).wait()
	}
	w.v.note = "no control group can be made here: the kernel's killer was played by SIGKILL"
	return jobSignalled(syscall.SIGKILL)(w)
}

// recordClosed holds that the newest record of a run tells how it ended.
func (w *world) recordClosed(code int) {
	w.v.t.Helper()
	paths, _ := filepath.Glob(filepath.Join(w.state(), "runs", "*.json"))
	if len(paths) == 0 {
		w.v.errorf("there is no record")
		return
	}
	var record struct {
		Outcome  string `json:"outcome"`
		ExitCode int    `json:"exit_code"`
		Error    string `json:"error"`
		Hint     string `json:"hint"`
	}
	slices.Sort(paths) // the names begin with the moment, but those of one second do not
	newest := slices.MaxFunc(paths, func(a, b string) int { return modified(a).Compare(modified(b)) })
	text, err := os.ReadFile(newest)
	if err != nil || json.Unmarshal(text, &record) != nil || record.Outcome != "failed" || record.ExitCode != code || record.Error == "" || record.Hint == "" {
		w.v.errorf("the record says %+v, want it failed with %d (%v)", record, code, err)
	}
}

func modified(path string) time.Time {
	info, err := os.Lstat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
