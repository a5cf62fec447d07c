package load

import (
	"errors"
	"io/fs"
)

// errCrash is what every operation of a process that is no more would give.
var errCrash = errors.New("the process died")

// faulty is the operating system's file system with a fault at the n-th operation, counted from 1: that one fails, or
// that one and every later one, or the process dies before it.
type faulty struct {
	osFiles
	at      int
	kind    string // where set, only operations of this name are counted and fail
	forever bool
	err     error
	steps   *int
	refuse  map[string]error // operations that the kernel does not know
}

func (f faulty) step(operation string) error {
	if f.kind != "" && f.kind != operation {
		return f.refuse[operation]
	}
	*f.steps++
	if err := f.refuse[operation]; err != nil {
		return err
	}
	if *f.steps == f.at || f.forever && f.at > 0 && *f.steps > f.at {
		return f.err
	}
	return nil
}

func do[T any](f faulty, operation string, run func() (T, error)) (T, error) {
	if err := f.step(operation); err != nil {
		var none T
		return none, &fs.PathError{Op: operation, Path: "injected", Err: err}
	}
	return run()
}

func (f faulty) only(operation string, run func() error) error {
	_, err := do(f, operation, func() (struct{}, error) { return struct{}{}, run() })
	return err
}

func (f faulty) Mkdir(path string, perm fs.FileMode) error {
	return f.only("mkdir", func() error { return f.osFiles.Mkdir(path, perm) })
}

func (f faulty) Create(path string, perm fs.FileMode) (writer, error) {
	return do(f, "create", func() (writer, error) {
		file, err := f.osFiles.Create(path, perm)
		return faultyFile{f, file, file}, err
	})
}

func (f faulty) Open(path string) (syncer, error) {
	return do(f, "open", func() (syncer, error) {
		file, err := f.osFiles.Open(path)
		return faultyFile{f, file, nil}, err
	})
}

func (f faulty) ReadDir(path string) ([]fs.DirEntry, error) {
	return do(f, "readdir", func() ([]fs.DirEntry, error) { return f.osFiles.ReadDir(path) })
}

func (f faulty) Lstat(path string) (fs.FileInfo, error) {
	return do(f, "lstat", func() (fs.FileInfo, error) { return f.osFiles.Lstat(path) })
}

func (f faulty) Readlink(path string) (string, error) {
	return do(f, "readlink", func() (string, error) { return f.osFiles.Readlink(path) })
}

func (f faulty) Symlink(target, path string) error {
	return f.only("symlink", func() error { return f.osFiles.Symlink(target, path) })
}

func (f faulty) Rename(from, to string) error {
	return f.only("rename", func() error { return f.osFiles.Rename(from, to) })
}

func (f faulty) RenameNew(from, to string) error {
	return f.only("rename new", func() error { return f.osFiles.RenameNew(from, to) })
}

func (f faulty) Exchange(a, b string) error {
	return f.only("exchange", func() error { return f.osFiles.Exchange(a, b) })
}

func (f faulty) Remove(path string) error {
	return f.only("remove", func() error { return f.osFiles.Remove(path) })
}

// faultyFile counts its operations with those of its file system.
type faultyFile struct {
	files faulty
	syncer
	content writer
}

// Write fails half way, as a disk that fills up does.
func (f faultyFile) Write(p []byte) (int, error) {
	if err := f.files.step("write"); err != nil {
		n, _ := f.content.Write(p[:len(p)/2])
		return n, &fs.PathError{Op: "write", Path: "injected", Err: err}
	}
	return f.content.Write(p)
}

func (f faultyFile) Sync() error { return f.files.only("sync", f.syncer.Sync) }

// Close always closes: a dead process holds no file either.
func (f faultyFile) Close() error {
	err := f.files.step("close")
	return errors.Join(f.syncer.Close(), err)
}
