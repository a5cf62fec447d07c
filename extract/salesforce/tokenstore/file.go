package tokenstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	fileMode   = 0o600
	folderMode = 0o700
	othersBits = 0o077 // whatever group and world may do
)

// file is a vault in one file of a folder of its own, as ssh keeps its keys.
type file struct{ path string }

// String is the path.
func (f *file) String() string { return f.path }

func (f *file) spare() string { return f.path + ".next" }
func (f *file) mark() string  { return f.path + ".mark" }

// prepare makes the folder, or checks the one that is there.
func (f *file) prepare() error { return prepareFolder(filepath.Dir(f.path)) }

func prepareFolder(folder string) error {
	if err := os.MkdirAll(filepath.Dir(folder), folderMode); err != nil {
		return storage(folder, "create", err)
	}
	if err := os.Mkdir(folder, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return storage(folder, "create", err)
	}
	return checkFolder(folder)
}

// checkFolder refuses a folder in which somebody else could replace a file.
func checkFolder(folder string) error {
	info, err := os.Lstat(folder)
	switch {
	case err != nil:
		return storage(folder, "open", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return exposed(folder, "a symbolic link, which tokens are not kept behind", "put a folder in its place: rm "+folder)
	case !info.IsDir():
		return exposed(folder, "not a folder", "move it away: mv "+folder+" "+folder+".old")
	}
	return checkOwner(folder, info, folderMode)
}

// checkOwner refuses what another user owns or may open.
func checkOwner(path string, info fs.FileInfo, mode fs.FileMode) error {
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
		return exposed(path, fmt.Sprintf("it belongs to user %d, and crosswalk runs as user %d", owner.Uid, os.Geteuid()),
			fmt.Sprintf("run crosswalk as its owner, or: sudo chown %d %s", os.Geteuid(), path))
	}
	if info.Mode().Perm()&othersBits != 0 {
		return exposed(path, fmt.Sprintf("other users may open it (mode %#o)", info.Mode().Perm()),
			fmt.Sprintf("close it: chmod %o %s; if others use this machine, sign in again with `crosswalk connect`", mode, path))
	}
	return nil
}

func (f *file) read() ([]byte, error) {
	folder := filepath.Dir(f.path)
	if _, err := os.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil, missing(f.path)
	}
	if err := checkFolder(folder); err != nil {
		return nil, err
	}
	return readClosed(f.path)
}

// unfinished is what a write left in the spare file, also where it was not yet cut to its length. Whatever is wrong with
// that, it is no answer.
func (f *file) unfinished() []byte {
	text, err := readClosed(f.spare())
	if err != nil {
		return nil
	}
	return bytes.TrimRight(text, "\x00") // what is left of the room
}

// readClosed reads a file that nobody else may open.
func readClosed(path string) ([]byte, error) {
	// O_NONBLOCK, so that a pipe in its place does not block before it is refused.
	opened, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(path)
	case errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.EMLINK):
		return nil, exposed(path, "a symbolic link, which is never followed", "remove it: rm "+path+"; then sign in with `crosswalk connect`")
	case err != nil:
		return nil, exposed(path, "unreadable: "+errors.Unwrap(err).Error(), fmt.Sprintf("let its owner read it: chmod %o %s", fileMode, path))
	}
	defer func() { _ = opened.Close() }()
	if err := checkFile(path, opened); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(opened, longestText+1))
	if err != nil {
		return nil, storage(path, "read", err)
	}
	return bytes.TrimSpace(text), nil
}

func checkFile(path string, opened *os.File) error {
	info, err := opened.Stat()
	if err != nil {
		return storage(path, "stat", err)
	}
	if !info.Mode().IsRegular() {
		return exposed(path, "not a regular file", "move it away: mv "+path+" "+path+".old; then sign in with `crosswalk connect`")
	}
	return checkOwner(path, info, fileMode)
}

// room is more than an answer of Salesforce ever needs.
const room = longestText

// reserve fills the spare file, which the next write overwrites in place: a disk that fills up between the request and
// its answer must not cost the token.
func (f *file) reserve() error {
	spare, err := openSpare(f.spare())
	if err != nil {
		return storage(f.spare(), "create", err)
	}
	_, err = spare.Write(make([]byte, room))
	if err = errors.Join(err, spare.Sync(), spare.Close()); err != nil {
		_ = os.Remove(f.spare())
		return storage(f.spare(), "reserve", err)
	}
	return nil
}

func openSpare(path string) (*os.File, error) {
	opened, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, fileMode)
	if err != nil {
		return nil, err
	}
	if err := checkFile(path, opened); err != nil { // one that a crash left, or that somebody put there
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}

// begin reserves first: where the disk is full, nothing was sent yet. The text goes through a file of its own, since the
// room is for the answer.
func (f *file) begin(text []byte) error {
	if err := f.reserve(); err != nil {
		return err
	}
	if err := replace(f.path, f.mark(), text); err != nil {
		_, _ = os.Remove(f.spare()), os.Remove(f.mark())
		return storage(f.path, "save", err)
	}
	return nil
}

// write replaces the file in one step, through the spare file.
func (f *file) write(text []byte) error {
	if err := replace(f.path, f.spare(), text); err != nil {
		return storage(f.path, "save", err)
	}
	return nil
}

// replace writes text through a file beside path, durably at every step.
func replace(path, through string, text []byte) error {
	next, err := openSpare(through)
	if err != nil {
		return err
	}
	_, err = next.WriteAt(text, 0)
	err = errors.Join(err, next.Truncate(int64(len(text))))
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	if err := os.Rename(through, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(folder string) error {
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}

func (f *file) remove() error {
	var failed error
	for _, path := range []string{f.path, f.spare(), f.mark(), f.path + ".damaged"} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	if failed = errors.Join(failed, syncFolder(filepath.Dir(f.path))); failed != nil {
		return storage(f.path, "remove", failed)
	}
	return nil
}

func (f *file) setAside() (string, error) {
	aside := f.path + ".damaged"
	if err := os.Rename(f.path, aside); err != nil {
		return "", err
	}
	return aside, syncFolder(filepath.Dir(f.path))
}
