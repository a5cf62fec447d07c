package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crosswalk/load"
)

// Bury closes what a run left open whose process is dead: its record, which still says "running", gets the cause, and
// the folders that it worked in go. It is for those who watched the process; a run that nobody watched is swept by the
// next. Nothing is done where the process held no lock, or where another run has the lock by now.
func Bury(ctx context.Context, config *Config, process int, cause error) error {
	note, err := os.ReadFile(filepath.Join(config.State.Directory, lockFile))
	if err != nil {
		return nil //nolint:nilerr // it died before it held anything
	}
	runID, holder := readNote(string(note))
	if holder != process {
		return nil
	}
	held, err := lockFolders(ctx, runID, config.State.Directory, config.Output.Directory)
	var locked *LockedError
	if errors.As(err, &locked) {
		return nil
	}
	if err != nil {
		return err
	}
	err = errors.Join(load.Sweep(ctx, config.Output.Directory), clearWorks(worksDirectory(config, "work")))
	return errors.Join(err, closeRecord(config.State.Directory, runID, cause), held.release())
}

// closeRecord ends a record that still says "running".
func closeRecord(stateDirectory, runID string, cause error) error {
	path := recordPath(stateDirectory, runID)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	r := record{path: path}
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return &StorageError{Op: "read run record", Path: path, Err: err}
	}
	if r.Outcome != outcomeRunning {
		return nil
	}
	code, ended := ExitCode(cause), time.Now().UTC()
	r.EndedAt, r.ExitCode, r.Outcome, r.Error, r.Hint = &ended, &code, outcome(code, r.DryRun), cause.Error(), Hint(cause)
	return r.save()
}

// writeNote says in the lock file who holds it; readNote reads it back, zeros where it is nothing of ours.
func writeNote(runID string, process int) string {
	return fmt.Sprintf("run %s, process %d\n", runID, process)
}

func readNote(note string) (runID string, process int) {
	before, after, _ := strings.Cut(note, ", process ")
	if _, err := fmt.Sscanf(after, "%d", &process); err != nil {
		return "", 0
	}
	runID = strings.TrimPrefix(before, "run ")
	if runID != filepath.Base(runID) {
		return "", 0
	}
	return runID, process
}
