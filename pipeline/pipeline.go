// Package pipeline is what happens, in which order: it reads the configuration, holds the lock and the run record,
// and drives the stages (extract, transform, load), which do not know each other.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Options are what a caller of Run decides beside the configuration.
type Options struct {
	// RunDate is the date to publish, YYYY-MM-DD; see ResolveRunDate.
	RunDate string
	// Replay takes the recorded stage of RunDate instead of the sources.
	Replay bool
	// DryRun does everything but publish.
	DryRun bool
	// Force publishes past tripped guards; the manifest records it.
	Force bool
	// Fresh takes up nothing that a dead run of RunDate left.
	Fresh bool
	// SkipPublished ends with *NothingToDoError where RunDate stands published from equal inputs and configuration.
	SkipPublished bool
	// Version is crosswalk's own, for the manifest and for Salesforce's logs.
	Version string
	// Logger takes one line a stage; Terminal, where not nil, takes progress bars instead.
	Logger   *slog.Logger
	Terminal io.Writer
	// Now is the clock, time.Now where nil.
	Now func() time.Time
}

// Run extracts, links and publishes one run date: lock, record, stage, link, write, guard, publish. It returns the
// summary of what was published. Old or new stands in the output folder whatever happens; errors carry Hint and
// ExitCode.
func Run(ctx context.Context, config *Config, options Options) (*Summary, error) {
	run, err := begin(ctx, config, options)
	if err != nil {
		return nil, err
	}
	// A run that panics has no end here: its record stays open for Bury, as that of any process that died.
	summary, err := run.complete(ctx)
	return summary, run.end(err)
}

// complete is the run between its beginning and its end.
func (r *run) complete(ctx context.Context) (*Summary, error) {
	ctx, stop := r.deadline(ctx)
	defer stop()

	stage, err := r.stage(ctx)
	if err != nil {
		return nil, r.cause(ctx, err)
	}
	if r.options.SkipPublished && r.published(ctx, stage) {
		return nil, &NothingToDoError{RunDate: r.date}
	}
	if err := r.produce(ctx, stage); err != nil {
		return nil, r.cause(ctx, err)
	}
	if err := r.publish(ctx); err != nil {
		return nil, r.cause(ctx, err)
	}
	return r.summary(), nil
}

// produce makes the files of the publication and proves them. The database is closed then: from the publication on
// nothing may fail that is not tidying up.
func (r *run) produce(ctx context.Context, stage *recorded) (err error) {
	database, err := r.link(ctx, stage)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	if err := r.reconcile(stage.Tables()); err != nil {
		return err
	}
	if err := r.guard(ctx, database); err != nil {
		return err
	}
	if err := r.write(ctx, database); err != nil {
		return err
	}
	if err := r.report(ctx, database); err != nil {
		return err
	}
	return stage.Prove(ctx) // the parts that were read to the last are those that were written
}

// deadline bounds the whole run by limits.deadline.
func (r *run) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := r.config.Limits.Deadline
	if limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, limit, &DeadlineError{Limit: limit})
}

// cause prefers why the run was stopped over how a stage noticed it.
func (r *run) cause(ctx context.Context, err error) error {
	stopped := context.Cause(ctx)
	if stopped == nil || errors.Is(err, stopped) {
		return err
	}
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !interrupted(err) {
		return err
	}
	return fmt.Errorf("%w (while: %v)", stopped, err) //nolint:errorlint // the exit code and the hint are those of the stop alone
}
