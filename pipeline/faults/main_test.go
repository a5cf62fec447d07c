package faults

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// The program under test, built once, and a folder for all that the cases share.
var program, shared string

func TestMain(m *testing.M) {
	if code, is := asTracer(os.Args); is {
		os.Exit(code)
	}
	if len(os.Args) == 4 && os.Args[1] == openerArgument {
		if err := openOften(context.Background(), os.Args[2], os.Args[3]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if code, is := inNamespace(); is {
		os.Exit(code)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "crosswalk-faults-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		shared, program = dir, filepath.Join(dir, "crosswalk")
		build := exec.Command("go", "build", "-o", program, "crosswalk")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building crosswalk:", err)
			return 1
		}
		code := m.Run()
		if err := goleak.Find(); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return code
	}())
}

// lookAtSources looks at each of the program's files. It was built by another process, of which go test knows nothing; what
// a test itself looks at is among its inputs, so no kept result of an older program is taken for this one's.
var lookAtSources = sync.OnceValue(func() error {
	for _, source := range []string{"main.go", "go.mod", "go.sum", "pipeline", "extract", "transform", "load", "sql", "fixtures"} {
		err := filepath.WalkDir(filepath.Join("..", "..", source), func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
})

// namespaceVariable is set in the process that has namespaces of its own.
const namespaceVariable = "CROSSWALK_FAULTS_NAMESPACE"

// inNamespace runs the tests in user and mount namespaces of their own where this process may not mount: a disk of a
// given size is made by a mount. Where the kernel refuses that too the tests run here, and those that need a mount fail
// and say so.
func inNamespace() (code int, is bool) {
	if os.Getenv(namespaceVariable) != "" || mayMount() {
		return 0, false
	}
	self, err := os.Executable()
	if err != nil {
		return 0, false
	}
	tests := exec.CommandContext(context.Background(), self, os.Args[1:]...)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.Env = append(os.Environ(), namespaceVariable+"=1")
	tests.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	err = tests.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "no namespace of their own for the tests:", err)
		return 0, false
	}
	return tests.ProcessState.ExitCode(), true
}

func mayMount() bool {
	dir, err := os.MkdirTemp("", "crosswalk-mount-")
	if err != nil {
		return false
	}
	defer func() { _ = os.Remove(dir) }()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4k"); err != nil {
		return false
	}
	return syscall.Unmount(dir, syscall.MNT_DETACH) == nil
}
