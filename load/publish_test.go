package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/conc"
	"golang.org/x/sys/unix"
)

// testManifest is enough of a manifest to tell whether a publication is whole and of one piece.
type testManifest struct {
	Version string            `json:"version"`
	Files   map[string]string `json:"files"` // name -> SHA-256
}

// stage fills a staging folder with two files of a version and makes its manifest.
func stage(t testing.TB, root, runID, version string) (staging string, manifest []byte) {
	t.Helper()
	staging, err := NewStaging(root, runID)
	if err != nil {
		t.Fatal(err)
	}
	content := testManifest{Version: version, Files: map[string]string{}}
	for _, name := range []string{"links.parquet", "links.csv"} {
		data := []byte(name + " of version " + version)
		if err := os.WriteFile(filepath.Join(staging, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		content.Files[name] = hex.EncodeToString(sum[:])
	}
	manifest, err = json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return staging, manifest
}

func publishVersion(t testing.TB, root, partition, version string) {
	t.Helper()
	staging, manifest := stage(t, root, "run-"+version, version)
	if err := Publish(t.Context(), root, staging, partition, manifest); err != nil {
		t.Fatal(err)
	}
}

// readPublication reads as a consumer should: the folder is opened once and every file is read relative to it. An
// fs.ErrNotExist says that the folder went away meanwhile, or is not there.
func readPublication(path string) (version string, err error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return "", err
	}
	defer root.Close()
	read := func(name string) ([]byte, error) {
		file, err := root.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return io.ReadAll(file)
	}
	data, err := read(manifestFile)
	if err != nil {
		return "", err
	}
	var manifest testManifest
	if err := json.Unmarshal(data, &manifest); err != nil {
		return "", err
	}
	for name, want := range manifest.Files {
		data, err := read(name)
		if err != nil {
			return "", err
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			return "", fmt.Errorf("version %s: %s is torn", manifest.Version, name)
		}
	}
	return manifest.Version, nil
}

func wantPublication(t testing.TB, path string, want ...string) string {
	t.Helper()
	version, err := readPublication(path)
	if err != nil || !slices.Contains(want, version) {
		t.Fatalf("%s: version %q, error %v; want one of %q", filepath.Base(path), version, err, want)
	}
	return version
}

func wantNames(t testing.TB, root string, want ...string) {
	t.Helper()
	if got := listNames(t, root); !slices.Equal(got, want) {
		t.Fatalf("in the output directory: %q, want %q", got, want)
	}
}

const (
	sunday = "run_date=2026-11-22"
	monday = "run_date=2026-11-23"
)

func TestPublish(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "deep", "out")
	publishVersion(t, root, sunday, "1")
	wantPublication(t, filepath.Join(root, latestLink), "1")
	publishVersion(t, root, monday, "2")
	wantPublication(t, filepath.Join(root, latestLink), "2")
	publishVersion(t, root, monday, "3")
	wantPublication(t, filepath.Join(root, latestLink), "3")
	publishVersion(t, root, sunday, "4")
	wantPublication(t, filepath.Join(root, sunday), "4")
	wantPublication(t, filepath.Join(root, latestLink), "3") // a backfill does not move it back
	wantNames(t, root, latestLink, sunday, monday)
	wantNames(t, filepath.Join(root, monday), "links.csv", "links.parquet", manifestFile)
	if target, err := os.Readlink(filepath.Join(root, latestLink)); err != nil || target != monday {
		t.Errorf("latest -> %q, error %v; want the relative name %q", target, err, monday)
	}
	if name, err := Latest(root); err != nil || name != monday {
		t.Errorf("Latest: %q, %v", name, err)
	}
	if names, err := Partitions(root); err != nil || !slices.Equal(names, []string{sunday, monday}) {
		t.Errorf("Partitions: %q, %v", names, err)
	}
}

func TestNothingPublishedYet(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "out")
	name, err := Latest(root)
	names, errNames := Partitions(root)
	if name != "" || len(names) != 0 || errors.Join(err, errNames, Sweep(t.Context(), root)) != nil {
		t.Errorf("latest %q, partitions %q, errors %v %v", name, names, err, errNames)
	}
	wantNames(t, filepath.Dir(root))
}

func TestOutputDirectoryMayBeALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := filepath.Join(dir, "out")
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "volume"), 0o700), os.Symlink("volume", root)); err != nil {
		t.Fatal(err)
	}
	publishVersion(t, root, monday, "1")
	publishVersion(t, root, monday, "2")
	wantPublication(t, filepath.Join(root, latestLink), "2")
}

func TestPublishRefusesNames(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	staging, manifest := stage(t, root, "run-1", "1")
	for _, partition := range []string{"", "2026-11-23", "run_date=2026-11-23/..", "../run_date=2026-11-23", "run_date=2026-11-2x", "latest"} {
		if err := Publish(t.Context(), root, staging, partition, manifest); err == nil {
			t.Errorf("partition %q: accepted", partition)
		}
	}
	for _, elsewhere := range []string{t.TempDir(), root, filepath.Join(root, "run-1"), filepath.Join(staging, ".staging-x")} {
		if err := Publish(t.Context(), root, elsewhere, monday, manifest); err == nil {
			t.Errorf("staging %q: accepted", elsewhere)
		}
	}
	for _, runID := range []string{"", "../x", "a/b", "a\x00", "a\nb", strings.Repeat("x", 65)} {
		if _, err := NewStaging(root, runID); err == nil {
			t.Errorf("run id %q: accepted", runID)
		}
	}
	wantNames(t, root, ".staging-run-1")
	wantNames(t, staging, "links.csv", "links.parquet")
}

// F147: what is not ours is not touched, and nothing else is changed before it is noticed.
func TestF147LatestIsNotOurs(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	cases := []struct {
		why     string
		prepare func(path string) error
		ours    bool
	}{
		{"a real directory", func(path string) error { return os.Mkdir(path, 0o700) }, false},
		{"a file", func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) }, false},
		{"a link out of the output directory", func(path string) error { return os.Symlink(outside, path) }, false},
		{"a link to a partition elsewhere", func(path string) error { return os.Symlink(filepath.Join(outside, sunday), path) }, false},
		{"a link above", func(path string) error { return os.Symlink("../"+sunday, path) }, false},
		{"a dangling link to a partition", func(path string) error { return os.Symlink("run_date=2020-01-01", path) }, true},
		{"a dangling link to a later partition", func(path string) error { return os.Symlink("run_date=2099-01-01", path) }, true},
		{"an absolute link to a partition", func(path string) error { return os.Symlink(filepath.Join(filepath.Dir(path), sunday), path) }, true},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			link := filepath.Join(root, latestLink)
			if err := c.prepare(link); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Readlink(link)
			staging, manifest := stage(t, root, "run-1", "1")
			err := Publish(t.Context(), root, staging, monday, manifest)
			if c.ours {
				if err != nil {
					t.Fatal(err)
				}
				wantPublication(t, link, "1")
				return
			}
			wantStorage(t, err)
			wantStorage(t, Sweep(t.Context(), root))
			_, err = Latest(root)
			wantStorage(t, err)
			if after, _ := os.Readlink(link); after != before {
				t.Errorf("latest -> %q, was %q", after, before)
			}
			wantNames(t, root, ".staging-run-1", latestLink)
			wantNames(t, staging, "links.csv", "links.parquet")
		})
	}
}

func wantStorage(t testing.TB, err error) *Error {
	t.Helper()
	var storage *Error
	if !errors.As(err, &storage) {
		t.Fatalf("got %v, want a *Error", err)
	}
	if storage.ExitCode() != 8 || storage.Hint() == "" || storage.Op == "" || storage.Path == "" {
		t.Errorf("incomplete: %+v", storage)
	}
	return storage
}

func TestPartitionIsNotADirectory(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(root, monday)); err != nil {
		t.Fatal(err)
	}
	staging, manifest := stage(t, root, "run-1", "1")
	wantStorage(t, Publish(t.Context(), root, staging, monday, manifest))
	wantNames(t, root, ".staging-run-1", monday)
}

// What somebody else put where the date goes is not ours to remove; what is empty, or a publication, is.
func TestDateOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, file string
		ours      bool
	}{
		{"files of another program", "part-0000.parquet", false},
		{"a publication without its manifest", "links.csv", false},
		{"a folder", "archive/", false},
		{"nothing", "", true},
		{"a publication", manifestFile, true},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			folder, file := filepath.Split(filepath.Join(root, monday) + "/" + c.file)
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if file != "" {
				if err := os.WriteFile(folder+file, []byte("{}"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			staging, manifest := stage(t, root, "run-1", "1")
			err := Replaceable(root, monday)
			if c.ours {
				if err := errors.Join(err, Publish(t.Context(), root, staging, monday, manifest)); err != nil {
					t.Fatal(err)
				}
				wantPublication(t, filepath.Join(root, monday), "1")
				return
			}
			wantStorage(t, err)
			wantStorage(t, Publish(t.Context(), root, staging, monday, manifest))
			wantNames(t, filepath.Join(root, monday), strings.TrimSuffix(c.file, "/"))
		})
	}
	if err := Replaceable(t.TempDir(), monday); err != nil {
		t.Errorf("a date that is not there: %v", err)
	}
}

func TestPublishStopsBeforeTheStep(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	publishVersion(t, root, monday, "1")
	staging, manifest := stage(t, root, "run-2", "2")
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := Publish(ctx, root, staging, monday, manifest); !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
	wantPublication(t, filepath.Join(root, latestLink), "1")
}

// A folder made by hand or by a run that did not finish is no publication, however late its date.
func TestLatestPassesOverFoldersWithoutManifest(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "run_date=2099-01-01"), 0o700); err != nil {
		t.Fatal(err)
	}
	publishVersion(t, root, monday, "1")
	wantPublication(t, filepath.Join(root, latestLink), "1")
}

// F144: an output directory that is a mount point inside another is refused with a hint, here for a partition.
func TestF144PartitionOnAnotherFileSystem(t *testing.T) {
	t.Parallel()
	if unix.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	root := t.TempDir()
	mounted := filepath.Join(root, monday)
	if err := os.Mkdir(mounted, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", mounted, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(mounted, unix.MNT_DETACH) })
	staging, manifest := stage(t, root, "run-1", "1")
	err := wantStorage(t, Publish(t.Context(), root, staging, monday, manifest))
	if !errors.Is(err, unix.EXDEV) || !strings.Contains(err.Hint(), "one file system") {
		t.Errorf("got %v, hint %q", err, err.Hint())
	}
}

// F150: a reader that polls all the time, during 1,000 publications of one date, never sees a torn one.
func TestF150ReaderDuringPublications(t *testing.T) {
	t.Parallel()
	publications := 1000
	if testing.Short() {
		publications = 50
	}
	root := t.TempDir()
	publishVersion(t, root, monday, "0")
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	var reads, again, torn int
	var readers conc.WaitGroup
	readers.Go(func() {
		for ctx.Err() == nil {
			_, err := readPublication(filepath.Join(root, latestLink))
			switch {
			case err == nil:
				reads++
			case errors.Is(err, fs.ErrNotExist):
				again++
			default:
				torn++
				t.Error(err)
			}
		}
	})
	for i := range publications {
		publishVersion(t, root, []string{monday, "run_date=2026-11-24"}[i%2], fmt.Sprint(i+1))
	}
	stop()
	readers.Wait()
	t.Logf("%d publications, %d whole reads, %d reads begun again, %d torn", publications, reads, again, torn)
	if reads < publications/10 {
		t.Errorf("only %d whole reads", reads)
	}
}
