package load

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// leave puts into root what a dead run may leave: a staging folder and a link.
func leave(t *testing.T, root string) {
	t.Helper()
	stage(t, root, "run-9", "9")
	if err := os.Symlink(monday, filepath.Join(root, linkPrefix+monday)); err != nil {
		t.Fatal(err)
	}
}

// Sweep makes the names in root durable before it removes anything and after it has removed all; where there is nothing
// to remove it writes nothing. No operation's failure is passed over, and the next Sweep does what is left.
func TestSweepAtEachOperation(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	publishVersion(t, root, monday, "1")
	syncs := 0
	if err := sweep(t.Context(), faulty{kind: "sync", steps: &syncs}, root); err != nil || syncs != 0 {
		t.Errorf("with nothing to sweep: %d syncs, %v", syncs, err)
	}
	leave(t, root)
	if err := sweep(t.Context(), faulty{kind: "sync", steps: &syncs}, root); err != nil || syncs != 2 {
		t.Errorf("with something to sweep: %d syncs, want 2, %v", syncs, err)
	}
	points := 0
	for at := 1; ; at++ {
		leave(t, root)
		steps := 0
		err := sweep(t.Context(), faulty{at: at, err: unix.EIO, steps: &steps}, root)
		if steps < at {
			if err != nil {
				t.Fatalf("without a fault: %v", err)
			}
			break
		}
		points++
		wantStorage(t, err)
		wantPublication(t, filepath.Join(root, latestLink), "1")
		if err := Sweep(t.Context(), root); err != nil {
			t.Errorf("after a failure at operation %d: %v", at, err)
		}
		wantNames(t, root, latestLink, monday)
	}
	if points < 10 {
		t.Errorf("%d operations", points)
	}
}

// What only has a name like ours, and is of another kind, is somebody else's.
func TestSweepLeavesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	publishVersion(t, root, monday, "1")
	names := []string{linkPrefix + "list", stagingPrefix + "note", replacedPrefix + monday}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, replacedPrefix+"folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Sweep(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	wantNames(t, root, names[0], replacedPrefix+"folder", names[2], names[1], latestLink, monday)
}
