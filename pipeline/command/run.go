package command

import (
	"fmt"
	"os"
	"strings"
	"time"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

func (s *settings) runCommand() *cobra.Command {
	var options pipeline.Options
	command := &cobra.Command{
		Use:     "run",
		Short:   "Extract, link and publish one run date",
		Example: "  crosswalk run\n  crosswalk run --run-date 2026-11-23 --replay",
		RunE: s.job(func(command *cobra.Command) error {
			config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
			if err != nil {
				return err
			}
			if options.RunDate, err = pipeline.ResolveRunDate(options.RunDate, os.LookupEnv, time.Now()); err != nil {
				return err
			}
			s.equip(&options)
			s.deadline.begin(config.Limits.Deadline)
			summary, err := pipeline.Run(command.Context(), config, options)
			if err != nil {
				return err
			}
			return s.summarize(summary, options)
		}),
	}
	flags := command.Flags()
	flags.StringVar(&options.RunDate, "run-date", "", "date to publish, YYYY-MM-DD (default: CROSSWALK_RUN_DATE, Airflow's logical date, today in UTC)")
	flags.BoolVar(&options.Replay, "replay", false, "take the recorded stage of the date instead of the sources")
	flags.BoolVar(&options.DryRun, "dry-run", false, "do everything but publish")
	flags.BoolVar(&options.Force, "force", false, "publish past tripped guards; the manifest records it")
	flags.BoolVar(&options.Fresh, "fresh", false, "ask for every row again, where a run of this date died that could be taken up")
	flags.BoolVar(&options.SkipPublished, "skip-published", false, "end with 99 where the date stands published from these very inputs")
	return command
}

// summarize prints what a run published. Where nobody reads it or the disk that it goes to is full, the publication
// stands all the same, and the exit code says so.
func (s *settings) summarize(summary *pipeline.Summary, options pipeline.Options) error {
	err := summary.Print(s.stdout)
	if err == nil || options.DryRun {
		return err
	}
	options.Logger.Warn("published, but the summary could not be printed", "error", err)
	return nil
}

func (s *settings) backfillCommand() *cobra.Command {
	var options pipeline.Options
	var from, to string
	command := &cobra.Command{
		Use:     "backfill --from DATE --to DATE",
		Short:   "Publish a range of dates again from their recorded stages",
		Example: "  crosswalk backfill --from 2026-11-01 --to 2026-11-23",
		RunE: s.job(func(command *cobra.Command) error {
			config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
			if err != nil {
				return err
			}
			s.equip(&options)
			s.deadline.begin(config.Limits.Deadline)
			return pipeline.Backfill(command.Context(), config, from, to, options, func(summary *pipeline.Summary) error {
				err := s.summarize(summary, options)
				s.deadline.begin(config.Limits.Deadline) // of the next date
				return err
			})
		}),
	}
	flags := command.Flags()
	flags.StringVar(&from, "from", "", "first date, YYYY-MM-DD")
	flags.StringVar(&to, "to", "", "last date, YYYY-MM-DD")
	flags.BoolVar(&options.DryRun, "dry-run", false, "do everything but publish")
	flags.BoolVar(&options.Force, "force", false, "publish past tripped guards; the manifests record it")
	return command
}

func (s *settings) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "verify [PARTITION]",
		Short:   "Check a publication against its manifest",
		Long:    "Check that every file of a publication is there with its size, hash, rows and columns.\nPARTITION is a folder or a run date; without it the newest publication is checked.",
		Example: "  crosswalk verify\n  crosswalk verify out/run_date=2026-11-23",
		Args:    cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &pipeline.UsageError{Problem: "crosswalk verify: want one partition", Fix: "verify one after the other; put a path with spaces in quotes"}
			}
			partition := strings.Join(args, "")
			config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
			if err != nil {
				return err
			}
			manifest, dir, err := pipeline.Verify(command.Context(), config, partition)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.stdout, "%s holds: %d files of run %s\n", dir, len(manifest.Outputs), manifest.RunID)
			return err
		},
	}
}
