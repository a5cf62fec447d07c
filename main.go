// Command crosswalk links the customers of an ERP to their accounts in Salesforce.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const version = "0.1.0"

func main() { os.Exit(crosswalk()) }

// crosswalk is main with an exit code, so that a test can run the command line in its own process.
func crosswalk() int {
	restrictProcess()
	ctx, stop := interruptible(context.Background())
	defer stop()
	err := commandLine(os.Stdout, os.Stderr).ExecuteContext(ctx)
	if err != nil {
		tell(os.Stderr, err)
	}
	return pipeline.ExitCode(err)
}

// restrictProcess keeps what passes through private: files are made 0600 and folders 0700 whatever the caller's umask,
// and a crash leaves no image of the memory behind.
func restrictProcess() {
	syscall.Umask(0o077)
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // lowering one's own limit cannot fail
}

// interruptible ends the context with the signal as its cause. A second signal ends the process at once.
func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		caught, ok := <-signals
		if !ok {
			return
		}
		signal.Stop(signals)
		name := map[os.Signal]string{os.Interrupt: "SIGINT", syscall.SIGTERM: "SIGTERM"}[caught]
		cancel(&pipeline.InterruptedError{Name: name, Signal: int(caught.(syscall.Signal))})
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel(nil) }
}

// tell prints the error and its next step.
func tell(w io.Writer, err error) {
	fmt.Fprintln(w, "error:", err)
	if hint := pipeline.Hint(err); hint != "" {
		fmt.Fprintln(w, "hint:", hint)
	}
}

// settings are the flags that every command has.
type settings struct {
	config    string
	logFormat string
	quiet     bool
	stdout    io.Writer
	stderr    io.Writer
}

func commandLine(stdout, stderr io.Writer) *cobra.Command {
	s := &settings{stdout: stdout, stderr: stderr}
	root := &cobra.Command{
		Use:   "crosswalk",
		Short: "Link the customers of an ERP to their accounts in Salesforce",
		Long: "Crosswalk links every customer of an ERP snapshot to its Salesforce account by the identifier that both carry,\n" +
			"brings contacts to customer level, gives a reason for whatever did not link, and publishes Parquet and CSV.",
		Example:       "  crosswalk run --config config.yaml\n  crosswalk verify",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments, // a command that does not exist arrives here as an argument
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return &pipeline.UsageError{Problem: err.Error(), Fix: "see " + command.CommandPath() + " --help"}
	})
	config := "config.yaml"
	if path := os.Getenv("CROSSWALK_CONFIG"); path != "" {
		config = path
	}
	flags := root.PersistentFlags()
	flags.StringVar(&s.config, "config", config, "configuration file; CROSSWALK_CONFIG is its default")
	flags.StringVar(&s.logFormat, "log-format", "auto", "text, json, or auto: bars on a terminal, else text")
	flags.BoolVar(&s.quiet, "quiet", false, "only errors on standard error")
	root.AddCommand(s.runCommand(), s.backfillCommand(), s.verifyCommand(), s.simulateCommand())
	for _, command := range root.Commands() {
		if command.Args == nil {
			command.Args = noArguments
		}
	}
	return root
}

func noArguments(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &pipeline.UsageError{Problem: fmt.Sprintf("%s: unexpected argument %q", command.CommandPath(), args[0]), Fix: "see " + command.CommandPath() + " --help"}
}

func (s *settings) runCommand() *cobra.Command {
	var options pipeline.Options
	command := &cobra.Command{
		Use:     "run",
		Short:   "Extract, link and publish one run date",
		Example: "  crosswalk run\n  crosswalk run --run-date 2026-11-23 --replay",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
			if err != nil {
				return err
			}
			if options.RunDate, err = pipeline.ResolveRunDate(options.RunDate, os.LookupEnv, time.Now()); err != nil {
				return err
			}
			if err := s.equip(&options); err != nil {
				return err
			}
			summary, err := pipeline.Run(command.Context(), config, options)
			if err != nil {
				return err
			}
			return summary.Print(s.stdout)
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.RunDate, "run-date", "", "date to publish, YYYY-MM-DD (default: CROSSWALK_RUN_DATE, Airflow's logical date, today in UTC)")
	flags.BoolVar(&options.Replay, "replay", false, "take the recorded stage of the date instead of the sources")
	flags.BoolVar(&options.DryRun, "dry-run", false, "do everything but publish")
	flags.BoolVar(&options.Force, "force", false, "publish past tripped guards; the manifest records it")
	flags.BoolVar(&options.SkipPublished, "skip-published", false, "end with 99 where the date stands published from these very inputs")
	return command
}

func (s *settings) backfillCommand() *cobra.Command {
	var options pipeline.Options
	var from, to string
	command := &cobra.Command{
		Use:     "backfill --from DATE --to DATE",
		Short:   "Publish a range of dates again from their recorded stages",
		Example: "  crosswalk backfill --from 2026-11-01 --to 2026-11-23",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
			if err != nil {
				return err
			}
			if err := s.equip(&options); err != nil {
				return err
			}
			return pipeline.Backfill(command.Context(), config, from, to, options, func(summary *pipeline.Summary) error {
				return summary.Print(s.stdout)
			})
		},
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
		Args:    cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
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

func (s *settings) simulateCommand() *cobra.Command {
	var options pipeline.SimulateOptions
	var port int
	command := &cobra.Command{
		Use:   "simulate",
		Short: "Serve a Salesforce org to play with on loopback",
		Long:  "Serve a Salesforce org on loopback: token endpoint, REST, Bulk API 2.0, with scripted faults.\nRows come from a folder, or from a seeded generator of any size.",
		Example: "  crosswalk simulate --port 8080\n" +
			"  crosswalk simulate --accounts 100000 --contacts 500000 --customers 80000 --erp-file customers.csv",
		RunE: func(command *cobra.Command, _ []string) error {
			options.Address = fmt.Sprintf("127.0.0.1:%d", port)
			options.Ready = func(url string) { _ = pipeline.Banner(s.stdout, url) } // a closed terminal is no reason to stop
			err := pipeline.Simulate(command.Context(), options)
			var interrupted *pipeline.InterruptedError
			if errors.As(err, &interrupted) {
				return nil
			}
			return err
		},
	}
	flags := command.Flags()
	flags.IntVar(&port, "port", 0, "port on 127.0.0.1; 0 takes a free one")
	flags.StringVar(&options.Directory, "fixtures", "fixtures/org", "folder of <Object>.csv and <Object>.describe.json to serve")
	flags.StringVar(&options.Faults, "faults", "", "JSON file of scripted faults")
	flags.StringVar(&options.LogFile, "request-log", "", "file that takes one JSON line a request")
	flags.StringVar(&options.ERPFile, "erp-file", "", "where to write the ERP snapshot of a generated org")
	flags.Int64Var(&options.Generate.Accounts, "accounts", 0, "generate an org with so many accounts instead of serving a folder")
	flags.Int64Var(&options.Generate.Contacts, "contacts", 0, "contacts of the generated org")
	flags.Int64Var(&options.Generate.Customers, "customers", 0, "customers of the generated ERP snapshot")
	flags.Uint64Var(&options.Generate.Seed, "seed", 1, "seed of the generated org")
	flags.IntVar(&options.Options.BulkPage, "bulk-page", 0, "records on a page of a Bulk result; 0 is the server's choice")
	flags.DurationVar(&options.Options.JobDelay, "job-delay", 0, "how long a Bulk job takes")
	flags.BoolVar(&options.Options.NoGzip, "no-gzip", false, "never compress answers")
	flags.BoolVar(&options.Options.NoResultPages, "no-result-pages", false, "offer no resultPages, as before v58")
	return command
}

// equip gives a run its version, its clock and a way to tell how far it is.
func (s *settings) equip(options *pipeline.Options) error {
	options.Version = version
	level := slog.LevelInfo
	if s.quiet {
		level = slog.LevelError
	}
	handler := &slog.HandlerOptions{Level: level}
	switch s.logFormat {
	case "json":
		options.Logger = slog.New(slog.NewJSONHandler(s.stderr, handler))
	case "text", "auto":
		options.Logger = slog.New(slog.NewTextHandler(s.stderr, handler))
	default:
		return &pipeline.UsageError{Problem: fmt.Sprintf("--log-format: got %q", s.logFormat), Fix: "use text, json or auto"}
	}
	if file, ok := s.stderr.(*os.File); ok && s.logFormat == "auto" && !s.quiet && term.IsTerminal(int(file.Fd())) {
		options.Terminal = s.stderr
	}
	return nil
}
