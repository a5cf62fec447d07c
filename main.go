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
	root.AddCommand(s.runCommand(), s.backfillCommand(), s.verifyCommand(), s.checkCommand(),
		s.connectCommand(), s.disconnectCommand(), s.discoverCommand(), s.simulateCommand())
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

func (s *settings) checkCommand() *cobra.Command {
	format := "text"
	command := &cobra.Command{
		Use:   "check",
		Short: "Go through the setup guide against the org, item by item",
		Long: "Go through the setup guide, docs/setup.md, against the org, the ERP snapshot and this machine, and tell what holds, what\n" +
			"fails and which click mends it. Nothing is published. It ends with 0 where every item passes or is unknown, else with\n" +
			"the code of the first that fails: 2 configuration, 3 sign-in or permission, 4 Salesforce, 5 input.",
		Example: "  crosswalk check\n  crosswalk check --format json",
		RunE: func(command *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return &pipeline.UsageError{Problem: fmt.Sprintf("--format: got %q", format), Fix: "use text or json"}
			}
			list, err := s.check(command.Context())
			if list == nil {
				return err
			}
			if format == "json" {
				return errors.Join(err, list.JSON(s.stdout))
			}
			return errors.Join(err, list.Print(s.stdout, isTerminal(s.stdout)))
		},
	}
	command.Flags().StringVar(&format, "format", format, "text or json")
	return command
}

// check is the checklist, also of a configuration that cannot be read.
func (s *settings) check(ctx context.Context) (*pipeline.Checklist, error) {
	var options pipeline.Options
	if err := s.equip(&options); err != nil {
		return nil, err
	}
	checks := pipeline.CheckOptions{Version: version, Logger: options.Logger}
	config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
	if err != nil {
		return pipeline.CheckUnread(ctx, s.config, err, checks)
	}
	return pipeline.CheckSetup(ctx, config, checks)
}

// isTerminal tells whether colours do good there; NO_COLOR (https://no-color.org) says that they do not.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd()))
}

func (s *settings) discoverCommand() *cobra.Command {
	var options pipeline.DiscoverOptions
	format := formatText
	command := &cobra.Command{
		Use:   "discover",
		Short: "Find the field and the column that hold the common identifier",
		Long: "Compare the fields of Account with the columns of the ERP, in both directions, and rank the pairs by the customers that\n" +
			"they would link: with uniqueness, coverage, the key that is needed, warnings, and the rule to paste. It searches the newest\n" +
			"recorded stage, or that of --run-date; without one, or with --all-fields, every field of Account is read for it.",
		Example: "  crosswalk discover\n  crosswalk discover --all-fields --format json",
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
			if err != nil {
				return err
			}
			var run pipeline.Options
			if err := s.equip(&run); err != nil {
				return err
			}
			options.Version, options.Logger, options.Terminal = run.Version, run.Logger, run.Terminal
			found, err := pipeline.Discover(command.Context(), config, options)
			if err != nil {
				return err
			}
			if format == formatJSON {
				return found.JSON(s.stdout)
			}
			return found.Print(s.stdout)
		},
	}
	flags := command.Flags()
	flags.StringVar(&format, "format", format, "text or json")
	flags.StringVar(&options.RunDate, "run-date", "", "date whose recorded stage is searched (default: the newest)")
	flags.BoolVar(&options.AllFields, "all-fields", false, "read every field of Account into a stage of its own, which is removed afterwards")
	flags.BoolVar(&options.ShowValues, "show-values", false, "show samples as they are, not masked")
	return command
}

// Formats of what a command tells.
const (
	formatText = "text"
	formatJSON = "json"
)

func checkFormat(format string) error {
	if format == formatText || format == formatJSON {
		return nil
	}
	return &pipeline.UsageError{Problem: fmt.Sprintf("--format: got %q", format), Fix: "use text or json"}
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
			options.Ready = func(url string) { _ = pipeline.Banner(s.stdout, url, options) } // a closed terminal is no reason to stop
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
	orgFlags(command, &options)
	return command
}

// orgFlags are what the simulated org, its app and its user are like.
func orgFlags(command *cobra.Command, options *pipeline.SimulateOptions) {
	flags, org := command.Flags(), &options.Options
	flags.StringArrayVar(&org.Redirects, "callback", nil, "callback that the app has registered; may be repeated (default http://localhost:1717/callback)")
	flags.StringArrayVar(&org.Scopes, "scope", nil, "scope that the app may be given; may be repeated (default api and refresh_token)")
	flags.StringVar(&org.Consent, "consent", "", "page, allow, deny, blocked, not_permitted, not_found, approval_error or not_installed (default page)")
	flags.StringVar(&org.Username, "username", "", "who signs in (default integration@crosswalk.example)")
	flags.StringVar(&options.Certificate, "jwt-certificate", "", "PEM file of the app's certificate or public key; turns JWT bearer on")
	flags.BoolVar(&org.PKCEOptional, "pkce-optional", false, "take sign-ins without a code challenge, as an old Connected App")
	flags.BoolVar(&org.RefreshRotation, "rotate-refresh-tokens", false, "answer every refresh with a new refresh token")
	flags.DurationVar(&org.SessionTime, "session-time", 0, "how long an access token lasts (default 2h)")
	flags.Int64Var(&org.SessionCalls, "session-calls", 0, "an access token dies after so many data calls; 0 is never")
	flags.BoolVar(&org.Sandbox, "sandbox", false, "the org is a sandbox")
	flags.BoolVar(&org.APIDisabled, "api-disabled", false, "the user has no API Enabled")
	flags.BoolVar(&org.ViewSetup, "view-setup", false, "the user may ask who may see what: PermissionSet and its kin")
	flags.StringArrayVar(&org.Hide, "hide", nil, "Object.Field or Object that the user may not read; may be repeated")
	flags.Int64Var(&org.DailyLimit, "daily-limit", 0, "API calls a day (default 100,000)")
	flags.Int64Var(&org.DailyUsed, "daily-used", 0, "API calls of the day that are used already")
	flags.DurationVar(&org.ClockOffset, "clock-offset", 0, "how far ahead the org's clock is; negative is behind")
}

// equip gives a run its version, its clock and a way to tell how far it is.
func (s *settings) equip(options *pipeline.Options) error {
	options.Version = version
	if file, ok := s.stderr.(*os.File); ok && s.logFormat == "auto" && !s.quiet && term.IsTerminal(int(file.Fd())) {
		options.Terminal = s.stderr
	}
	level := slog.LevelInfo
	switch {
	case s.quiet:
		level = slog.LevelError
	case options.Terminal != nil:
		level = slog.LevelWarn // the bars tell the rest, and a line would tear them
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
	return nil
}
