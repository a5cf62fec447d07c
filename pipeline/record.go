package pipeline

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
)

// record is the evidence that a run leaves in state/runs/<run id>.json, opened before any work and closed with its
// outcome. No record and a failed record are different facts.
type record struct {
	path string

	RunID        string     `json:"run_id"`
	RunDate      string     `json:"run_date"`
	ToolVersion  string     `json:"tool_version"`
	ConfigSHA256 string     `json:"config_sha256"`
	Replay       bool       `json:"replay"`
	DryRun       bool       `json:"dry_run"`
	Force        bool       `json:"force"`
	Fresh        bool       `json:"fresh,omitempty"`
	StartedAt    time.Time  `json:"started_at"`
	EndedAt      *time.Time `json:"ended_at"`
	Outcome      string     `json:"outcome"`
	ExitCode     *int       `json:"exit_code"`
	Error        string     `json:"error,omitempty"`
	Hint         string     `json:"hint,omitempty"`
	Manifest     *Manifest  `json:"manifest,omitempty"`
}

// open writes the record as running.
func (r *record) open(stateDirectory string) error {
	dir := filepath.Join(stateDirectory, "runs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return &StorageError{Op: "create", Path: dir, Err: err}
	}
	halfWritten, _ := filepath.Glob(filepath.Join(dir, ".*.json*"))
	for _, path := range halfWritten {
		if err := os.Remove(path); err != nil {
			return &StorageError{Op: "remove", Path: path, Err: err}
		}
	}
	r.path = recordPath(stateDirectory, r.RunID)
	r.Outcome = outcomeRunning
	return r.save()
}

// outcomeRunning is the outcome of a record that nobody has closed.
const outcomeRunning = "running"

func recordPath(stateDirectory, runID string) string {
	return filepath.Join(stateDirectory, "runs", runID+".json")
}

// close adds how the run ended and joins its own failure to the error.
func (r *record) close(manifest *Manifest, ended time.Time, err error) error {
	code := ExitCode(err)
	r.EndedAt, r.ExitCode, r.Manifest = &ended, &code, manifest
	r.Outcome = outcome(code, r.DryRun)
	if err != nil {
		r.Error, r.Hint = err.Error(), Hint(err)
	}
	return errors.Join(err, r.save())
}

func (r *record) save() error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		// Beside its place: what a dead run leaves of it is then swept, and nothing of it is ever in a folder of others.
		err = renameio.WriteFile(r.path, append(text, '\n'), 0o600, renameio.WithTempDir(filepath.Dir(r.path)))
	}
	if err != nil {
		return &StorageError{Op: "write run record", Path: r.path, Err: err}
	}
	return nil
}

func outcome(code int, dryRun bool) string {
	switch {
	case code == 0 && dryRun:
		return "dry run"
	case code == 0:
		return "published"
	case code == 99:
		return "skipped"
	}
	return "failed"
}

// ExitCode is the code for err: what the first error of its tree that has one says, 0 for nil, else 1, a bug.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return 1
}

// Hint is the next step that the first error of err's tree names, or "".
func Hint(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

func interrupted(err error) bool {
	var signal *InterruptedError
	return errors.As(err, &signal)
}
