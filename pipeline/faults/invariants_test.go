package faults

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// longestLine bounds what a line of standard error may hold, in bytes: what a server or a file says is clipped. What the
// configuration says may be repeated in full.
const longestLine = 1500

// judge holds the invariants against the end of a run.
func (w *world) judge(want expectation, before map[string]string, o outcome) {
	w.v.t.Helper()
	if !slices.Contains(want.codes, o.code) {
		w.v.errorf("I1: exit code %d, want %v; it said: %s", o.code, want.codes, oneLine(o.stderr))
	}
	if panicked(o.said()) && !want.hasty {
		_, words, _ := strings.Cut(o.stderr, "terminate called")
		w.v.errorf("it crashed: %s; it said: %s", oneLine(words), oneLine(o.stderr))
	}
	for _, says := range want.says {
		if o.code != 0 && !strings.Contains(complaintIn(o.stderr), says) {
			w.v.errorf("its error does not name %q: %s", says, oneLine(complaintIn(o.stderr)))
		}
	}
	if o.code != 0 && o.code != exitKilled && !want.hasty && (!strings.Contains(o.stderr, "error: ") || !strings.Contains(o.stderr, "hint: ")) {
		w.v.errorf("no error with a hint: %s", oneLine(o.stderr))
	}
	for line := range strings.Lines(o.stderr) {
		if len(line) > longestLine && o.code != exitUsage && o.code != exitStorage {
			w.v.errorf("a line of %d bytes on standard error: something is told unclipped: %s", len(line), oneLine(line))
		}
	}
	w.publishedRightly(want, before, o)
	w.newestHolds()
	w.nothingLeaked()
	w.nothingHeld(o.code == exitKilled || want.hasty || want.leaves, mayBeTakenUp(o.code))
}

// mayBeTakenUp tells the ends after which a stage in the making stays, for the next run to go on with: an outage, the
// deadline, a signal.
func mayBeTakenUp(code int) bool {
	return code == exitUnavailable || code == 128+int(syscall.SIGTERM) || code == 128+int(syscall.SIGINT)
}

// publishedRightly is I1, I3 and I5: a success is a new publication that equals the one without faults, anything else
// leaves every byte as it was.
func (w *world) publishedRightly(want expectation, before map[string]string, o outcome) {
	w.v.t.Helper()
	now := w.published()
	if o.code != 0 || want.silent {
		if o.code == exitKilled {
			w.oldOrNew(before)
			return
		}
		for _, path := range changed(before, now) {
			w.v.errorf("I3: exit code %d, and yet %s changed", o.code, path)
		}
		return
	}
	manifest := filepath.Join("run_date="+faultDate, "manifest.json")
	if now[manifest] == "" || now[manifest] == before[manifest] {
		w.v.errorf("I1: exit code 0 without a new publication")
		return
	}
	for _, path := range changed(before, now) {
		if path != "latest" && path != "run_date="+faultDate && filepath.Dir(path) != "run_date="+faultDate {
			w.v.errorf("I3: %s changed, which is another date's", path)
		}
	}
	if leads, err := os.Readlink(filepath.Join(w.output(), "latest")); err != nil || leads != "run_date="+faultDate {
		w.v.errorf("I1: latest leads to %q, %v", leads, err)
	}
	for _, name := range changed(w.reference.files, w.files(faultDate)) {
		if want.other {
			break
		}
		if w.readdressed && name == "report.html" {
			continue
		}
		w.v.errorf("I5: %s is not what a run without faults publishes", name)
	}
	w.countsClose()
	w.tokensKept()
}

// newestHolds is I2.
func (w *world) newestHolds() {
	w.v.t.Helper()
	root, err := os.OpenRoot(filepath.Join(w.output(), "latest"))
	if err != nil {
		w.v.errorf("I2: %v", err)
		return
	}
	defer func() { _ = root.Close() }()
	if err := holds(root); err != nil {
		w.v.errorf("I2: %v", err)
	}
	if o := w.verify(); o.code != 0 {
		w.v.errorf("I2: crosswalk verify ends with %d: %s", o.code, oneLine(o.stderr))
	}
}

// nothingLeaked is I6: no secret in any file outside the token store, no personal data but in the data itself.
func (w *world) nothingLeaked() {
	w.v.t.Helper()
	texts := map[string]string{}
	for i, text := range w.texts {
		texts[fmt.Sprintf("output %d", i)] = text
	}
	w.texts = nil
	for _, top := range []string{w.output(), w.state()} {
		_ = filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || strings.Contains(path, string(filepath.Separator)+"tokens"+string(filepath.Separator)) {
				return nil
			}
			info, err := entry.Info()
			if seen := fmt.Sprint(path, info.ModTime(), info.Size()); err != nil || w.searched[seen] {
				return nil // found or not, that was told
			} else {
				w.searched[seen] = true
			}
			if text, err := os.ReadFile(path); err == nil {
				texts[strings.TrimPrefix(path, w.dir+"/")] = string(text)
			}
			return nil
		})
	}
	var size int64
	for name, text := range texts {
		size += int64(len(text))
		if found := leak(text, secretForms); found != "" {
			w.v.errorf("I6: a secret in %s after %q", name, found)
		}
		if found := leak(text, personForms); found != "" && !isData(name) {
			w.v.errorf("I6: personal data in %s: %q", name, found)
		}
	}
	ledger.Lock()
	defer ledger.Unlock()
	ledger.texts, ledger.bytes = ledger.texts+len(texts), ledger.bytes+size
}

// isData tells the files that are made of records: the published tables, the page about them, the recorded stage, and
// what a run that was killed worked in, until the next one sweeps it.
func isData(name string) bool {
	name = strings.TrimSuffix(name, ".tmp") // a part of the stage that a kill left in the making
	return strings.HasPrefix(name, "state/work/") || slices.Contains([]string{".parquet", ".csv", ".html"}, filepath.Ext(name))
}

// nothingHeld is I7 as far as the next run does not mend it: the locks are free, and staging is empty unless the run
// had no time to, and but for a stage that the next run takes up.
func (w *world) nothingHeld(killed, takenUp bool) {
	w.v.t.Helper()
	for _, folder := range []string{w.state(), w.output()} {
		lock := flock.New(filepath.Join(folder, ".crosswalk.lock"))
		taken, err := lock.TryLock()
		if err != nil || !taken {
			w.v.errorf("I7: the lock of %s is not free (%v)", filepath.Base(folder), err)
			continue
		}
		_ = lock.Unlock()
	}
	if !killed {
		w.sweptBut(takenUp)
	}
}

// swept is I7: nothing half-made is left.
func (w *world) swept() { w.v.t.Helper(); w.sweptBut(false) }

func (w *world) sweptBut(takenUp bool) {
	w.v.t.Helper()
	patterns := []string{"out/.staging*", "out/.latest*", "out/.replaced*", "state/work/*", "state/runs/.*", "state/tokens/.*.tmp*"}
	if !takenUp {
		patterns = append(patterns, "state/stages/.*", "state/stages/*/journal*")
	}
	for _, pattern := range patterns {
		left, err := filepath.Glob(filepath.Join(w.dir, pattern))
		if err != nil || len(left) > 0 {
			w.v.errorf("I7: left behind: %v %v", left, err)
		}
	}
}

// countsClose is I8, from the manifest and from the rows that the harness itself planted.
func (w *world) countsClose() {
	w.v.t.Helper()
	var m manifest
	if err := json.Unmarshal(w.read("out", "run_date="+faultDate, "manifest.json"), &m); err != nil {
		w.v.errorf("I8: %v", err)
		return
	}
	for _, check := range m.Checks {
		if !check.Holds {
			w.v.errorf("I8: published though %q does not hold", check.Name)
		}
	}
	if len(m.Checks) < 10 || len(m.Inputs.Salesforce) < 2 {
		w.v.errorf("I8: %d checks of %d objects", len(m.Checks), len(m.Inputs.Salesforce))
	}
	for _, q := range m.Inputs.Salesforce {
		if rows := w.rows("org/" + q.Object + ".csv"); q.Announced != rows || q.Received != rows || q.Staged != rows {
			w.v.errorf("I8: %s: announced %d, received %d, staged %d; the org has %d", q.Object, q.Announced, q.Received, q.Staged, rows)
		}
	}
	if rows := w.snapshotRows(); m.Inputs.ERP.Rows != rows || m.Accounting["customers"]["total"] != rows-m.Inputs.ERP.Dropped {
		w.v.errorf("I8: ERP rows %d, accounted for %d; the file has %d", m.Inputs.ERP.Rows, m.Accounting["customers"]["total"], rows)
	}
	for kind, object := range map[string]string{"accounts": "Account", "contacts": "Contact"} {
		if live := w.live("org/" + object + ".csv"); m.Accounting[kind]["total"] != live {
			w.v.errorf("I8: %d %s are accounted for; the org has %d", m.Accounting[kind]["total"], kind, live)
		}
	}
	for _, output := range m.Outputs {
		if !strings.HasSuffix(output.Name, ".csv") {
			continue
		}
		if rows := w.rows("out/run_date=" + faultDate + "/" + output.Name); rows != output.Rows {
			w.v.errorf("I8: %s has %d rows, the manifest says %d", output.Name, rows, output.Rows)
		}
	}
	for kind, counts := range m.Accounting {
		sum := -counts["total"]
		for status, count := range counts {
			if status != "total" {
				sum += count
			}
		}
		if sum != 0 {
			w.v.errorf("I8: the statuses of %s differ from their total by %d", kind, sum)
		}
	}
}

// snapshotRows is how many rows the snapshot has.
func (w *world) snapshotRows() int64 {
	w.v.t.Helper()
	if w.knownRows != nil {
		return *w.knownRows
	}
	return w.rows("customers.csv")
}

// rows counts the records of a file without its header.
func (w *world) rows(path string) int64 {
	w.v.t.Helper()
	records, err := csv.NewReader(strings.NewReader(string(w.read(path)))).ReadAll()
	if err != nil {
		w.v.errorf("%s: %v", path, err)
	}
	return int64(len(records) - 1)
}

// live counts the records of an object that are not in the recycle bin.
func (w *world) live(path string) int64 {
	w.v.t.Helper()
	records, err := csv.NewReader(strings.NewReader(string(w.read(path)))).ReadAll()
	if err != nil {
		w.v.errorf("%s: %v", path, err)
		return 0
	}
	place, live := slices.Index(records[0], "IsDeleted"), int64(0)
	for _, record := range records[1:] {
		if place < 0 || record[place] != "true" {
			live++
		}
	}
	return live
}

// published is the whole output folder as a reader sees it: the hash and mode of every file, where links lead. What
// has a hidden name is not published.
func (w *world) published() map[string]string {
	w.v.t.Helper()
	found := map[string]string{}
	top := w.output()
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(top, path)
		if err != nil || name == "." {
			return err
		}
		if strings.HasPrefix(name, ".") {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content := ""
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			content, err = os.Readlink(path)
		case info.Mode().IsRegular():
			content, err = hashOf(path)
		}
		found[name] = info.Mode().String() + " " + content
		return err
	})
	if err != nil {
		w.v.errorf("output folder: %v", err)
	}
	return found
}

// files are the hashes of a publication but for the manifest, which has times.
func (w *world) files(date string) map[string]string {
	found := map[string]string{}
	paths, _ := filepath.Glob(filepath.Join(w.output(), "run_date="+date, "*"))
	for _, path := range paths {
		if name := filepath.Base(path); name != "manifest.json" {
			found[name], _ = hashOf(path)
		}
	}
	return found
}

func hashOf(path string) (string, error) {
	content, err := os.ReadFile(path)
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), err
}

// changed are the keys whose values differ, sorted.
func changed(before, after map[string]string) []string {
	var names []string
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	return names
}
