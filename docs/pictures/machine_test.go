package pictures

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long any one thing may take; a busy machine takes its time.
const patience = 90 * time.Second

// machine is a folder with a configuration in which crosswalk is run.
type machine struct {
	t       *testing.T
	program string
	folder  string
	org     string // address of the simulated org
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	program, err := filepath.Abs("../../bin/crosswalk")
	if chosen := os.Getenv("CROSSWALK_BINARY"); chosen != "" {
		program, err = chosen, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%v: build it first: make test-browser", err)
	}
	return &machine{t: t, program: program, folder: t.TempDir()}
}

// fixtures is a path below the repository's fixtures.
func (m *machine) fixtures(path string) string {
	m.t.Helper()
	whole, err := filepath.Abs(filepath.Join("../../fixtures", path))
	if err != nil {
		m.t.Fatal(err)
	}
	return whole
}

func (m *machine) command(arguments ...string) *exec.Cmd {
	command := exec.CommandContext(m.t.Context(), m.program, arguments...)
	command.Dir = m.folder
	// A person's own settings, and a display on which a browser of theirs could open, stay out.
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + m.folder, "TERM=xterm-256color", "CROSSWALK_CONFIG=crosswalk.yaml",
		"SALESFORCE_CLIENT_SECRET=simulator-secret-not-a-real-one",
	}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	return command
}

// run runs a command to its end and returns what it printed, standard output and error apart, and its exit code.
func (m *machine) run(arguments ...string) (stdout, stderr string, code int) {
	m.t.Helper()
	command := m.command(arguments...)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		m.t.Fatalf("crosswalk %s: %v", strings.Join(arguments, " "), err)
	}
	return out.String(), problems.String(), command.ProcessState.ExitCode()
}

// mustRun is run of a command that has to end with 0.
func (m *machine) mustRun(arguments ...string) string {
	m.t.Helper()
	stdout, stderr, code := m.run(arguments...)
	if code != 0 {
		m.t.Fatalf("crosswalk %s: exit %d\n%s%s", strings.Join(arguments, " "), code, stdout, stderr)
	}
	return stdout
}

// process is a command under way. What it prints, on both outputs, can be waited for.
type process struct {
	t       *testing.T
	command *exec.Cmd
	input   io.WriteCloser
	mu      sync.Mutex
	printed bytes.Buffer
	ended   chan struct{}
}

// Write takes what the command prints.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed.Write(text)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed.String()
}

// start runs a command beside the test; it is interrupted where it has not ended by then.
func (m *machine) start(arguments ...string) *process {
	m.t.Helper()
	p := &process{t: m.t, command: m.command(arguments...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = p, p
	input, err := p.command.StdinPipe()
	if err == nil {
		err = p.command.Start()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	p.input = input
	go func() {
		_ = p.command.Wait() // its exit code is asked for where it matters
		close(p.ended)
	}()
	m.t.Cleanup(func() {
		_ = p.command.Process.Signal(os.Interrupt) // it may have ended
		<-p.ended
	})
	return p
}

// enter types a line.
func (p *process) enter(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.input, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// find waits until the command has printed something that matches, and returns the first group of it.
func (p *process) find(pattern string) string {
	p.t.Helper()
	compiled := regexp.MustCompile(pattern)
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if found := compiled.FindStringSubmatch(p.text()); found != nil {
			tick.Stop()
			return found[1]
		}
		select {
		case <-tick.C:
		case <-p.ended:
			if compiled.FindString(p.text()) == "" {
				p.t.Fatalf("ended without printing %s:\n%s", pattern, p.text())
			}
		case <-ctx.Done():
			p.t.Fatalf("nothing like %s in:\n%s", pattern, p.text())
		}
	}
}

// wait waits for the end and returns the exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("still running:\n%s", p.text())
	}
	return p.command.ProcessState.ExitCode()
}

// freePort is a port on loopback that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// serve starts a simulated org, and writes the configuration that goes with it.
func (m *machine) serve(arguments ...string) *process {
	m.t.Helper()
	port, callback := freePort(m.t), freePort(m.t)
	if *keep != "" { // in the pictures everything is as in the guide
		port, callback = 8710, 1717
	}
	served := m.start(append([]string{
		"simulate", "--port", strconv.Itoa(port), "--fixtures", m.fixtures("org"), "--request-log", "requests",
		"--callback", "http://localhost:" + strconv.Itoa(callback) + "/callback",
	}, arguments...)...)
	m.org = served.find(`instance_url: (\S+)`)
	served.find(`(stop with Ctrl-C)`)
	m.write("customers.csv", m.read(m.fixtures("erp/customers.csv")))
	m.write("crosswalk.yaml", `salesforce:
  source: org
  instance_url: `+m.org+`
  login: web_server
  client_id: 3MVG9simulator.crosswalk.fixtures
  client_secret: ${SALESFORCE_CLIENT_SECRET}
  callback_port: `+strconv.Itoa(callback)+`
erp:
  source: {path: customers.csv}
  customer_id: customer_id
  customer_name: customer_name
link:
  - {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}
output: {directory: out}
state: {directory: state}
`)
	return served
}

// read reads a file, named from the machine's folder.
func (m *machine) read(path string) string {
	m.t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join(m.folder, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.folder, path), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}
