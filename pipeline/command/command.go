// Package command is the command line: one file a command, each of which parses its flags, calls one function of the
// pipeline and prints what comes of it.
package command

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const version = "0.1.0"

// settings are the flags that every command has.
type settings struct {
	config    string
	logFormat string
	quiet     bool
	stdout    output
	stderr    io.Writer
	deadline  deadline // of a job
}

// New is the command line, from os.Args. Results go to stdout, everything else to stderr.
func New(stdout, stderr io.Writer) *cobra.Command {
	s := &settings{stdout: output{stdout}, stderr: stderr}
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
		// Before every command, also of those that log nothing: a misspelt format is told on the day it is written.
		PersistentPreRunE: func(*cobra.Command, []string) error { return checkLogFormat(s.logFormat) },
		RunE:              func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	root.SetOut(s.stdout)
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
		s.connectCommand(), s.disconnectCommand(), s.discoverCommand(), s.explainCommand(), s.simulateCommand())
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

// isTerminal tells whether colours do good there; NO_COLOR (https://no-color.org) says that they do not.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd()))
}

// equip gives a run its version, its clock and a way to tell how far it is.
func (s *settings) equip(options *pipeline.Options) {
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
	options.Logger = slog.New(slog.NewTextHandler(s.stderr, handler))
	if s.logFormat == "json" {
		options.Logger = slog.New(slog.NewJSONHandler(s.stderr, handler))
	}
}

func checkLogFormat(format string) error {
	switch format {
	case "text", "json", "auto":
		return nil
	}
	return &pipeline.UsageError{Problem: fmt.Sprintf("--log-format: got %q", format), Fix: "use text, json or auto"}
}
