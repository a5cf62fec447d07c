package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

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
			return errors.Join(err, list.Print(s.stdout, isTerminal(s.stdout.to)))
		},
	}
	command.Flags().StringVar(&format, "format", format, "text or json")
	return command
}

// check is the checklist, also of a configuration that cannot be read.
func (s *settings) check(ctx context.Context) (*pipeline.Checklist, error) {
	var options pipeline.Options
	s.equip(&options)
	checks := pipeline.CheckOptions{Version: version, Logger: options.Logger}
	config, err := pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
	if err != nil {
		return pipeline.CheckUnread(ctx, s.config, err, checks)
	}
	return pipeline.CheckSetup(ctx, config, checks)
}
