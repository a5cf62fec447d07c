package load

import (
	"os"

	"golang.org/x/sys/unix"
)

// renameNew renames only where the new name is free. Source: renameat2(2).
func renameNew(from, to string) error {
	return linkError(from, to, unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE))
}

// exchange swaps two names in one step, which no reader can see half done. Source: renameat2(2).
func exchange(a, b string) error {
	return linkError(a, b, unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE))
}

func linkError(from, to string, err error) error {
	if err == nil {
		return nil
	}
	return &os.LinkError{Op: "renameat2", Old: from, New: to, Err: err}
}
