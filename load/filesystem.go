package load

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// fileSystem is the few operations that publication is made of, each one a step that may fail or be the last before
// a crash. Tests put a wrapper here that does both at every step.
type fileSystem interface {
	Mkdir(path string, perm fs.FileMode) error
	Create(path string, perm fs.FileMode) (writer, error) // must not exist
	Open(path string) (syncer, error)
	ReadDir(path string) ([]fs.DirEntry, error)
	Lstat(path string) (fs.FileInfo, error)
	Readlink(path string) (string, error)
	Symlink(target, path string) error
	Rename(from, to string) error
	RenameNew(from, to string) error // fails with fs.ErrExist where to exists
	Exchange(a, b string) error      // swaps two names in one step
	Remove(path string) error
}

type syncer interface {
	Sync() error
	Close() error
}

type writer interface {
	io.Writer
	syncer
}

// osFiles is the operating system's file system.
type osFiles struct{}

func (osFiles) Mkdir(path string, perm fs.FileMode) error { return os.Mkdir(path, perm) }
func (osFiles) Create(path string, perm fs.FileMode) (writer, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, perm)
}
func (osFiles) Open(path string) (syncer, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW, 0)
}
func (osFiles) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }
func (osFiles) Lstat(path string) (fs.FileInfo, error)     { return os.Lstat(path) }
func (osFiles) Readlink(path string) (string, error)       { return os.Readlink(path) }
func (osFiles) Symlink(target, path string) error          { return os.Symlink(target, path) }
func (osFiles) Rename(from, to string) error               { return os.Rename(from, to) }
func (osFiles) RenameNew(from, to string) error            { return renameNew(from, to) }
func (osFiles) Exchange(a, b string) error                 { return exchange(a, b) }
func (osFiles) Remove(path string) error                   { return os.Remove(path) }

// isUnsupported tells that the kernel or the file system does not know an operation, as NFS does not know the flags
// of renameat2.
func isUnsupported(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP)
}

// syncFile makes the content of a file durable. An error is final: after a failed fsync the kernel may have dropped
// the pages, so that a second one would succeed for nothing. Source: fsync(2), and the PostgreSQL project's findings
// on it, https://wiki.postgresql.org/wiki/Fsync_Errors
func syncFile(files fileSystem, path string) error {
	return syncOpened(files, path, func(error) bool { return false })
}

// syncDirectory makes the names in a directory durable. The path may be a link to it. Some file systems cannot and
// need not sync directories.
func syncDirectory(files fileSystem, path string) error {
	return syncOpened(files, path+"/.", isUnsupported)
}

func syncOpened(files fileSystem, path string, forgive func(error) bool) error {
	opened, err := files.Open(path)
	if err != nil {
		return storageError("open", path, err)
	}
	err = opened.Sync()
	if closed := opened.Close(); err == nil && closed != nil {
		return storageError("close", path, closed)
	}
	if err != nil && !forgive(err) {
		return storageError("sync", path, err)
	}
	return nil
}

// writeSynced writes a new file and makes its content durable, though not yet its name.
func writeSynced(files fileSystem, path string, content []byte) error {
	file, err := files.Create(path, 0o640)
	if err != nil {
		return storageError("create", path, err)
	}
	_, err = file.Write(content)
	if err != nil {
		_ = file.Close() // the write is what failed
		return Refused("write", path, int64(len(content)), err)
	}
	if err := file.Sync(); err != nil {
		_ = file.Close() // the sync is what failed
		return storageError("sync", path, err)
	}
	if err := file.Close(); err != nil {
		return storageError("close", path, err)
	}
	return nil
}

// removeTree removes a directory and all in it, first the named file where it has one. What is gone already is no
// error: two clean-ups in a row must both succeed.
func removeTree(files fileSystem, path, first string) error {
	entries, err := files.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return storageError("list", path, err)
	}
	if err := remove(files, path+"/"+first); err != nil {
		return err
	}
	for _, entry := range entries {
		inside := path + "/" + entry.Name()
		if entry.IsDir() {
			err = removeTree(files, inside, first)
		} else {
			err = remove(files, inside)
		}
		if err != nil {
			return err
		}
	}
	return remove(files, path)
}

func remove(files fileSystem, path string) error {
	if err := files.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storageError("remove", path, err)
	}
	return nil
}
