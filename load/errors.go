package load

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/duckdb/duckdb-go/v2"
	"golang.org/x/sys/unix"
)

const (
	exitGuard   = 6
	exitStorage = 8
)

// Error is a storage that refused: the operation, the path, the cause. Needed and Free are bytes, set where the disk is
// full and they are known. Left says what a publication left that the disk did not let be taken back; it is empty where
// everything is as it was.
type Error struct {
	Op, Path     string
	Needed, Free int64
	Left         string
	Err          error
}

// Error names the operation and the path, the bytes where the disk is full, and what is left.
func (e *Error) Error() string {
	text := fmt.Sprintf("storage: %s %s: %v", e.Op, e.Path, e.Err)
	if e.isFull() && e.Needed > 0 {
		text += fmt.Sprintf(" (about %d bytes needed, %d free)", e.Needed, e.Free)
	}
	if e.Left != "" {
		text += "; " + e.Left
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode is 8: storage.
func (e *Error) ExitCode() int { return exitStorage }

// Hint says what to do about the cause.
func (e *Error) Hint() string {
	if e.Left != "" {
		return "mend the disk, then rerun the date: it publishes the same again and confirms it"
	}
	switch cause, _ := errnoOf(e.Err); cause {
	case unix.ENOSPC, unix.EDQUOT:
		return "free space on the output's file system or raise its quota, then rerun; the last publication is untouched"
	case unix.EACCES, unix.EPERM:
		return "give the user of the job write permission on the output directory, then rerun"
	case unix.EROFS:
		return "the output directory is on a read-only file system: remount it or choose another in output.directory"
	case unix.EXDEV:
		return "the output directory and its partitions must be on one file system: remove the mount inside it"
	case unix.EIO:
		return "the disk reported an error: check the system log before the next run"
	case unix.ENOENT:
		return "something removed files of the run while it worked: look for a clean-up job on the output directory, then rerun"
	}
	var database *duckdb.Error
	if errors.As(e.Err, &database) && database.Type == duckdb.ErrorTypeOutOfMemory {
		return "raise limits.memory, or make room in limits.temp_directory, then rerun"
	}
	return "check the output directory, then rerun; the last publication is untouched"
}

func (e *Error) isFull() bool {
	errno, _ := errnoOf(e.Err)
	return errno == unix.ENOSPC || errno == unix.EDQUOT
}

// storageError wraps the refusal of an operation on a path.
func storageError(op, path string, err error) *Error {
	failure := &Error{Op: op, Path: path, Err: err}
	if failure.isFull() {
		failure.Free = freeBytes(path)
	}
	return failure
}

// Refused is the error of an operation on a path of the output that needed so many bytes.
func Refused(op, path string, needed int64, err error) *Error {
	failure := storageError(op, path, err)
	failure.Needed = needed
	return failure
}

// freeBytes is what an unprivileged user may still write where path is; 0 where it cannot be told.
func freeBytes(path string) int64 {
	var stat unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(path), &stat); err != nil {
		return 0
	}
	return int64(stat.Bavail) * int64(stat.Bsize) //nolint:unconvert // narrower on other systems
}

// databaseError tells a storage that refused from a statement that is wrong. The first is an *Error; the second is
// left untyped: it is a bug or a configuration, which the caller knows better.
func databaseError(ctx context.Context, op, subject string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var database *duckdb.Error
	if errors.As(err, &database) {
		switch database.Type {
		case duckdb.ErrorTypeIO, duckdb.ErrorTypeOutOfMemory:
			return storageError(op, subject, err)
		case duckdb.ErrorTypeConversion, duckdb.ErrorTypeInvalidInput, duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeMismatchType:
			// DuckDB quotes the value in these messages, and a value is a record's content.
			return fmt.Errorf("%s %s: a value was refused by the statement that makes the table (DuckDB error type %d)", op, subject, database.Type)
		}
	}
	if _, ok := errnoOf(err); ok {
		return storageError(op, subject, err)
	}
	return fmt.Errorf("%s %s: %w", op, subject, err)
}

// namedErrnos are the refusals that DuckDB passes on only as text.
var namedErrnos = []syscall.Errno{unix.ENOSPC, unix.EDQUOT, unix.EACCES, unix.EROFS, unix.ENOENT, unix.EIO, unix.EFBIG, unix.EMFILE}

// errnoOf finds the system's reason in an error, also where DuckDB has only kept its text.
func errnoOf(err error) (syscall.Errno, bool) {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno, true
	}
	var database *duckdb.Error
	if !errors.As(err, &database) {
		return 0, false
	}
	text := strings.ToLower(database.Msg)
	for _, named := range namedErrnos {
		if strings.Contains(text, named.Error()) {
			return named, true
		}
	}
	return 0, false
}

// VerifyError is a file that is not what the manifest, or the table it was written from, says. File is relative to
// the partition. Problem never holds a value of the data.
type VerifyError struct {
	File    string
	Problem string
	Err     error
}

// Error names the file and what is wrong with it.
func (e *VerifyError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("verify: %s: %s: %v", e.File, e.Problem, e.Err)
	}
	return fmt.Sprintf("verify: %s: %s", e.File, e.Problem)
}

// Unwrap gives the cause, where a reader reported one.
func (e *VerifyError) Unwrap() error { return e.Err }

// ExitCode is 6: what is there must not be used; 8 where the disk refused to give it.
func (e *VerifyError) ExitCode() int {
	if e.isDisk() {
		return exitStorage
	}
	return exitGuard
}

// Hint says what to do.
func (e *VerifyError) Hint() string {
	if e.isDisk() {
		return "the disk refused to read what was written: check the system log, then rerun"
	}
	return "do not load this file; rerun the date, and if it happens again check the disk and who else writes to the output directory"
}

func (e *VerifyError) isDisk() bool {
	errno, found := errnoOf(e.Err)
	return found && errno != unix.ENOENT
}
