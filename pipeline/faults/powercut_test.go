package faults

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// F153, the power is cut. A run is watched with all its calls that change files, and what each file held when it was
// synced. Replayed on a disk that forgets, they give what may be there after a power cut at each of them: of a file what
// its last fsync saw, or any of what came after; of a folder the changes to its names up to some point, at or after its
// last fsync, in their order. That is what a journalling file system promises, and no more.

// disk is a file, a folder or a symbolic link on such a disk.
type disk struct {
	folder  bool
	link    string
	content string // the last that is known
	durable string // at the last fsync
	dirty   bool   // written to since
	names   map[string]*disk
	history []map[string]*disk // of a folder
	synced  int                // index in history that is durable for certain
}

func newFolder() *disk {
	return &disk{folder: true, names: map[string]*disk{}, history: []map[string]*disk{{}}}
}

// durably reads what stands, all of it synced long ago.
func durably(path string) (*disk, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		link, err := os.Readlink(path)
		return &disk{link: link}, err
	case info.Mode().IsRegular():
		text, err := os.ReadFile(path)
		return &disk{content: string(text), durable: string(text)}, err
	}
	entries, err := os.ReadDir(path)
	d := newFolder()
	for _, entry := range entries {
		child, failed := durably(filepath.Join(path, entry.Name()))
		err = errors.Join(err, failed)
		d.names[entry.Name()] = child
	}
	d.history = []map[string]*disk{maps.Clone(d.names)}
	return d, err
}

func (d *disk) change(name string, to *disk) {
	if to == nil {
		delete(d.names, name)
	} else {
		d.names[name] = to
	}
	d.history = append(d.history, maps.Clone(d.names))
}

// find gives the folder of a path, its last name, and what is there; nil where there is none.
func (d *disk) find(path string) (folder *disk, name string, found *disk) {
	steps := strings.Split(filepath.Clean(path), "/")
	folder, name = d, steps[len(steps)-1]
	for _, step := range steps[:len(steps)-1] {
		if folder = folder.names[step]; folder == nil || !folder.folder {
			return nil, "", nil
		}
	}
	return folder, name, folder.names[name]
}

// replay makes a call on the disk. One that fails there failed in the run.
func (d *disk) replay(c call) error {
	folder, name, found := d.find(c.Path)
	if folder == nil {
		return nil
	}
	switch {
	case c.Name == "mkdir" && found == nil:
		folder.change(name, newFolder())
	case c.Name == "symlink" && found == nil:
		folder.change(name, &disk{link: c.To})
	case c.Name == "open" && found == nil && c.Flags&unix.O_CREAT != 0:
		folder.change(name, &disk{})
	case found == nil:
	case c.Name == "open" && c.Flags&unix.O_TRUNC != 0, c.Name == "write", c.Name == "copy", c.Name == "truncate":
		found.dirty = true
	case c.Name == "fsync" && found.folder:
		found.synced = len(found.history) - 1
	case c.Name == "fsync":
		text, err := os.ReadFile(c.Holds)
		if err != nil {
			return err
		}
		found.content, found.durable, found.dirty = string(text), string(text), false
	case c.Name == "remove" && len(found.names) == 0:
		folder.change(name, nil)
	case c.Name == "rename", c.Name == "renameat2":
		there, other, old := d.find(c.To)
		switch {
		case there == nil || old != nil && c.Flags&unix.RENAME_NOREPLACE != 0:
		case old != nil && c.Flags&unix.RENAME_EXCHANGE != 0:
			folder.names[name] = old // the one change below makes both names
			there.change(other, found)
		case folder == there:
			delete(folder.names, name)
			there.change(other, found)
		default:
			there.change(other, found)
			folder.change(name, nil)
		}
	}
	return nil
}

// afterPowerCut is what may be found at the next start.
func (d *disk) afterPowerCut(random *rand.Rand) *disk {
	if !d.folder {
		survivor := &disk{link: d.link, content: d.durable}
		if d.dirty { // torn: cut short, or not even that
			survivor.content = d.durable[:random.IntN(len(d.durable)+1)]
		}
		return survivor
	}
	kept := d.history[d.synced+random.IntN(len(d.history)-d.synced)]
	survivor := newFolder()
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		survivor.names[name] = kept[name].afterPowerCut(random)
	}
	return survivor
}

// write makes it a real one.
func (d *disk) write(path string) error {
	switch {
	case d.link != "":
		return os.Symlink(d.link, path)
	case !d.folder:
		return os.WriteFile(path, []byte(d.content), 0o600)
	}
	err := os.MkdirAll(path, 0o700)
	for name, child := range d.names {
		err = errors.Join(err, child.write(filepath.Join(path, name)))
	}
	return err
}

// holds checks the newest publication on the disk against its manifest, and gives the hash of each of its files.
func (d *disk) holds() (map[string]string, error) {
	out := d.names["out"]
	if out == nil || out.names["latest"] == nil || out.names[out.names["latest"].link] == nil {
		return nil, errors.New("latest leads nowhere")
	}
	partition := out.names[out.names["latest"].link].names
	hashes := map[string]string{}
	for name, file := range partition {
		sum := sha256.Sum256([]byte(file.content))
		hashes[name] = hex.EncodeToString(sum[:])
	}
	var m manifest
	if partition["manifest.json"] == nil || json.Unmarshal([]byte(partition["manifest.json"].content), &m) != nil || len(m.Outputs) == 0 {
		return nil, errors.New("there is no manifest")
	}
	for _, output := range m.Outputs {
		if hashes[output.Name] != output.SHA256 {
			return nil, fmt.Errorf("%s of run %s is not what its manifest says", output.Name, m.RunID)
		}
	}
	delete(hashes, "manifest.json") // it has times
	return hashes, nil
}

// powerCut cuts the power at every call of a run, for a date that is new and for one that is replaced, several times
// each; and at some, what is left is what the next run starts from.
func powerCut(w *world) {
	w.v.t.Helper()
	draws, recoveries := uint64(5), 8
	if !*whole {
		draws, recoveries = 1, 1
	}
	for _, replaced := range []bool{false, true} {
		if !replaced {
			w.reset()
		}
		stood, err := durably(w.output())
		state, failed := durably(w.state())
		if err := errors.Join(err, failed); err != nil {
			w.v.fatalf("%v", err)
		}
		calls := w.recorded()
		before := &disk{folder: true, names: map[string]*disk{"out": stood, "state": state}}
		before.history = []map[string]*disk{maps.Clone(before.names)}
		old, err := before.holds()
		if err != nil {
			w.v.fatalf("before the run: %v", err)
		}
		cuts := powerCuts{w: w, old: old, replaced: replaced, draws: draws, resume: map[int]bool{}}
		random := rand.New(rand.NewPCG(*seed, 153))
		for range recoveries {
			cuts.resume[random.IntN(len(calls))] = true
		}
		cuts.all(before, calls)
	}
	w.v.where = "clean run"
}

// recorded runs the date and gives all that it called.
func (w *world) recorded() []call {
	w.v.t.Helper()
	folder, err := os.MkdirTemp(w.v.t.TempDir(), "calls-")
	if err != nil {
		w.v.fatalf("%v", err)
	}
	o, report := w.struckRun(strike{Record: folder, Path: `^(out|state)(/|$)`}, "run", "--run-date", faultDate)
	if o.code != 0 || len(report.Calls) == 0 {
		w.v.fatalf("a run that is only watched ends with %d after %d calls: %s", o.code, len(report.Calls), oneLine(o.said()))
	}
	return slices.DeleteFunc(report.Calls, func(c call) bool { return strings.HasPrefix(c.Path, "state/work") })
}

// powerCuts are those of one run.
type powerCuts struct {
	w        *world
	old      map[string]string
	replaced bool
	draws    uint64
	resume   map[int]bool // calls after which what is left is run on from
}

func (p powerCuts) all(d *disk, calls []call) {
	w := p.w
	w.v.t.Helper()
	var resumed []*disk
	for i, c := range calls {
		if err := d.replay(c); err != nil {
			w.v.fatalf("replay of %s %s: %v", c.Name, normal(c.Path), err)
		}
		w.v.where = fmt.Sprintf("power cut after call %d of %d, %s, replaced: %v", i+1, len(calls), describe(c.Name, c.Path), p.replaced)
		w.v.points++
		w.v.planned++
		for draw := range p.draws {
			left := d.afterPowerCut(rand.New(rand.NewPCG(*seed+draw, uint64(i))))
			p.survives(left, i == len(calls)-1)
			if p.resume[i] && draw == 0 {
				resumed = append(resumed, left)
			}
		}
	}
	for i, left := range resumed {
		w.v.where = fmt.Sprintf("the run after power cut %d, replaced: %v", i+1, p.replaced)
		w.v.plays++
		w.put(left)
		w.clean()
	}
}

// survives holds that the newest publication is the old one or the new one, and the token file whole; once the run has
// ended, the new one and the newest token.
func (p powerCuts) survives(left *disk, ended bool) {
	w := p.w
	w.v.t.Helper()
	published, err := left.holds()
	isOld, isNew := maps.Equal(published, p.old), maps.Equal(published, w.reference.files)
	if err != nil || !isNew && (!isOld || ended) {
		w.v.errorf("I2: %v; the newest publication is the old one: %v, the new one: %v", err, isOld, isNew)
	}
	tokens := left.names["state"].names["tokens"]
	if tokens == nil {
		w.v.errorf("I9: the tokens are gone")
		return
	}
	for name, file := range tokens.names {
		var kept struct {
			RefreshToken string `json:"refresh_token"`
		}
		switch {
		case !strings.HasSuffix(name, ".json"):
		case json.Unmarshal([]byte(file.content), &kept) != nil || kept.RefreshToken == "":
			w.v.errorf("I9: the token file of %d bytes cannot be read", len(file.content))
		case ended && kept.RefreshToken != w.org.newest():
			w.v.errorf("I9: the run has ended, and the newest refresh token is not on the disk")
		}
	}
}

// put makes what a power cut left the folders of the world, but for the tokens: the org has gone on since.
func (w *world) put(left *disk) {
	w.v.t.Helper()
	now, err := durably(filepath.Join(w.state(), "tokens"))
	if err != nil {
		w.v.fatalf("%v", err)
	}
	left.names["state"].names["tokens"] = now
	err = errors.Join(os.RemoveAll(w.output()), os.RemoveAll(w.state()), left.write(w.dir))
	if err != nil {
		w.v.fatalf("%v", err)
	}
}
