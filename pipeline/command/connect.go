package command

import (
	"errors"
	"os"
	"time"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

func (s *settings) connectCommand() *cobra.Command {
	var options pipeline.ConnectOptions
	command := &cobra.Command{
		Use:   "connect",
		Short: "Sign in through the browser and keep the tokens",
		Long: "Sign in to Salesforce through the browser, where salesforce.login is web_server, keep the tokens, and check the setup.\n" +
			"The browser comes back to http://localhost:<salesforce.callback_port>/callback, which the app must have as callback URL.",
		Example: "  crosswalk connect\n  crosswalk connect --no-browser",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := s.people(&options)
			if err != nil {
				return err
			}
			connected, err := pipeline.Connect(command.Context(), config, options)
			if err != nil {
				return err
			}
			if err := connected.Print(s.stdout); err != nil {
				return err
			}
			list, err := pipeline.CheckSetup(command.Context(), config, pipeline.CheckOptions{Version: version, Logger: options.Logger})
			if list == nil {
				return err
			}
			return errors.Join(err, list.Print(s.stdout, isTerminal(s.stdout.to)))
		},
	}
	flags := command.Flags()
	flags.BoolVar(&options.NoBrowser, "no-browser", false, "open nothing: paste back the address at which a browser elsewhere ended")
	flags.DurationVar(&options.Timeout, "timeout", 5*time.Minute, "how long to wait for the sign-in")
	return command
}

func (s *settings) disconnectCommand() *cobra.Command {
	var options pipeline.ConnectOptions
	return &cobra.Command{
		Use:     "disconnect",
		Short:   "Revoke the sign-in of connect and forget its tokens",
		Example: "  crosswalk disconnect",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := s.people(&options)
			if err != nil {
				return err
			}
			done, err := pipeline.Disconnect(command.Context(), config, options)
			if err != nil {
				return err
			}
			return done.Print(s.stdout)
		},
	}
}

// people readies a command that a person follows at a terminal.
func (s *settings) people(options *pipeline.ConnectOptions) (*pipeline.Config, error) {
	var run pipeline.Options
	s.equip(&run)
	options.Version, options.Logger = version, run.Logger
	options.Input, options.Notes, options.LookupEnv = os.Stdin, s.stderr, os.LookupEnv
	if options.Timeout < 0 {
		return nil, &pipeline.UsageError{Problem: "--timeout: less than nothing", Fix: "give a duration such as 5m"}
	}
	return pipeline.ReadConfig(s.config, os.LookupEnv, os.Environ()...)
}
