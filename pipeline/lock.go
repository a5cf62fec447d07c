package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

const lockFile = ".crosswalk.lock"

// locks are the locks of one run: one on the state, one on the output, since two configurations may share either.
// The kernel drops them with the process, so a killed run leaves nothing to clean up.
type locks []*flock.Flock

// lockPatience is how long a lock is waited for: a process that was killed holds its own until the kernel has taken it
// apart, which takes a moment where it had much memory.
const lockPatience = time.Second

// lockFolders takes the lock of each folder or none. Errors are *LockedError, *StorageError or the cause of ctx.
func lockFolders(ctx context.Context, runID string, folders ...string) (locks, error) {
	patient, stop := context.WithTimeout(ctx, lockPatience)
	defer stop()
	var held locks
	for _, folder := range folders {
		lock, err := lockFolder(patient, folder, runID)
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx) // nobody else need hold a lock that a stopped run did not get
		}
		if err != nil {
			return nil, errors.Join(err, held.release())
		}
		held = append(held, lock)
	}
	return held, nil
}

func lockFolder(ctx context.Context, folder, runID string) (*flock.Flock, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, &StorageError{Op: "create", Path: folder, Err: err}
	}
	path := filepath.Join(folder, lockFile)
	// A link would have us write elsewhere, and a pipe would be waited for.
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK), flock.SetPermissions(0o600))
	taken, err := lock.TryLockContext(ctx, lockPatience/20)
	if err != nil && ctx.Err() == nil {
		return nil, &StorageError{Op: "lock", Path: path, Err: err}
	}
	if !taken {
		holder, _ := readRegular(path, longestNote) // only says who; the lock itself is the kernel's
		return nil, &LockedError{Path: path, Holder: strings.TrimSpace(string(holder))}
	}
	err = requireFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(writeNote(runID, os.Getpid())), 0o600)
	}
	if err != nil {
		return nil, errors.Join(&StorageError{Op: "lock", Path: path, Err: err}, lock.Unlock())
	}
	return lock, nil
}

var (
	errNoFile     = errors.New("not a regular file")
	errSecondName = errors.New("it has a second name (a hard link), and what is written to the one stands in the other")
)

// requireFile refuses what a note about the holder must not be written to.
func requireFile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errNoFile
	}
	if status, known := info.Sys().(*syscall.Stat_t); known && status.Nlink > 1 && !hasNote(path) {
		return errSecondName
	}
	return nil
}

// hasNote tells a lock file that a backup by hard links gave a second name from another file in its place.
func hasNote(path string) bool {
	note, err := readRegular(path, longestNote)
	if err != nil {
		return false
	}
	_, process := readNote(string(note))
	return len(note) == 0 || process > 0 && strings.HasPrefix(string(note), "run ")
}

func (l locks) release() error {
	var err error
	for _, lock := range l {
		err = errors.Join(err, lock.Unlock())
	}
	return err
}
