package command

import (
	"errors"
	"fmt"

	"crosswalk/pipeline"

	"github.com/spf13/cobra"
)

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
