package pipeline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crosswalk/sql"
	"crosswalk/transform"
)

// DiscoverOptions are what a caller of Discover decides beside the configuration.
type DiscoverOptions struct {
	// RunDate is the date whose recorded stage is searched; empty takes the newest one.
	RunDate string
	// AllFields reads every field of Account anew, into a stage that is removed afterwards. So does a state without a
	// recorded stage.
	AllFields bool
	// ShowValues shows samples as they are, and not as their form alone.
	ShowValues bool
	// Version is crosswalk's own, for Salesforce's logs.
	Version string
	// Logger takes one line a stage; Terminal, where not nil, takes progress bars instead.
	Logger   *slog.Logger
	Terminal io.Writer
	// Now is the clock, time.Now where nil.
	Now func() time.Time
}

// finalists are how many pairs of a large stage are measured over every record, after a sample chose them.
const finalists = 6

// Discover ranks the pairs of an Account field and an ERP column by what they would link. It reads a recorded stage, or
// where there is none, or where every field is asked for, Salesforce and the snapshot by the way that a run reads them.
// It publishes nothing and records nothing. Errors carry Hint and ExitCode, as those of Run.
func Discover(ctx context.Context, config *Config, options DiscoverOptions) (found *Discovered, err error) {
	d, err := newDiscovery(ctx, config, options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.end()) }()
	ctx, stop := d.run.deadline(ctx)
	defer stop()
	ground, err := d.ground(ctx)
	if err != nil {
		return nil, d.run.cause(ctx, err)
	}
	found, err = d.search(ctx, ground)
	return found, d.run.cause(ctx, err)
}

// discovery is one search under way. It borrows from run how sources are read, and none of its locks: a search beside
// a run does no harm.
type discovery struct {
	config  *Config
	options DiscoverOptions
	run     *run
	locks   locks
	place   string // what the search works in; gone at the end
	spill   string
}

func newDiscovery(ctx context.Context, config *Config, options DiscoverOptions) (*discovery, error) {
	if options.AllFields && options.RunDate != "" {
		return nil, &UsageError{Problem: "--all-fields with --run-date: a recorded stage has the fields that were configured", Fix: "leave one of the two out"}
	}
	if options.RunDate != "" {
		if _, err := checkDate("--run-date", options.RunDate); err != nil {
			return nil, err
		}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	started := options.Now().UTC()
	id, base := newRunID(started), filepath.Join(config.State.Directory, "discover")
	d := &discovery{config: config, options: options}
	d.run = &run{config: config, options: Options{Version: options.Version, Logger: options.Logger, Now: options.Now}}
	d.run.manifest.RunID, d.run.manifest.StartedAt = id, started
	var err error
	if d.locks, err = lockFolders(ctx, "discover "+id, base); err != nil {
		return nil, err
	}
	if err := d.settle(base, id); err != nil {
		return nil, errors.Join(err, d.locks.release())
	}
	d.run.progress = newProgress(options.Logger, options.Terminal)
	return d, nil
}

// settle clears what dead searches left behind and makes the folders of this one.
func (d *discovery) settle(base, id string) (err error) {
	if err := clearSearches(base); err != nil {
		return err
	}
	if d.place, err = newWork(base, id); err != nil {
		return err
	}
	d.spill = filepath.Join(d.place, "spill")
	if works := worksDirectory(d.config, "discover"); works != base {
		d.spill, err = makeWork(works, id)
	}
	return err
}

func (d *discovery) end() error {
	d.run.progress.stop()
	err := errors.Join(os.RemoveAll(d.place), os.RemoveAll(d.spill))
	if err != nil {
		err = &StorageError{Op: "remove", Path: d.place, Err: err}
	}
	return errors.Join(err, d.locks.release())
}

// search measures the pairs and ranks them. Where only a sample was looked at, the best are measured again over every
// record.
func (d *discovery) search(ctx context.Context, ground *ground) (found *Discovered, err error) {
	done := d.run.progress.step("discover")
	database, err := transform.Open(ctx, transform.Options{
		Database: filepath.Join(d.place, "discover.duckdb"), TempDirectory: d.spill,
		MemoryBytes: databaseMemory(d.config.Limits.Memory), Threads: d.config.Limits.Threads,
		Directories: []string{ground.stage.Directory(), d.place}, SQL: sql.Files,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	looked, err := database.Discover(ctx, sql.Discovery, d.plan(ground))
	if err != nil {
		return nil, err
	}
	judge := newJudge(d.config, ground, looked)
	ranked := judge.rank(looked.Pairs)
	if looked.Modulus > 1 {
		exact, err := looked.Measure(ctx, trialsOf(ranked, finalists))
		if err != nil {
			return nil, err
		}
		ranked = judge.rank(replacePairs(looked.Pairs, exact))
	}
	found = judge.told(ranked, d.options.ShowValues)
	done(looked.Customers+looked.Accounts, 0)
	return found, nil
}

// plan is every column that could hold an identifier, and the pairs that the configuration links by.
func (d *discovery) plan(ground *ground) transform.DiscoverPlan {
	plan := transform.DiscoverPlan{
		Accounts: ground.accounts, Customers: ground.customers, CustomerID: d.config.ERP.CustomerID, Blanks: d.config.BlankIdentifiers,
	}
	for _, column := range ground.accounts.Columns {
		if holdsIdentifiers(column) && !strings.Contains(column.Name, ".") { // a rule names a field of Account itself
			plan.AccountFields = append(plan.AccountFields, transform.DiscoverColumn{Name: column.Name, HoldsRecordIDs: ground.holdsRecordIDs(column.Name)})
		}
	}
	for _, column := range ground.customers.Columns {
		if holdsIdentifiers(column) {
			plan.CustomerColumns = append(plan.CustomerColumns, transform.DiscoverColumn{Name: column.Name})
		}
	}
	for _, rule := range d.config.Link {
		_, field, _ := strings.Cut(rule.Salesforce, ".")
		plan.Asked = append(plan.Asked, [2]string{stagedName(ground.accounts, field), rule.ERP})
	}
	return plan
}

// holdsIdentifiers tells the columns of text and numbers from those of dates, times and booleans.
func holdsIdentifiers(column transform.Column) bool {
	for _, kind := range []string{"bool", "date", "time"} {
		if strings.HasPrefix(column.Type, kind) {
			return false
		}
	}
	return true
}

// trialsOf are the best pairs under the key that was chosen for each.
func trialsOf(ranked []Candidate, most int) []transform.Trial {
	var trials []transform.Trial
	for _, candidate := range ranked[:min(most, len(ranked))] {
		trials = append(trials, transform.Trial{AccountField: candidate.field, CustomerColumn: candidate.ERP, Key: candidate.chosen.Key})
	}
	return trials
}

// replacePairs puts what was measured over every record in the place of what a sample told of the same key.
func replacePairs(sampled, exact []transform.PairFacts) []transform.PairFacts {
	pairs := make([]transform.PairFacts, 0, len(sampled))
	for _, pair := range sampled {
		for _, better := range exact {
			if better.AccountField == pair.AccountField && better.CustomerColumn == pair.CustomerColumn {
				pair = better
			}
		}
		pairs = append(pairs, pair)
	}
	return pairs
}
