package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLockFile: a lock that is a link, a second name of a file, a pipe or a folder is nobody's lock. What it leads to stays as it was.
func TestLockFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	other := filepath.Join(folder, "precious")
	if err := os.WriteFile(other, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, plant := range map[string]func(path string) error{
		"link":   func(path string) error { return os.Symlink(other, path) },
		"name":   func(path string) error { return os.Link(other, path) },
		"pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			below := filepath.Join(folder, name)
			if err := errors.Join(os.Mkdir(below, 0o700), plant(filepath.Join(below, lockFile))); err != nil {
				t.Fatal(err)
			}
			_, err := lockFolders(t.Context(), "run", below)
			var refused *StorageError
			if !errors.As(err, &refused) {
				t.Errorf("got %v, want a *StorageError", err)
			} else if name == "name" && !strings.Contains(refused.Hint(), "remove "+refused.Path) {
				t.Errorf("hint %q", refused.Hint())
			}
			if text, err := os.ReadFile(other); err != nil || string(text) != "precious" {
				t.Errorf("the file beside holds %q, %v", text, err)
			}
		})
	}
}

// TestLockOfStopped: a run that was stopped before it had the lock was stopped, whoever's name the lock file still holds.
func TestLockOfStopped(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	held, err := lockFolders(t.Context(), "20261123T020000Z-1f0c9a2e", folder)
	if err := errors.Join(err, held.release()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(&InterruptedError{Name: "SIGTERM", Signal: int(syscall.SIGTERM)})
	if _, err := lockFolders(ctx, "20261123T020001Z-1f0c9a2e", folder); ExitCode(err) != 143 {
		t.Errorf("exit code %d: %v", ExitCode(err), err)
	}
}

// TestLockFileInBackup: a backup that gives every file a second name does not keep the next run from its lock.
func TestLockFileInBackup(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, runID := range []string{"20261122T010203Z-00000000", "discover 20261122T010203Z-00000000"} {
		held, err := lockFolders(t.Context(), runID, folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(held.release(), os.Link(filepath.Join(folder, lockFile), filepath.Join(folder, "backup of "+runID))); err != nil {
			t.Fatal(err)
		}
	}
	held, err := lockFolders(t.Context(), "run", folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := held.release(); err != nil {
		t.Fatal(err)
	}
}
