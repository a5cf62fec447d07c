package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"syscall"

	"github.com/gofrs/flock"
)

// runIDs are the names that newRunID gives.
var runIDs = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$`)

var errNotOurs = errors.New("is no folder of this user's own: somebody else made it")

// worksDirectory is where DuckDB works for the purpose, "work" or "discover", one folder a run. Several jobs may share
// limits.temp_directory, and each takes what lies in its own folder for what a dead run left, so the folder has the name
// of the state, which one run locks.
func worksDirectory(config *Config, purpose string) string {
	if config.Limits.TempDirectory == "" {
		return filepath.Join(config.State.Directory, purpose)
	}
	sum := sha256.Sum256([]byte(config.State.Directory))
	return filepath.Join(config.Limits.TempDirectory, "crosswalk-"+purpose+"-"+hex.EncodeToString(sum[:4]))
}

// makeWork clears what dead runs left in works and makes the folder of this one. Errors are *StorageError.
func makeWork(works, runID string) (string, error) {
	if err := clearWorks(works); err != nil {
		return "", err
	}
	return newWork(works, runID)
}

func newWork(works, runID string) (string, error) {
	if err := os.MkdirAll(works, 0o700); err != nil {
		return "", &StorageError{Op: "create", Path: works, Err: err}
	}
	if err := ownFolder(works); err != nil {
		return "", err
	}
	work := filepath.Join(works, runID)
	if err := os.Mkdir(work, 0o700); err != nil {
		return "", &StorageError{Op: "create", Path: work, Err: err}
	}
	return work, nil
}

// spillPrefix begins the name of a folder that a question spills to, which holds no lock of the state.
const spillPrefix = "crosswalk-explain-"

// makeSpill makes a folder in temporary, or in the system's own where that is empty, and clears away those that killed
// processes left there: a live one holds the lock of its folder, and the kernel lets go of it with the process. Errors are
// *StorageError.
func makeSpill(temporary string) (spill string, remove func() error, err error) {
	if temporary == "" {
		temporary = os.TempDir()
	} else if err := os.MkdirAll(temporary, 0o700); err != nil {
		return "", nil, &StorageError{Op: "create", Path: temporary, Err: err}
	}
	clearSpills(temporary)
	for {
		if spill, err = os.MkdirTemp(temporary, spillPrefix); err != nil {
			return "", nil, &StorageError{Op: "create a folder to spill to in", Path: temporary, Err: err}
		}
		lock := flock.New(spill, flock.SetFlag(os.O_RDONLY))
		taken, err := lock.TryLock()
		if !taken && err == nil || errors.Is(err, os.ErrNotExist) {
			continue // another process cleared it away before it was locked
		}
		// A file system without locks gave an error, and keeps what a killed process leaves.
		return spill, func() error { return errors.Join(os.RemoveAll(spill), lock.Close()) }, nil
	}
}

// clearSpills removes the folders of dead processes of this user. What cannot be removed stays: it is in nobody's way.
func clearSpills(temporary string) {
	left, _ := filepath.Glob(filepath.Join(temporary, spillPrefix+"*"))
	for _, spill := range left {
		if ownFolder(spill) != nil {
			continue
		}
		lock := flock.New(spill, flock.SetFlag(os.O_RDONLY))
		if dead, err := lock.TryLock(); dead && err == nil {
			_ = os.RemoveAll(spill)
		}
		_ = lock.Close()
	}
}

// clearWorks removes the folders of dead runs, and nothing that has another name. Only under the lock that goes with them.
func clearWorks(works string) error {
	dead, err := worksIn(works)
	if err != nil {
		return err
	}
	for _, work := range dead {
		if err := os.RemoveAll(work); err != nil {
			return &StorageError{Op: "clear", Path: works, Err: err}
		}
	}
	return nil
}

// worksIn are the folders of runs, and nothing that has another name.
func worksIn(works string) ([]string, error) {
	entries, err := os.ReadDir(works)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, &StorageError{Op: "clear", Path: works, Err: err}
	}
	var found []string
	for _, entry := range entries {
		if entry.IsDir() && runIDs.MatchString(entry.Name()) {
			found = append(found, filepath.Join(works, entry.Name()))
		}
	}
	return found, nil
}

// ownFolder refuses a folder in a place like /var/tmp that another user made first: records would be written into it.
func ownFolder(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return &StorageError{Op: "stat", Path: path, Err: err}
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || known && int(owner.Uid) != os.Geteuid() {
		return &StorageError{Op: "use", Path: path, Err: errNotOurs}
	}
	return nil
}
