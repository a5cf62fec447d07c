package extract_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"crosswalk/extract"
)

// TestStageErrors: a disk that cannot be read is no damaged stage, and worth another try.
func TestStageErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		op   string
		err  error
		code int
		hint string
	}{
		{"open", fs.ErrNotExist, 5, "nothing was recorded"},
		{"open", errors.New("unexpected end of JSON input"), 5, "is damaged"},
		{"open", fmt.Errorf("read: %w", syscall.EIO), 8, "look at the file system"},
		{"check", syscall.EMFILE, 8, "look at the file system"},
		{"write", syscall.ENOSPC, 8, "free some space"},
		{"sync", syscall.EIO, 8, "look at the file system"},
	} {
		failure := &extract.StageError{Op: c.op, Path: "stage.json", Err: c.err}
		if failure.ExitCode() != c.code || !strings.Contains(failure.Hint(), c.hint) {
			t.Errorf("%s: %v: exit code %d, hint %q; want %d, %q", c.op, c.err, failure.ExitCode(), failure.Hint(), c.code, c.hint)
		}
	}
}
