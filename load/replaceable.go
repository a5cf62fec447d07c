package load

import (
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

var (
	errNotDirectory = errors.New("is not a directory: move it away")
	errNotPublished = errors.New("holds files and no manifest.json, so it is no publication of ours to replace: move it away")
)

// Replaceable tells, before any work is done for it, whether root/partition may become a publication: that it is not
// there, is empty, or is a publication itself, on the file system of root. A publication has its manifest before it has
// its name and loses it after, so a folder with files and without one is somebody else's. Errors: *Error.
func Replaceable(root, partition string) error { return replaceable(osFiles{}, root, partition) }

func replaceable(files fileSystem, root, partition string) error {
	target := filepath.Join(root, partition)
	err := besideIt(files, root, target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return published(files, target)
}

// besideIt refuses a path that is no directory on the file system of root.
func besideIt(files fileSystem, root, path string) error {
	device, err := deviceOf(files, path)
	if err != nil {
		return err
	}
	beside, err := deviceOf(files, root+"/.") // the output directory itself may be a symbolic link
	if err == nil && beside != device {
		err = storageError("publish", path, unix.EXDEV)
	}
	return err
}

// published refuses a folder with files that is no publication.
func published(files fileSystem, target string) error {
	_, err := files.Lstat(filepath.Join(target, manifestFile))
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return storageError("stat", target, err)
	}
	entries, err := files.ReadDir(target)
	if err != nil {
		return storageError("list", target, err)
	}
	if len(entries) > 0 {
		return storageError("publish", target, errNotPublished)
	}
	return nil
}

// deviceOf is the file system that a directory is on.
func deviceOf(files fileSystem, path string) (uint64, error) {
	info, err := files.Lstat(path)
	if err != nil {
		return 0, storageError("stat", path, err)
	}
	if !info.IsDir() {
		return 0, storageError("publish", path, errNotDirectory)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, nil
	}
	return uint64(stat.Dev), nil //nolint:unconvert // narrower on other systems
}
