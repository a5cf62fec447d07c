package faults

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// reader polls the newest publication while a run is under way, as a consumer of it would.
type reader struct {
	w        *world
	quit     chan struct{}
	done     chan struct{}
	began    time.Time
	looks    int
	problems []string
	held     map[string]bool   // publications, as their files stood, that hold
	seen     map[string]string // what a file outside of staging is, by its number on the disk
}

// pollEvery is how long the reader rests between two looks.
const pollEvery = time.Millisecond

// watch begins to poll.
func (w *world) watch() *reader {
	r := &reader{w: w, began: time.Now(), quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(r.done)
		tick := time.NewTicker(pollEvery)
		defer tick.Stop()
		for {
			select {
			case <-r.quit:
				return
			case <-tick.C:
				if !w.blind.Load() {
					r.look()
				}
			}
		}
	}()
	return r
}

// stop ends it. I4: no look showed a publication that does not hold.
func (r *reader) stop() {
	r.w.v.t.Helper()
	close(r.quit)
	<-r.done
	if len(r.problems) > 0 {
		r.w.v.errorf("I4: %d of %d looks: %s", len(r.problems), r.looks, r.problems[0])
	}
	if _, err := os.Stat(filepath.Join(r.w.output(), "latest")); err == nil && r.looks == 0 && time.Since(r.began) > time.Second && !r.w.blind.Load() {
		r.w.v.errorf("I4: the reader never looked")
	}
}

// look opens the publication once and reads every file relative to it. One that goes away meanwhile is opened anew. One
// whose files stand as they stood when they held is not read again.
func (r *reader) look() {
	for range 5 {
		root, err := os.OpenRoot(filepath.Join(r.w.output(), "latest"))
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) && r.looks == 0 {
				return // nothing was ever published here
			}
			if r.w.twoRenames {
				time.Sleep(pollEvery) // the date is absent for the moment between them
			}
			continue
		}
		err = r.holds(root)
		_ = root.Close()
		r.looks++
		if err == nil {
			return
		}
		if !errors.Is(err, fs.ErrNotExist) {
			r.problems = append(r.problems, err.Error())
			return
		}
	}
	r.problems = append(r.problems, "no whole publication in five looks in a row")
}

// holds reads what has changed since it held, and sees that no file was written to after it had been there for all to see.
func (r *reader) holds(root *os.Root) error {
	stands, err := r.standing(root)
	if err != nil || r.held[stands] {
		return err
	}
	if err := holds(root); err != nil {
		return err
	}
	if r.held == nil {
		r.held = map[string]bool{}
	}
	r.held[stands] = true
	return nil
}

// standing is how the files of a publication stand on the disk: any writing shows in it.
func (r *reader) standing(root *os.Root) (string, error) {
	folder, err := root.Open(".")
	if err != nil {
		return "", err
	}
	defer func() { _ = folder.Close() }()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	if r.seen == nil {
		r.seen = map[string]string{}
	}
	var all strings.Builder
	for _, name := range names {
		var status unix.Statx_t
		if err := unix.Statx(int(folder.Fd()), name, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &status); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		file := r.identity(name, status)
		stands := fmt.Sprintf("%d bytes, written at %d.%09d, mode %o", status.Size, status.Mtime.Sec, status.Mtime.Nsec, status.Mode)
		if before := r.seen[file]; before != "" && before != stands {
			return "", fmt.Errorf("%s was written to after it could be seen: %s, then %s", name, before, stands)
		}
		r.seen[file] = stands
		fmt.Fprintf(&all, "%s %s\n", file, stands)
	}
	return all.String(), nil
}

// identity tells a file from any other, also from a later one that was given its number: when it was made is part of it.
// Where the file system does not keep that, no two looks take a file for the same one.
func (r *reader) identity(name string, status unix.Statx_t) string {
	if status.Mask&unix.STATX_BTIME == 0 {
		return fmt.Sprintf("%d %s look %d", status.Ino, name, r.looks)
	}
	return fmt.Sprintf("%d of %d.%d %s", status.Ino, status.Btime.Sec, status.Btime.Nsec, name)
}

// manifest is what the harness itself reads of a manifest.json.
type manifest struct {
	RunID  string `json:"run_id"`
	Inputs struct {
		Salesforce []struct {
			Object                               string
			CountQuery                           int64 `json:"count_query"`
			Announced, Received, Staged, Deleted int64
		}
		ERP struct {
			Rows    int64
			Dropped int64 `json:"exact_duplicates_dropped"`
		}
	}
	Accounting map[string]map[string]int64
	Checks     []struct {
		Name  string
		Holds bool
	}
	Outputs []struct {
		Name   string
		Rows   int64
		Bytes  int64
		SHA256 string `json:"sha256"`
	}
}

// holds checks every file of a publication against its manifest.
func holds(dir *os.Root) error {
	text, err := dir.ReadFile("manifest.json")
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("manifest of %d bytes: %w", len(text), err)
	}
	if len(m.Outputs) == 0 {
		return errors.New("a manifest without outputs")
	}
	for _, output := range m.Outputs {
		content, err := dir.ReadFile(output.Name)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(content); int64(len(content)) != output.Bytes || hex.EncodeToString(sum[:]) != output.SHA256 {
			return fmt.Errorf("%s of run %s has %d bytes and another hash than its manifest says (%d bytes)", output.Name, m.RunID, len(content), output.Bytes)
		}
	}
	return nil
}
