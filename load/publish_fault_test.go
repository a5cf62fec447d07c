package load

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// kernels are the file systems that publication meets: those that know renameat2's flags and those that do not.
var kernels = map[string]map[string]error{
	"renameat2": nil,
	"EINVAL":    {"rename new": unix.EINVAL, "exchange": unix.EINVAL},
	"ENOSYS":    {"rename new": unix.ENOSYS, "exchange": unix.ENOSYS},
	"no swap":   {"exchange": unix.EOPNOTSUPP},
}

// prepare makes an output directory with version 1, of monday or of the day before, and version 2 staged for monday.
func prepare(t testing.TB, replaces bool) (p publication, manifest []byte) {
	t.Helper()
	root := t.TempDir()
	if replaces {
		publishVersion(t, root, monday, "1")
	} else {
		publishVersion(t, root, sunday, "1")
	}
	staging, manifest := stage(t, root, "run-2", "2")
	return publication{root: root, staging: staging, partition: monday}, manifest
}

// eachPoint runs one publication for every operation it is made of, with a fault at that operation, on every kernel,
// for a new date and a replaced one. It returns how many points there were.
func eachPoint(t *testing.T, fault faulty, after func(t *testing.T, p publication, err error)) (points int) {
	t.Helper()
	for name, refuse := range kernels {
		for _, replaces := range []bool{false, true} {
			for at := 1; ; at++ {
				p, manifest := prepare(t, replaces)
				steps := 0
				fault.at, fault.steps, fault.refuse = at, &steps, refuse
				p.files = fault
				err := p.publish(t.Context(), manifest)
				if steps < at {
					if err != nil {
						t.Fatalf("%s: without a fault: %v", name, err)
					}
					break
				}
				points++
				t.Run(fmt.Sprintf("%s/replaces=%v/at=%d", name, replaces, at), func(t *testing.T) { after(t, p, err) })
			}
		}
	}
	return points
}

// settled checks that, after a sweep, readers see one whole version, and that the next run publishes as ever.
func settled(t *testing.T, p publication, want ...string) {
	t.Helper()
	if err := Sweep(t.Context(), p.root); err != nil {
		t.Fatalf("sweep: %v", err)
	}
	version := wantPublication(t, filepath.Join(p.root, latestLink), want...)
	names, err := Partitions(p.root)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, p.root, append([]string{latestLink}, names...)...)
	if version == "2" && names[len(names)-1] != monday {
		t.Fatalf("version 2 in %q", names)
	}
	publishVersion(t, p.root, monday, "3")
	wantPublication(t, filepath.Join(p.root, latestLink), "3")
}

// untouched checks that a publication that failed has left all as it was, but for what has a hidden name. Where the
// disk kept it from that, the error says what is there instead, and that is so.
func untouched(t *testing.T, p publication, err error) {
	t.Helper()
	failure := wantStorage(t, err)
	visible, absent := strings.Contains(err.Error(), monday+" is visible"), strings.Contains(err.Error(), monday+" is set aside")
	switch {
	case failure.Left == "":
		wantPublication(t, filepath.Join(p.root, latestLink), "1")
		names := slices.DeleteFunc(listNames(t, p.root), func(name string) bool { return strings.HasPrefix(name, ".") })
		target, _ := os.Readlink(filepath.Join(p.root, latestLink))
		if want := []string{latestLink, target}; !slices.Equal(names, want) {
			t.Errorf("%v: in the output directory: %q, want %q", err, names, want)
		}
	case visible:
		wantPublication(t, filepath.Join(p.root, monday), "2")
	case absent:
		if _, err := os.Lstat(filepath.Join(p.root, monday)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v, want the date to be absent", err)
		}
	default:
		t.Errorf("it does not say what is left: %v", err)
	}
}

// F142: only fsync fails, once or for ever, wherever it is asked for. All is as it was, and nothing is called published.
func TestF142SyncFails(t *testing.T) {
	t.Parallel()
	for _, forever := range []bool{false, true} {
		points := eachPoint(t, faulty{kind: "sync", err: unix.EIO, forever: forever}, func(t *testing.T, p publication, err error) {
			if err == nil {
				t.Fatal("called published")
			}
			if untouched(t, p, err); wantStorage(t, err).Left != "" {
				t.Errorf("not taken back: %v", err)
			}
			if err := discard(p.files, p.root, p.staging); forever && err == nil || !forever && err != nil {
				t.Errorf("discard: %v", err)
			}
			if forever {
				wantStorage(t, sweep(t.Context(), p.files, p.root)) // and removes nothing
				wantPublication(t, filepath.Join(p.root, latestLink), "1")
			}
			settled(t, p, "1")
		})
		t.Logf("failed syncs survived %d of %d", points, points)
	}
}

// The first publication of all is taken back to nothing, and a link of ours that led nowhere leads there again.
func TestTakenBackToWhatWasThere(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "run_date=2099-01-01"} {
		for at := 1; ; at++ {
			root, steps := t.TempDir(), 0
			if before != "" {
				if err := os.Symlink(before, filepath.Join(root, latestLink)); err != nil {
					t.Fatal(err)
				}
			}
			staging, manifest := stage(t, root, "run-1", "1")
			p := publication{files: faulty{kind: "sync", err: unix.EIO, at: at, steps: &steps}, root: root, staging: staging, partition: monday}
			err := p.publish(t.Context(), manifest)
			if steps < at {
				break
			}
			if wantStorage(t, err).Left != "" || Discard(root, staging) != nil {
				t.Fatalf("at %d: not taken back: %v", at, err)
			}
			if target, _ := os.Readlink(filepath.Join(root, latestLink)); target != before {
				t.Errorf("at %d: latest -> %q, was %q", at, target, before)
			}
			if left := listNames(t, root); len(left) > 1 || len(left) == 1 && (before == "" || left[0] != latestLink) {
				t.Errorf("at %d: left %q", at, left)
			}
		}
	}
}

// F141, F142, F152: an operation fails, once or from then on. What failed has left all as it was, or says what is there
// instead; or it has recovered.
func TestF141FailureAtEveryOperation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		err     error
		forever bool
	}{
		{"EIO once", unix.EIO, false},
		{"EIO for ever", unix.EIO, true},
		{"ENOSPC once", unix.ENOSPC, false},
		{"ENOSPC for ever", unix.ENOSPC, true},
	} {
		if testing.Short() && errors.Is(c.err, unix.ENOSPC) {
			continue
		}
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			points := eachPoint(t, faulty{err: c.err, forever: c.forever}, func(t *testing.T, p publication, err error) {
				if err == nil {
					wantPublication(t, filepath.Join(p.root, latestLink), "2")
					settled(t, p, "2")
					return
				}
				if failure := wantStorage(t, err); !errors.Is(failure, c.err) {
					t.Errorf("got %v, want %v inside", failure, c.err)
				}
				if untouched(t, p, err); !c.forever && wantStorage(t, err).Left != "" {
					t.Errorf("not taken back: %v", err)
				}
				settled(t, p, "1", "2")
			})
			t.Logf("failure points survived %d of %d", points, points)
		})
	}
}

// F139: the process dies before an operation. What it leaves is old or new for a reader at that very moment, but for
// the moment between two plain renames, and for certain after the next run's sweep.
func TestF139CrashAtEveryOperation(t *testing.T) {
	t.Parallel()
	points := eachPoint(t, faulty{err: errCrash, forever: true}, func(t *testing.T, p publication, err error) {
		if atomic := p.files.(faulty).refuse == nil; atomic {
			wantPublication(t, filepath.Join(p.root, latestLink), "1", "2")
		}
		settled(t, p, "1", "2")
	})
	t.Logf("crash points survived %d of %d", points, points)
}

// F140: the clean-up after a crash dies as well, at each of its operations.
func TestF140CrashDuringTheCleanUp(t *testing.T) {
	t.Parallel()
	points := 0
	for _, refuse := range []map[string]error{kernels["renameat2"], kernels["EINVAL"]} {
		for _, replaces := range []bool{false, true} {
			for first, more := 1, true; more; first++ {
				for second := 1; ; second++ {
					p, manifest := prepare(t, replaces)
					steps := 0
					p.files = faulty{at: first, forever: true, err: errCrash, steps: &steps, refuse: refuse}
					_ = p.publish(t.Context(), manifest)
					more = steps >= first
					steps = 0
					_ = sweep(t.Context(), faulty{at: second, forever: true, err: errCrash, steps: &steps}, p.root)
					if steps < second {
						break
					}
					points++
					if err := Sweep(t.Context(), p.root); err != nil {
						t.Fatalf("crash at %d, then at %d: %v", first, second, err)
					}
					wantPublication(t, filepath.Join(p.root, latestLink), "1", "2")
				}
				if testing.Short() {
					first += 4
				}
			}
		}
	}
	t.Logf("double crash points survived %d of %d", points, points)
}

// F145: without renameat2 a publication is replaced all the same and nothing is left over.
func TestF145FallbackWithoutExchange(t *testing.T) {
	t.Parallel()
	for name, refuse := range kernels {
		for _, replaces := range []bool{false, true} {
			p, manifest := prepare(t, replaces)
			steps := 0
			p.files = faulty{steps: &steps, refuse: refuse}
			if err := p.publish(t.Context(), manifest); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			wantPublication(t, filepath.Join(p.root, latestLink), "2")
			if replaces {
				wantNames(t, p.root, latestLink, monday)
			} else {
				wantNames(t, p.root, latestLink, sunday, monday)
			}
		}
	}
}
