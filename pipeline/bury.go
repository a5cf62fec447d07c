package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosswalk/load"
)

// Bury closes what a run left open whose process is dead: its record, which still says "running", gets the cause, and
// the folders that it worked in go. It is for those who watched the process; a run that nobody watched is swept by the
// next. Nothing is done where the process held no lock, or where another run has the lock by now. Stands is a run that had
// published when it died: from there on nothing may fail that is not tidying up, and its record says so.
func Bury(ctx context.Context, config *Config, process int, cause error) (stands bool, err error) {
	note, err := readRegular(filepath.Join(config.State.Directory, lockFile), longestNote)
	if err != nil {
		return false, nil //nolint:nilerr // it died before it held anything
	}
	runID, holder := readNote(string(note))
	if holder != process {
		return false, nil
	}
	held, err := lockFolders(ctx, runID, config.State.Directory, config.Output.Directory)
	var locked *LockedError
	if errors.As(err, &locked) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = errors.Join(load.Sweep(ctx, config.Output.Directory), clearWorks(worksDirectory(config, "work")))
	dead, failed := readRecord(config.State.Directory, runID)
	if err = errors.Join(err, failed); err == nil && dead != nil {
		stands = dead.published(ctx, config)
	}
	if dead != nil && dead.Outcome == outcomeRunning {
		err = errors.Join(err, dead.bury(cause, stands))
	}
	return stands, errors.Join(err, held.release())
}

// readRecord is nil where the run has none.
func readRecord(stateDirectory, runID string) (*record, error) {
	path := recordPath(stateDirectory, runID)
	text, err := readRegular(path, manifestLimit)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	r := &record{path: path}
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	if err != nil {
		return nil, &StorageError{Op: "read run record", Path: path, Err: err}
	}
	return r, nil
}

// published tells whether the date holds what this very run published, whole, and makes its name outlast a power cut.
func (r *record) published(ctx context.Context, config *Config) bool {
	names, err := load.Partitions(config.Output.Directory)
	at := slices.Index(names, partitionPrefix+r.RunDate)
	if err != nil || at < 0 {
		return false
	}
	place := filepath.Join(config.Output.Directory, names[at])
	manifest, err := readManifest(place)
	if err != nil || manifest.RunID != r.RunID {
		return false
	}
	folder, err := os.Open(config.Output.Directory)
	if err != nil {
		return false
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return false
	}
	return verify(ctx, place, manifest) == nil
}

// bury ends a record that still says "running".
func (r *record) bury(cause error, stands bool) error {
	code, ended := 0, time.Now().UTC()
	if !stands {
		code, r.Error, r.Hint = ExitCode(cause), cause.Error(), Hint(cause)
	}
	r.EndedAt, r.ExitCode, r.Outcome = &ended, &code, outcome(code, r.DryRun)
	return r.save()
}

// longestNote is in bytes; a note has fewer than a hundred.
const longestNote = 4 << 10

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
