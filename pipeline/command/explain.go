package command

import (
	"os"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

func (s *settings) explainCommand() *cobra.Command {
	var options pipeline.ExplainOptions
	format := formatText
	command := &cobra.Command{
		Use:   "explain ID",
		Short: "Tell why a customer, an account or a contact is linked, or is not",
		Long: "Tell of a customer's id, an account's or a contact's of 15 or 18 characters: the record on both sides, its identifier with\n" +
			"what cannot be seen in it, each step of the key, whom it met, the status in plain words, its history and what to do.\n" +
			"The newest publication is asked, or that of --run-date. An id that nobody has ends with 2.",
		Example: "  crosswalk explain 88272786\n  crosswalk explain 0015g00000M8uTL --format json",
		Args:    cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return &pipeline.UsageError{Problem: "crosswalk explain: want one id", Fix: "see crosswalk explain --help; put an id with spaces in quotes"}
			}
			if err := checkFormat(format); err != nil {
				return err
			}
			config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
			if err != nil {
				return err
			}
			var run pipeline.Options
			s.equip(&run)
			options.Logger = run.Logger
			explained, err := pipeline.Explain(command.Context(), config, args[0], options)
			if err != nil {
				return err
			}
			if format == formatJSON {
				return explained.JSON(s.stdout)
			}
			return explained.Print(s.stdout)
		},
	}
	command.Flags().StringVar(&format, "format", format, "text or json")
	command.Flags().StringVar(&options.RunDate, "run-date", "", "date whose publication is asked (default: the newest)")
	return command
}
