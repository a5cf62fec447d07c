package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "rewrite the golden texts of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){"crosswalk": func() { os.Exit(crosswalk()) }, "browser": browse})
}

// leakless runs the tests and fails where one of them leaves a goroutine behind.
type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	code := l.m.Run()
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// browse is a browser of one page: it goes to the address it is given, and wherever that sends it.
func browse() {
	response, err := http.Get(os.Args[len(os.Args)-1]) //nolint:noctx // a process of its own, for one request
	if err != nil {
		os.Exit(1)
	}
	_ = response.Body.Close()
}

// TestScripts runs the command line as a command; see fixtures/script.
func TestScripts(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "fixtures/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FIXTURES", filepath.Join(root, "fixtures"))
			env.Setenv("SHIPPED", filepath.Join(root, "config.yaml"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exit": exitCode, "flip": flip, "serve": serve},
	})
}

// exitCode runs a command and holds its exit code: exit CODE COMMAND [ARG...].
func exitCode(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// serve simulates an org for the rest of the script: serve NAME [FLAG...]. NAME_URL and NAME_PORT are its address and the
// port of the callback that its app has.
func serve(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 1 {
		ts.Fatalf("usage: serve NAME [FLAG...]")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once: a free port is all that is wanted
	ts.Check(err)
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	ts.Check(listener.Close())
	binary, err := os.Executable()
	ts.Check(err)
	command := exec.Command(binary, append([]string{"simulate", "--fixtures", ts.Getenv("FIXTURES") + "/org", "--callback", "http://localhost:" + port + "/callback"}, args[1:]...)...) //nolint:noctx // ended below
	command.Args[0] = "crosswalk"
	command.Dir = ts.Getenv("WORK")
	output, err := command.StdoutPipe()
	ts.Check(err)
	ts.Check(command.Start())
	ts.Defer(func() { _, _ = command.Process.Kill(), command.Wait() })
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if _, url, found := strings.Cut(lines.Text(), "instance_url: "); found {
			ts.Setenv(args[0]+"_URL", url)
			ts.Setenv(args[0]+"_PORT", port)
			return
		}
	}
	ts.Fatalf("the org did not start")
}

// flip changes one byte in the middle of a file: flip FILE.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	text, err := os.ReadFile(path)
	ts.Check(err)
	text[len(text)/2] ^= 1
	ts.Check(os.WriteFile(path, text, 0o600))
}

// TestLayers holds the direction of the imports: main -> pipeline -> stages, and no stage knows another.
func TestLayers(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{
		"crosswalk":                               {"crosswalk/pipeline", "crosswalk/pipeline/command"},
		"crosswalk/pipeline/command":              {"crosswalk/pipeline"},
		"crosswalk/pipeline":                      {"crosswalk/extract", "crosswalk/extract/erp", "crosswalk/extract/salesforce", "crosswalk/extract/salesforce/tokenstore", "crosswalk/transform", "crosswalk/load", "crosswalk/sql", "crosswalk/fixtures"},
		"crosswalk/pipeline/bench":                {"crosswalk/extract", "crosswalk/transform", "crosswalk/load", "crosswalk/sql"},
		"crosswalk/pipeline/faults":               nil, // tests only
		"crosswalk/extract/erp":                   {"crosswalk/extract"},
		"crosswalk/extract/salesforce":            {"crosswalk/extract", "crosswalk/extract/salesforce/tokenstore"},
		"crosswalk/extract/salesforce/tokenstore": nil,
		"crosswalk/extract":                       nil, "crosswalk/transform": nil, "crosswalk/load": nil, "crosswalk/sql": nil, "crosswalk/fixtures": nil,
	}
	list, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(list)))
	for {
		var found struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&found); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		known, ok := allowed[found.ImportPath]
		if !ok {
			t.Errorf("%s is a package that the house has no room for", found.ImportPath)
		}
		for _, imported := range found.Imports {
			if strings.HasPrefix(imported, "crosswalk") && !slices.Contains(known, imported) {
				t.Errorf("%s imports %s, which is not below it", found.ImportPath, imported)
			}
		}
	}
}

// TestDependenciesHaveReasons holds docs/dependencies.md against go.mod.
func TestDependenciesHaveReasons(t *testing.T) {
	t.Parallel()
	reasons, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(module)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) < 2 || !strings.Contains(fields[0], ".") || strings.Contains(line, "// indirect") {
			continue
		}
		count++
		if !strings.Contains(string(reasons), "| `"+fields[0]+"` |") {
			t.Errorf("docs/dependencies.md has no row for %s", fields[0])
		}
	}
	if count < 10 {
		t.Errorf("go.mod was read as having %d direct dependencies; the test no longer reads it", count)
	}
}
