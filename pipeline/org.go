package pipeline

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"crosswalk/extract/salesforce"
	"crosswalk/fixtures"

	"github.com/sourcegraph/conc/pool"
)

// openOrg signs in: to the configured org, or to the fixtures, which are served on loopback for as long as the caller
// needs them. The caller calls the function that it returns.
func openOrg(ctx context.Context, c *Config, version string, log *slog.Logger) (*salesforce.Client, func(), error) {
	config := c.Salesforce
	options := salesforce.Options{
		InstanceURL: config.InstanceURL, Login: config.Login, ClientID: config.ClientID, ClientSecret: config.ClientSecret,
		APIVersion: config.APIVersion, AllowedHosts: config.AllowedHosts, CAFile: config.CAFile,
		UserAgent: "crosswalk/" + version, APIQuota: c.Limits.APIQuota, Logger: log,
	}
	stop := func() {}
	if config.Source == "fixtures" {
		server, err := serveFixtures(ctx, fixtures.Options{Directory: config.Fixtures})
		if err != nil {
			return nil, nil, err
		}
		stop = server.stop
		options.InstanceURL, options.Login = server.url, "client_credentials"
		options.ClientID, options.ClientSecret = fixtures.DefaultClientID, salesforce.Secret(fixtures.DefaultClientSecret)
	}
	org, err := salesforce.Open(ctx, options)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return org, func() { org.Close(); stop() }, nil
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
