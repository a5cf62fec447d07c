package erp

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"crosswalk/extract"
)

const readAhead = 256 << 10 // bytes asked of the file at a time

// snapshotFile is the open file: one descriptor for everything that is said about it, so that a path which changes
// its meaning meanwhile changes nothing. Every byte read in sequence goes into the digest.
type snapshotFile struct {
	ctx     context.Context // of the run: io.Reader leaves no other place for it
	plan    *plan
	file    *os.File
	before  fs.FileInfo
	digest  hash.Hash
	bytes   int64
	promise string // SHA-256 by the checksum file, lower case; "" without one
	text    *bufio.Reader
	glance  bool // no rows will be read, so finish does not read the file for its checksum
}

// openSnapshot opens a regular file without ever waiting for a writer, and holds its age against the limits.
func openSnapshot(ctx context.Context, plan *plan) (*snapshotFile, error) {
	file, err := os.OpenFile(plan.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, refusedOpen(plan, err)
	}
	info, err := file.Stat()
	if err == nil {
		err = acceptable(plan, info)
	}
	if err == nil {
		info, err = settled(ctx, plan, file, info)
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	snapshot := &snapshotFile{ctx: ctx, plan: plan, file: file, before: info, digest: sha256.New()}
	if snapshot.promise, err = readChecksum(plan); err != nil {
		snapshot.close()
		return nil, err
	}
	plan.final = plan.final && snapshot.promise == "" // the checksum proves the file whole, with or without a line end
	snapshot.text = bufio.NewReaderSize(snapshot, readAhead)
	return snapshot, nil
}

func refusedOpen(plan *plan, err error) *Error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err // the message names the file already
	}
	what, advice := "open", "look at "+plan.Path
	switch {
	case errors.Is(err, fs.ErrNotExist) && isLink(plan.Path):
		what, advice = "the symbolic link leads nowhere", "let the export write the file that "+plan.Path+" points to"
	case errors.Is(err, fs.ErrNotExist):
		advice = "look whether the export ran, and whether erp.source.path is " + plan.Path
	case errors.Is(err, fs.ErrPermission):
		what, advice = "no permission to read it", "let the user who runs crosswalk read "+plan.Path
	case errors.Is(err, syscall.ENXIO):
		return notRegular(plan)
	}
	return plan.caused(what, err, advice)
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func notRegular(plan *plan) *Error {
	return plan.problem("not a regular file", "erp.source.path must name a file, not a pipe, a socket or a device")
}

// acceptable judges what fstat says: the kind of file and its age.
func acceptable(plan *plan, info fs.FileInfo) error {
	age := plan.Now.Sub(info.ModTime())
	switch {
	case info.IsDir():
		return plan.problem("a directory", "set erp.source.path to the file itself")
	case !info.Mode().IsRegular():
		return notRegular(plan)
	case plan.MaxAge > 0 && age > plan.MaxAge:
		return plan.problem("last modified "+rounded(age)+" ago ("+info.ModTime().UTC().Format(time.RFC3339)+"), the limit is "+rounded(plan.MaxAge),
			"look whether the export ran, or raise erp.max_age")
	case plan.MaxAge > 0 && -age > mostAhead:
		return plan.problem("last modified in the future, on "+info.ModTime().UTC().Format(time.RFC3339)+", so its age tells nothing",
			"set the clock of the machine that exports, or of this one; or set erp.max_age to 0")
	}
	return namedLately(plan)
}

// mostAhead is what clocks and time zones may differ by.
const mostAhead = 26 * time.Hour

// rounded tells an age as people do: 49h12m, 3s.
func rounded(age time.Duration) string {
	if age >= time.Minute {
		text := age.Round(time.Minute).String()
		return text[:len(text)-len("0s")]
	}
	return age.Round(time.Second).String()
}

// Read gives the bytes in sequence. It stops when the context does.
func (s *snapshotFile) Read(p []byte) (int, error) {
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	n, err := s.file.Read(p)
	s.digest.Write(p[:n])
	s.bytes += int64(n)
	return n, err
}

// finish reads what is left, then holds size, time of modification and checksum against what was read.
func (s *snapshotFile) finish() error {
	if s.glance {
		return s.unchanged()
	}
	if _, err := io.Copy(io.Discard, s.text); err != nil {
		return s.failed(err)
	}
	if err := s.unchanged(); err != nil {
		return err
	}
	return s.keepsPromise()
}

func (s *snapshotFile) unchanged() error {
	after, err := s.file.Stat()
	if err != nil {
		return s.failed(err)
	}
	if after.Size() != s.before.Size() || !after.ModTime().Equal(s.before.ModTime()) || s.bytes > after.Size() {
		return s.plan.problem("the file changed while it was read ("+grouped(s.before.Size())+" bytes, now "+grouped(after.Size())+"): it is still being written",
			"run again when the export has ended; best the export writes under another name and renames")
	}
	return nil
}

func (s *snapshotFile) keepsPromise() error {
	if s.promise != "" && s.promise != s.sum() {
		return s.plan.problem("SHA-256 is "+s.sum()+", the checksum file says "+s.promise,
			"copy the file again, or write its checksum anew; one of the two is not of this export")
	}
	return nil
}

// blame prefers the deeper cause: a file that changes under the reader may break anywhere.
func (s *snapshotFile) blame(err error) error {
	if isRefusal(err) {
		if changed := s.unchanged(); changed != nil {
			return changed
		}
	}
	return err
}

// failed wraps an error of reading, but leaves a cancelled context what it is.
func (s *snapshotFile) failed(err error) error {
	if cause := context.Cause(s.ctx); cause != nil {
		return cause
	}
	return s.plan.caused("read", err, "look at the file system of "+s.plan.Path)
}

func (s *snapshotFile) sum() string { return hex.EncodeToString(s.digest.Sum(nil)) }

func (s *snapshotFile) close() { _ = s.file.Close() } // nothing was written

func (s *snapshotFile) snapshot(rows int64) extract.Snapshot {
	return extract.Snapshot{
		File:       filepath.Base(s.plan.Path),
		Bytes:      s.bytes,
		SHA256:     s.sum(),
		ModifiedAt: s.before.ModTime().UTC(),
		Rows:       rows,
	}
}
