package pipeline

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"crosswalk/extract/salesforce"
	"crosswalk/extract/salesforce/tokenstore"
	"crosswalk/fixtures"

	"github.com/sourcegraph/conc/pool"
)

// openOrg signs in: to the configured org, or to the fixtures, which are served on loopback for as long as the caller
// needs them. The caller calls the function that it returns.
func openOrg(ctx context.Context, c *Config, version string, log *slog.Logger) (*salesforce.Client, func(), error) {
	options, stop, err := orgOptions(ctx, c, version, log)
	if err != nil {
		return nil, nil, err
	}
	org, err := salesforce.Open(ctx, options)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return org, func() { org.Close(); stop() }, nil
}

// orgOptions are the options to sign in with; the fixtures, which take no other way in than client_credentials, are
// served until stop is called.
func orgOptions(ctx context.Context, c *Config, version string, log *slog.Logger) (options salesforce.Options, stop func(), err error) {
	config := c.Salesforce
	options = salesforce.Options{
		InstanceURL: config.InstanceURL, Login: config.Login, ClientID: config.ClientID, ClientSecret: config.ClientSecret,
		Username: config.Username, PrivateKey: config.PrivateKey, OrganizationID: config.OrganizationID,
		APIVersion: config.APIVersion, AllowedHosts: config.AllowedHosts, CAFile: config.CAFile,
		UserAgent: "crosswalk/" + version, APIQuota: c.Limits.APIQuota, Logger: log,
	}
	if config.Source != "fixtures" {
		if config.Login == salesforce.LoginWebServer {
			options.Tokens = tokenStore(c)
		}
		return options, func() {}, nil
	}
	server, err := serveFixtures(ctx, fixtures.Options{Directory: config.Fixtures})
	if err != nil {
		return options, func() {}, err
	}
	options.InstanceURL, options.Login, options.OrganizationID = server.url, salesforce.LoginClientCredentials, ""
	options.ClientID, options.ClientSecret = fixtures.DefaultClientID, salesforce.Secret(fixtures.DefaultClientSecret)
	return options, server.stop, nil
}

// tokenStore is where the tokens of the configured app at the configured org are kept.
func tokenStore(c *Config) *tokenstore.Store {
	host := strings.TrimPrefix(strings.TrimPrefix(c.Salesforce.InstanceURL, "https://"), "http://")
	folder, name := filepath.Join(c.State.Directory, "tokens"), tokenstore.Name(c.Salesforce.ClientID, host)
	if c.Salesforce.TokenStore == "keyring" {
		return tokenstore.Keyring(folder, name)
	}
	return tokenstore.File(folder, name)
}

// loopback is a simulator being served on 127.0.0.1.
type loopback struct {
	url  string
	stop func()
}

// serveFixtures starts the simulator on a free port of the loopback interface.
func serveFixtures(ctx context.Context, options fixtures.Options) (*loopback, error) {
	org, err := fixtures.NewServer(options)
	if err != nil {
		return nil, &UsageError{Problem: "salesforce.fixtures: " + err.Error(), Fix: "point salesforce.fixtures at a folder of <Object>.csv and <Object>.describe.json"}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, &StorageError{Op: "listen", Path: "127.0.0.1", Err: err}
	}
	server := &http.Server{Handler: org, ReadHeaderTimeout: 10 * time.Second}
	serving := pool.New()
	serving.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed when stopped
	return &loopback{
		url:  "http://" + listener.Addr().String(),
		stop: func() { _ = server.Close(); serving.Wait(); org.Close() },
	}, nil
}
