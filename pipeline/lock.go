package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

const lockFile = ".crosswalk.lock"

// locks are the locks of one run: one on the state, one on the output, since two configurations may share either.
// The kernel drops them with the process, so a killed run leaves nothing to clean up.
type locks []*flock.Flock

// lockFolders takes the lock of each folder or none. Errors are *LockedError or *StorageError.
func lockFolders(runID string, folders ...string) (locks, error) {
	var held locks
	for _, folder := range folders {
		lock, err := lockFolder(folder, runID)
		if err != nil {
			return nil, errors.Join(err, held.release())
		}
		held = append(held, lock)
	}
	return held, nil
}

func lockFolder(folder, runID string) (*flock.Flock, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, &StorageError{Op: "create", Path: folder, Err: err}
	}
	path := filepath.Join(folder, lockFile)
	lock := flock.New(path, flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, &StorageError{Op: "lock", Path: path, Err: err}
	}
	if !taken {
		holder, _ := os.ReadFile(path) // only says who; the lock itself is the kernel's
		return nil, &LockedError{Path: path, Holder: strings.TrimSpace(string(holder))}
	}
	note := fmt.Sprintf("run %s, process %d\n", runID, os.Getpid())
	if err := os.WriteFile(path, []byte(note), 0o600); err != nil {
		return nil, errors.Join(&StorageError{Op: "lock", Path: path, Err: err}, lock.Unlock())
	}
	return lock, nil
}

func (l locks) release() error {
	var err error
	for _, lock := range l {
		err = errors.Join(err, lock.Unlock())
	}
	return err
}
