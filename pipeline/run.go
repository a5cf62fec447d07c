package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"crosswalk/load"
	"crosswalk/sql"
	"crosswalk/transform"
)

// run is one run under way: what it holds, and the manifest that grows with it.
type run struct {
	config   *Config
	options  Options
	date     string
	locks    locks
	record   record
	manifest Manifest
	plan     transform.Plan
	previous *publication // the newest of an earlier date, nil on the first run
	progress *progress
	work     string // DuckDB's database and spill; gone at the end
	staging  string // the publication in the making, beside the published ones
	stands   bool   // the publication, whatever comes now

	extracted bool // the stage of the date is this run's own

	readRows   map[string]int64 // records that the link read of the stage, by kind
	outputRows map[string]int64 // as the link counted them, of outputs that have several rows for a record
}

// begin takes the locks, opens the record and clears what dead runs left behind.
func begin(ctx context.Context, config *Config, options Options) (*run, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	started := options.Now().UTC()
	if options.Fresh && options.Replay {
		return nil, &UsageError{Problem: "--fresh and --replay contradict each other", Fix: "--fresh asks Salesforce for every row again, --replay for none"}
	}
	r := &run{config: config, options: options, date: options.RunDate}
	r.manifest = Manifest{
		SchemaVersion: manifestSchemaVersion, RunID: newRunID(started), RunDate: r.date,
		ToolVersion: options.Version, ConfigSHA256: config.SHA256(), StartedAt: started, Replayed: options.Replay,
	}
	var err error
	if r.locks, err = lockFolders(ctx, r.manifest.RunID, config.State.Directory, config.Output.Directory); err != nil {
		return nil, err
	}
	r.record = record{
		RunID: r.manifest.RunID, RunDate: r.date, ToolVersion: options.Version, ConfigSHA256: r.manifest.ConfigSHA256,
		Replay: options.Replay, DryRun: options.DryRun, Force: options.Force, Fresh: options.Fresh, StartedAt: started,
	}
	if err := r.record.open(config.State.Directory); err != nil {
		return nil, errors.Join(err, r.locks.release())
	}
	if err := r.clear(ctx); err != nil {
		err = r.record.close(&r.manifest, options.Now().UTC(), err)
		if r.staging != "" {
			_ = load.Discard(config.Output.Directory, r.staging) // what failed before is what is told
		}
		return nil, errors.Join(err, os.RemoveAll(r.work), r.locks.release())
	}
	r.progress = newProgress(options.Logger, options.Terminal)
	return r, nil
}

// clear sweeps what dead runs left and makes the folders of this one. Only under the lock is everything found there dead.
func (r *run) clear(ctx context.Context) error {
	if err := load.Sweep(ctx, r.config.Output.Directory); err != nil {
		return err
	}
	if err := sweepStages(r.stagesDirectory()); err != nil {
		return err
	}
	var err error
	if r.work, err = makeWork(worksDirectory(r.config, "work"), r.manifest.RunID); err != nil {
		return err
	}
	if r.staging, err = load.NewStaging(r.config.Output.Directory, r.manifest.RunID); err != nil {
		return err
	}
	return load.Replaceable(r.config.Output.Directory, partitionPrefix+r.date)
}

// end closes the record with the outcome, removes what the run worked in, and lets go of the locks.
func (r *run) end(err error) error {
	r.progress.stop()
	if r.staging != "" {
		if failed := load.Discard(r.config.Output.Directory, r.staging); err == nil {
			err = failed // else the run has its error, and the next one sweeps
		}
	}
	if r.stands {
		// It stands, and the exit code says so. What could not be tidied up, the next run tidies.
		for _, failed := range []error{r.settle(nil), os.RemoveAll(r.work), r.record.close(&r.manifest, r.options.Now().UTC(), nil), r.locks.release()} {
			if failed != nil {
				r.options.Logger.Warn("published, but not everything could be tidied up", "error", failed)
			}
		}
		return nil
	}
	err = errors.Join(err, r.settle(err), os.RemoveAll(r.work))
	err = r.record.close(&r.manifest, r.options.Now().UTC(), err)
	return errors.Join(err, r.locks.release())
}

// link joins the stage in DuckDB; the caller closes the database, whose tables are the result.
func (r *run) link(ctx context.Context, stage *recorded) (*transform.DB, error) {
	done := r.progress.step("link")
	var err error
	if r.plan, err = linkPlan(r.config, stage); err != nil {
		return nil, err
	}
	if r.config.Salesforce.Notes {
		if r.manifest.Inputs.Absent, err = planNotes(&r.plan, stage); err != nil {
			return nil, err
		}
	}
	if err := r.lookBack(ctx); err != nil {
		return nil, err
	}
	database, err := transform.Open(ctx, r.databaseOptions(stage.Directory()))
	if err != nil {
		return nil, err
	}
	accounting, err := database.Link(ctx, r.plan, r.progress.statement)
	if err != nil {
		return nil, errors.Join(err, database.Close())
	}
	changes, err := database.Changes(ctx)
	if err != nil {
		return nil, errors.Join(err, database.Close())
	}
	r.account(stage, accounting)
	r.compare(changes)
	r.finish(done, r.manifest.Accounting.Customers["total"], 0)
	return database, nil
}

// write fills the staging folder with the verified files of the publication.
func (r *run) write(ctx context.Context, database *transform.DB) error {
	done := r.progress.step("write")
	outputs, err := load.Write(ctx, database, resultTables(r.plan), load.Options{
		Directory: r.staging, Formats: r.config.Output.Formats, Metadata: r.metadata(),
	})
	if err != nil {
		return err
	}
	r.manifest.Outputs = outputs
	var rows, bytes int64
	for _, output := range outputs {
		rows, bytes = rows+output.Rows, bytes+output.Bytes
	}
	r.finish(done, rows, bytes)
	return r.reconcileOutputs()
}

// metadata goes into every Parquet file: only what is equal for equal inputs.
func (r *run) metadata() map[string]string {
	return map[string]string{
		"crosswalk.schema_version": "1",
		"crosswalk.run_date":       r.date,
		"crosswalk.config_sha256":  r.manifest.ConfigSHA256,
		"crosswalk.inputs_sha256":  r.manifest.InputsSHA256,
	}
}

// publish makes the staged files the publication of the date, in one step; a dry run stops before it.
func (r *run) publish(ctx context.Context) error {
	if r.options.DryRun {
		return nil
	}
	done := r.progress.step("publish")
	r.manifest.EndedAt = r.options.Now().UTC()
	text, err := r.manifest.encode()
	if err != nil {
		return err
	}
	if err := load.Publish(ctx, r.config.Output.Directory, r.staging, partitionPrefix+r.date, text); err != nil {
		return err
	}
	r.staging, r.stands = "", true
	r.finish(done, int64(len(r.manifest.Outputs)), 0)
	return nil
}

// finish adds a step to the manifest and tells it.
func (r *run) finish(done func(rows, bytes int64) Step, rows, bytes int64) {
	r.manifest.Stages = append(r.manifest.Stages, done(rows, bytes))
}

// databaseOptions lock DuckDB into the stage that it reads, the folder it spills to and the one it writes.
func (r *run) databaseOptions(stage string) transform.Options {
	folders := []string{stage, r.work, r.staging}
	if r.previous != nil {
		folders = append(folders, r.previous.directory)
	}
	return transform.Options{
		Database: filepath.Join(r.work, "link.duckdb"), TempDirectory: filepath.Join(r.work, "spill"),
		MemoryBytes: databaseMemory(r.config.Limits.Memory), Threads: r.config.Limits.Threads,
		Directories: folders, SQL: sql.Files,
	}
}

// newRunID is the moment, which sorts, and 32 random bits, which tell two runs of one second apart.
func newRunID(moment time.Time) string {
	var suffix [4]byte
	_, _ = rand.Read(suffix[:]) // never fails
	return moment.Format("20060102T150405Z") + "-" + hex.EncodeToString(suffix[:])
}

// databaseMemory is DuckDB's part of limits.memory, in bytes. A quarter is left for what runs beside it: the files of
// one table are read back while the next table is written.
func databaseMemory(limit Size) int64 { return int64(limit) / 4 * 3 }
