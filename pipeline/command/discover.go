package command

import (
	"fmt"
	"os"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

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
			s.equip(&run)
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
