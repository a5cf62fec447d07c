package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// mountSmall mounts an empty file system of a number of KiB, which a test may fill up.
func mountSmall(t *testing.T, kilobytes int) string {
	t.Helper()
	if unix.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// F143: a disk of any size that is too small ends in a storage error that tells the bytes, and the next run on a
// larger one leaves nothing behind.
func TestF143DiskFullWhileWriting(t *testing.T) {
	t.Parallel()
	const needed = 2400 // KiB of Parquet and CSV
	full := 0
	for kilobytes := 4; kilobytes < needed; kilobytes += 400 {
		root := mountSmall(t, kilobytes)
		staging, err := NewStaging(root, "run-1")
		if err != nil {
			t.Fatal(err)
		}
		db := openDatabase(t, root, 2, contactsTable(10_000))
		_, err = Write(t.Context(), db, []Table{contacts}, Options{Directory: staging, Formats: []string{Parquet, CSV}})
		if err == nil {
			continue
		}
		full++
		failure := wantStorage(t, err)
		if !failure.isFull() || failure.Needed < 1<<20 || failure.Free > int64(kilobytes)<<10 {
			t.Errorf("%d KiB: %v: needed %d, free %d", kilobytes, err, failure.Needed, failure.Free)
		}
		if err := Sweep(t.Context(), root); err != nil || len(listNames(t, root)) != 0 {
			t.Errorf("%d KiB: sweep: %v, left %q", kilobytes, err, listNames(t, root))
		}
	}
	if full < 3 {
		t.Errorf("only %d disks were too small", full)
	}
	t.Logf("full disks survived %d of %d", full, full)
}

// F143: the same for publication, with a manifest that does not fit.
func TestF143DiskFullAtTheManifest(t *testing.T) {
	t.Parallel()
	root := mountSmall(t, 64)
	publishVersion(t, root, monday, "1")
	staging, _ := stage(t, root, "run-2", "2")
	failure := wantStorage(t, Publish(t.Context(), root, staging, monday, make([]byte, 1<<20)))
	if !errors.Is(failure, unix.ENOSPC) || failure.Needed != 1<<20 {
		t.Errorf("got %v, needed %d", failure, failure.Needed)
	}
	wantPublication(t, filepath.Join(root, latestLink), "1")
	publishVersionAfterSweep(t, root)
}

func publishVersionAfterSweep(t *testing.T, root string) {
	t.Helper()
	if err := Sweep(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	publishVersion(t, root, monday, "3")
	wantPublication(t, filepath.Join(root, latestLink), "3")
	wantNames(t, root, latestLink, monday)
}

// F148: the file system turns read-only, and the staging folder is removed, while the run works.
func TestF148OutputDirectoryTakenAway(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why  string
		take func(root, staging string) error
		back func(root string) error
	}{
		{"read-only", func(root, _ string) error { return unix.Mount("", root, "", unix.MS_REMOUNT|unix.MS_RDONLY, "") },
			func(root string) error { return unix.Mount("", root, "", unix.MS_REMOUNT, "") }},
		{"removed", func(_, staging string) error { return os.RemoveAll(staging) }, func(string) error { return nil }},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			root := mountSmall(t, 4096)
			publishVersion(t, root, monday, "1")
			staging, manifest := stage(t, root, "run-2", "2")
			db := openDatabase(t, root, 1, pearls)
			if err := c.take(root, staging); err != nil {
				t.Skipf("%s: %v", c.why, err)
			}
			_, err := Write(t.Context(), db, []Table{pearlsTable}, Options{Directory: staging, Formats: []string{Parquet}})
			wantStorage(t, err)
			t.Logf("write: %v", err)
			wantStorage(t, Publish(t.Context(), root, staging, monday, manifest))
			if err := c.back(root); err != nil {
				t.Fatal(err)
			}
			wantPublication(t, filepath.Join(root, latestLink), "1")
			publishVersionAfterSweep(t, root)
		})
	}
}

// F168: whatever the umask was when DuckDB made a file, what is published is closed to the world.
func TestF168LooseModesAreTightened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	loosen := func(path string) error { return os.Chmod(path, 0o666) }
	db := tampering{openDatabase(t, dir, 1, pearls), "", loosen}
	mustWrite(t, db, Options{Directory: dir, Formats: []string{Parquet, CSV}}, pearlsTable)
	for _, name := range listNames(t, dir) {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: mode %v, error %v, want 0640", name, info.Mode(), err)
		}
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	seen := map[string]error{}
	for _, cause := range []error{unix.ENOSPC, unix.EACCES, unix.EROFS, unix.EXDEV, unix.EIO, unix.ENOENT, errors.New("other")} {
		failure := wantStorage(t, storageError("write", "/nowhere/x", fmt.Errorf("wrapped: %w", cause)))
		if before, ok := seen[failure.Hint()]; ok {
			t.Errorf("%v and %v have one hint", before, cause)
		}
		seen[failure.Hint()] = cause
	}
}

// A file that the disk does not give is no file that is wrong.
func TestVerifyErrorOfTheDisk(t *testing.T) {
	t.Parallel()
	wrong, gone := &VerifyError{File: "x.csv", Problem: "is not the CSV that was written"}, &VerifyError{File: "x.csv", Problem: "cannot be read", Err: unix.ENOENT}
	refused := &VerifyError{File: "x.csv", Problem: "cannot be read", Err: fmt.Errorf("read: %w", unix.EIO)}
	if wrong.ExitCode() != 6 || gone.ExitCode() != 6 || refused.ExitCode() != 8 || refused.Hint() == wrong.Hint() {
		t.Errorf("exit codes %d, %d, %d; hints %q, %q", wrong.ExitCode(), gone.ExitCode(), refused.ExitCode(), wrong.Hint(), refused.Hint())
	}
}
