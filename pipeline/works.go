package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
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

// clearWorks removes the folders of dead runs, and nothing that has another name. Only under the lock that goes with them.
func clearWorks(works string) error {
	entries, err := os.ReadDir(works)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return &StorageError{Op: "clear", Path: works, Err: err}
	}
	for _, entry := range entries {
		if !entry.IsDir() || !runIDs.MatchString(entry.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(works, entry.Name())); err != nil {
			return &StorageError{Op: "clear", Path: works, Err: err}
		}
	}
	return nil
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
