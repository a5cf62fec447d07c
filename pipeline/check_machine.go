package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosswalk/extract/erp"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"golang.org/x/sys/unix"
)

// longestWalk is how long the snapshot is read; what is left of a larger one is left to the run.
const longestWalk = 20 * time.Second

// askSnapshot reads the snapshot as the run would, and counts the customers with an identifier.
func (c *check) askSnapshot(ctx context.Context) finding {
	run := &run{config: c.config, options: Options{Now: c.options.Now, Logger: c.options.Logger}, progress: newProgress(c.options.Logger, nil)}
	options := run.snapshotOptions()
	survey := newSurvey(c.config)
	started := time.Now()
	snapshot, whole, err := erp.Walk(ctx, options, func(batch arrow.RecordBatch) error {
		survey.add(batch)
		if time.Since(started) > longestWalk {
			return erp.ErrEnough
		}
		return nil
	})
	asked := "the file of erp.source.path"
	if err != nil {
		return finding{err: err, asked: asked, fix: Hint(err)}
	}
	detail := fmt.Sprintf("%s: %s rows of %d columns, modified %s ago; %s", snapshot.File, thousands(snapshot.Rows), survey.columns,
		tellAge(c.options.Now().Sub(snapshot.ModifiedAt)), survey.tell(snapshot.Rows))
	if !whole {
		detail += fmt.Sprintf(" (of the first rows: not read further after %s)", longestWalk)
	}
	if snapshot.Rows > 0 && !survey.anyFilled() {
		return finding{outcome: Fail, detail: detail, asked: asked, fix: "let the export fill " + strings.Join(survey.names, ", ") + ", or name another column in link", exit: exitInput}
	}
	return passed("%s", detail)
}

// survey counts the rows that have a value in the columns of the rules.
type survey struct {
	names   []string
	blanks  map[string]bool
	filled  map[string]int64
	columns int
}

func newSurvey(config *Config) *survey {
	s := &survey{blanks: map[string]bool{}, filled: map[string]int64{}}
	for _, rule := range config.Link {
		if !slices.Contains(s.names, rule.ERP) {
			s.names = append(s.names, rule.ERP)
		}
	}
	for _, blank := range config.BlankIdentifiers {
		s.blanks[strings.ToLower(strings.TrimSpace(blank))] = true
	}
	return s
}

func (s *survey) add(batch arrow.RecordBatch) {
	s.columns = int(batch.NumCols())
	for _, name := range s.names {
		for _, i := range batch.Schema().FieldIndices(name) {
			s.filled[name] += s.count(batch.Column(i))
		}
	}
}

func (s *survey) count(values arrow.Array) (filled int64) {
	text, isText := values.(*array.String)
	for i := range values.Len() {
		if values.IsNull(i) || isText && s.blanks[strings.ToLower(strings.TrimSpace(text.Value(i)))] {
			continue
		}
		filled++
	}
	return filled
}

func (s *survey) anyFilled() bool {
	return slices.ContainsFunc(s.names, func(name string) bool { return s.filled[name] > 0 })
}

// tell is such as "customer_id is filled in 13 of 14 (92.9%)".
func (s *survey) tell(rows int64) string {
	var parts []string
	for _, name := range s.names {
		share := 0.0
		if rows > 0 {
			share = 100 * float64(s.filled[name]) / float64(rows)
		}
		parts = append(parts, fmt.Sprintf("%s is filled in %s (%.1f%%)", name, thousands(s.filled[name]), share))
	}
	return strings.Join(parts, ", ")
}

// tellAge is such as 3 minutes, 14 hours or 9 days.
func tellAge(age time.Duration) string {
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int(age / unit.is); n >= 2 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "a moment"
}

// folder is one that a run writes to.
type folder struct {
	key, path string
	need      int64 // bytes
}

// askFolders tries the folders that a run writes to, and whether they have room for one.
func (c *check) askFolders(context.Context) finding {
	output, state := c.config.Output.Directory, c.config.State.Directory
	if same(output, state) {
		return finding{
			outcome: Fail, detail: "output.directory and state.directory are one folder", asked: "both folders", exit: exitUsage,
			fix: "name a folder of its own in state.directory: it holds what nobody else may read",
		}
	}
	var seen []string
	room := map[string]space{} // by file system
	needs := map[string]int64{}
	for _, folder := range c.folders() {
		left, err := tryFolder(folder.path)
		if err != nil {
			return finding{
				outcome: Fail, detail: folder.key + ": " + err.Error(), asked: "an empty folder made, renamed and removed in it", exit: exitUsage,
				fix: "let the user who runs crosswalk write to " + folder.key + ", or name another folder there",
			}
		}
		if room[left.system] = left; !slices.Contains(seen, left.tell()) {
			seen = append(seen, left.tell())
		}
		if needs[left.system] += folder.need; left.free < needs[left.system] {
			return finding{
				outcome: Fail, asked: "the free space", exit: exitUsage,
				detail: fmt.Sprintf("%s is on a file system with %s free, a run may take %s there", folder.key, tellBytes(left.free), tellBytes(needs[left.system])),
				fix:    "make room there, or name another folder in " + folder.key,
			}
		}
	}
	total := int64(0)
	for _, need := range needs {
		total += need
	}
	return passed("all are writable and can rename, with %s; a run may take %s", strings.Join(seen, " and "), tellBytes(total))
}

// folders are those of the configuration with what a run may take in each. Where no folder is named to spill to, that
// is in the state's.
func (c *check) folders() []folder {
	publication := c.estimate()
	spill := 2 * publication
	output, state := c.config.Output.Directory, c.config.State.Directory
	if temporary := c.config.Limits.TempDirectory; temporary != "" {
		return []folder{{"output.directory", output, publication}, {"state.directory", state, publication}, {"limits.temp_directory", temporary, spill}}
	}
	return []folder{{"output.directory", output, publication}, {"state.directory", state, publication + spill}}
}

const (
	valueBytes    = 16 // of one value in CSV and Parquet together: 12 and 4 in the fixtures
	smallestNeed  = 16 << 20
	columnsBeside = 12 // columns of the result beside those that were extracted
)

// estimate is about what a publication takes, in bytes, from the counts and the snapshot's size; without an org to
// count in, from the snapshot alone.
func (c *check) estimate() int64 {
	var publication int64
	for object, rows := range c.counts {
		publication += rows * int64(len(c.config.Salesforce.Objects[object].Fields)+columnsBeside) * valueBytes
	}
	if info, err := os.Stat(c.config.ERP.Source.Path); err == nil {
		publication += 3 * info.Size()
	}
	return max(publication, smallestNeed)
}

func same(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	left, leftErr := os.Stat(a)
	right, rightErr := os.Stat(b)
	return leftErr == nil && rightErr == nil && os.SameFile(left, right)
}

// space is what is free where a folder is.
type space struct {
	system string // the same for folders of one file system
	free   int64  // bytes
}

func (s space) tell() string { return tellBytes(s.free) + " free" }

// tryFolder makes, renames and removes an empty folder in one, as a publication does, or in the nearest above it that
// exists, and tells what is free there.
func tryFolder(path string) (left space, err error) {
	at := path
	info, err := os.Stat(at)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(at) != at {
		at = filepath.Dir(at)
		info, err = os.Stat(at)
	}
	switch {
	case err != nil:
		return space{}, fmt.Errorf("%s: %w", at, cause(err))
	case !info.IsDir():
		return space{}, fmt.Errorf("%s is not a folder", at)
	}
	trial, err := os.MkdirTemp(at, ".crosswalk-check-*")
	if err != nil {
		return space{}, fmt.Errorf("%s cannot be written to: %w", at, cause(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(trial)) }()
	from, to := filepath.Join(trial, "staging"), filepath.Join(trial, "published")
	if err := errors.Join(os.Mkdir(from, 0o700), os.Rename(from, to)); err != nil {
		return space{}, fmt.Errorf("%s cannot rename: %w", at, err)
	}
	var file unix.Stat_t
	var system unix.Statfs_t
	if err := errors.Join(unix.Stat(at, &file), unix.Statfs(at, &system)); err != nil {
		return space{}, fmt.Errorf("%s: %w", at, err)
	}
	return space{system: fmt.Sprint(file.Dev), free: int64(system.Bavail) * int64(system.Bsize)}, nil //nolint:unconvert // the types differ from system to system
}

// cause is an error of the operating system without its path, which the message names already.
func cause(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

func tellBytes(n int64) string {
	for _, unit := range []struct {
		name string
		is   int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}} {
		if n >= unit.is {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.is), unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
