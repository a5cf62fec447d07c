//go:build !linux

package load

import "golang.org/x/sys/unix"

// renameNew and exchange are not offered here: publication falls back to plain renames.
func renameNew(string, string) error { return unix.ENOSYS }

func exchange(string, string) error { return unix.ENOSYS }
