package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosswalk/extract"
)

// The stages lie in state/stages/run_date=YYYY-MM-DD. One in the making has a name that begins with a dot, and so has
// the one that a new recording of the same date replaces, for the moment between two renames.
const (
	incomingPrefix = ".incoming-"
	replacedPrefix = ".replaced-"
)

// recorded is a whole stage and the fingerprint of everything in it.
type recorded struct {
	*extract.Stage
	inputsSHA256 string
}

// stage is the input of the run: recorded before (--replay), or extracted now and recorded.
func (r *run) stage(ctx context.Context) (*recorded, error) {
	if r.options.Replay {
		stage, err := r.open(ctx)
		if err != nil {
			return nil, err
		}
		return stage, r.hold(ctx, stage)
	}
	incoming := filepath.Join(r.stagesDirectory(), incomingPrefix+r.manifest.RunID)
	stage, err := r.extract(ctx, incoming)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(stage.Commit(), stage.Close()); err != nil {
		return nil, errors.Join(err, r.removeStage(incoming))
	}
	switch err := prove(ctx, incoming); {
	case err != nil && ctx.Err() != nil:
		return nil, err // it is whole, and the next run goes on with it
	case err != nil:
		return nil, errors.Join(err, r.removeStage(incoming))
	}
	if err := replaceStage(incoming, r.stageDirectory()); err != nil {
		return nil, errors.Join(err, r.removeStage(incoming))
	}
	r.extracted = true
	if err := keepStages(r.stagesDirectory(), r.config.State.KeepStages, r.date); err != nil {
		return nil, err
	}
	if stage, err = extract.OpenStage(r.stageDirectory()); err != nil {
		return nil, &StorageError{Op: "read back the new stage", Path: r.stageDirectory(), Err: err, advice: hintStageLost}
	}
	return r.input(stage), nil
}

// open opens the recorded stage of the date, once every byte of it is proved.
func (r *run) open(ctx context.Context) (*recorded, error) {
	stage, err := extract.OpenStage(r.stageDirectory())
	if err != nil {
		return nil, err
	}
	if err := stage.Prove(ctx); err != nil {
		return nil, err
	}
	return r.input(stage), nil
}

// prove reads back what was just recorded, before it takes the place of what is good.
func prove(ctx context.Context, incoming string) error {
	stage, err := extract.OpenStage(incoming)
	if err == nil {
		err = stage.Prove(ctx)
	}
	if err != nil && ctx.Err() == nil {
		return &StorageError{Op: "read back the new stage", Path: incoming, Err: err, advice: hintStageLost}
	}
	return err
}

const hintStageLost = "what was just written is not there any more: look for something that clears state.directory, and at its disk, then run again"

// input makes a proved stage that of the run.
func (r *run) input(stage *extract.Stage) *recorded {
	r.manifest.InputsSHA256 = inputsSHA256(stage)
	return &recorded{Stage: stage, inputsSHA256: r.manifest.InputsSHA256}
}

func (r *run) stagesDirectory() string { return filepath.Join(r.config.State.Directory, "stages") }

func (r *run) stageDirectory() string {
	return filepath.Join(r.stagesDirectory(), partitionPrefix+r.date)
}

// inputsSHA256 is one hash for all that the run reads: per table its columns, rows and fingerprint, none of which
// depends on the order of arrival, on the API or on how the rows were cut into parts.
func inputsSHA256(stage *extract.Stage) string {
	hash := sha256.New()
	for _, table := range stage.Tables() {
		fmt.Fprintf(hash, "%s/%s %d %s\n", table.Source, table.Name, table.Rows, table.Fingerprint)
		for _, column := range table.Columns {
			fmt.Fprintf(hash, "  %q %s\n", column.Name, column.Type)
		}
		if table.Snapshot != nil {
			_, _ = io.WriteString(hash, "  "+table.Snapshot.SHA256+"\n")
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// published tells whether the date stands published from this very stage and configuration, every file of it whole.
func (r *run) published(ctx context.Context, stage *recorded) bool {
	manifest, err := readManifest(filepath.Join(r.config.Output.Directory, partitionPrefix+r.date))
	if err != nil || manifest.InputsSHA256 != stage.inputsSHA256 || manifest.ConfigSHA256 != r.manifest.ConfigSHA256 {
		return false
	}
	_, _, err = Verify(ctx, r.config, r.date)
	if err != nil && ctx.Err() == nil {
		r.options.Logger.Warn("published from these very inputs, but it does not hold, so it is published again", "error", err)
	}
	return err == nil
}

// replaceStage moves a whole stage to its place. Between its two renames the old one has another name, from which
// sweepStages brings it back.
func replaceStage(incoming, place string) error {
	replaced := filepath.Join(filepath.Dir(place), replacedPrefix+filepath.Base(place))
	err := os.Rename(place, replaced)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &StorageError{Op: "replace stage", Path: place, Err: err}
	}
	if err := os.Rename(incoming, place); err != nil {
		_ = os.Rename(replaced, place) // where there is none, or it fails, sweepStages has the last word
		return &StorageError{Op: "replace stage", Path: place, Err: err}
	}
	if err := os.RemoveAll(replaced); err != nil {
		return &StorageError{Op: "remove", Path: replaced, Err: err}
	}
	return nil
}

// sweepStages brings back a stage whose replacement never came, and removes what dead runs left unfinished. What has a
// journal stays: a run that talks to the org goes on with it, or deletes its jobs.
func sweepStages(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return &StorageError{Op: "create", Path: dir, Err: err}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &StorageError{Op: "read", Path: dir, Err: err}
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if place, ok := strings.CutPrefix(entry.Name(), replacedPrefix); ok {
			if _, err := os.Lstat(filepath.Join(dir, place)); errors.Is(err, fs.ErrNotExist) {
				if err := os.Rename(path, filepath.Join(dir, place)); err != nil {
					return &StorageError{Op: "restore stage", Path: path, Err: err}
				}
				continue
			}
		}
		if strings.HasPrefix(entry.Name(), incomingPrefix) {
			if _, err := extract.ReadJournal(path); !errors.Is(err, fs.ErrNotExist) {
				continue
			}
		}
		if strings.HasPrefix(entry.Name(), ".") {
			if err := os.RemoveAll(path); err != nil {
				return &StorageError{Op: "remove", Path: path, Err: err}
			}
		}
	}
	return nil
}

// keepStages removes the oldest stages past the number to keep, never the one of the current date. Zero keeps all.
func keepStages(dir string, keep int, current string) error {
	dates, err := datesIn(dir)
	if err != nil {
		return err
	}
	for keep > 0 && len(dates) > keep {
		oldest := dates[0]
		dates = dates[1:]
		if oldest == current {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, partitionPrefix+oldest)); err != nil {
			return &StorageError{Op: "remove stage", Path: dir, Err: err}
		}
	}
	return nil
}

// datesIn lists the run dates that have a folder in dir, oldest first.
func datesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &StorageError{Op: "read", Path: dir, Err: err}
	}
	var dates []string
	for _, entry := range entries {
		date, ok := strings.CutPrefix(entry.Name(), partitionPrefix)
		if ok && entry.IsDir() && datePattern.MatchString(date) {
			dates = append(dates, date)
		}
	}
	slices.Sort(dates)
	return dates, nil
}
