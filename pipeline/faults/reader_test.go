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
	"time"
)

// reader polls the newest publication while a run is under way, as a consumer of it would.
type reader struct {
	w        *world
	quit     chan struct{}
	done     chan struct{}
	looks    int
	problems []string
}

// pollEvery is how long the reader rests between two looks.
const pollEvery = 3 * time.Millisecond

// watch begins to poll.
func (w *world) watch() *reader {
	r := &reader{w: w, quit: make(chan struct{}), done: make(chan struct{})}
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
}

// look opens the publication once and reads every file relative to it. One that goes away meanwhile is opened anew.
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
		err = holds(root)
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
