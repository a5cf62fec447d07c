package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"crosswalk/fixtures"

	"github.com/sourcegraph/conc/pool"
)

// SimulateOptions say which org to serve and where. Accounts above zero generates one from Seed; else Directory, a
// folder of rows and describes, is served.
type SimulateOptions struct {
	Address   string
	Directory string
	Faults    string // path of a JSON file of scripted faults, or empty
	ERPFile   string // where to write the generated org's ERP snapshot, or empty
	LogFile   string // where to write one JSON line a request, or empty

	Certificate string // PEM file of the app's certificate or public key, or empty

	Generate fixtures.Generator
	Options  fixtures.Options
	Ready    func(url string) // called once the org answers
}

// Simulate serves a Salesforce org on a loopback address until ctx ends, which is no error.
func Simulate(ctx context.Context, options SimulateOptions) (err error) {
	org, closeOrg, err := simulatedOrg(options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeOrg()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", options.Address)
	if err != nil {
		return &UsageError{Problem: "simulate: listen on " + options.Address + ": " + err.Error(), Fix: "choose another --port; 0 takes a free one"}
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return errors.Join(&UsageError{Problem: "simulate: " + options.Address + " is no loopback address", Fix: "serve on 127.0.0.1: the simulated org has no protection"}, listener.Close())
	}
	server := &http.Server{Handler: org, ReadHeaderTimeout: 10 * time.Second}
	serving := pool.New().WithErrors()
	serving.Go(func() error { return server.Serve(listener) })
	options.Ready("http://" + listener.Addr().String())
	<-ctx.Done()
	err = server.Close()
	if served := serving.Wait(); !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func simulatedOrg(options SimulateOptions) (*fixtures.Server, func() error, error) {
	served := options.Options
	served.Directory = options.Directory
	if options.Generate.Accounts > 0 {
		served.Directory, served.Generate = "", &options.Generate
	}
	if options.Faults != "" {
		faults, err := fixtures.ReadFaults(options.Faults)
		if err != nil {
			return nil, nil, &UsageError{Problem: "simulate: faults: " + err.Error(), Fix: "see fixtures/README.md for the form of a fault"}
		}
		served.Faults = faults
	}
	if options.Certificate != "" {
		key, err := fixtures.ReadPublicKey(options.Certificate)
		if err != nil {
			return nil, nil, &UsageError{Problem: "simulate: " + err.Error(), Fix: "name the PEM file of a certificate or a public key, RSA of 2,048 bits or more"}
		}
		served.JWTKey = key
	}
	if err := writeSnapshot(options); err != nil {
		return nil, nil, err
	}
	closeLog := func() error { return nil }
	if options.LogFile != "" {
		file, err := os.OpenFile(options.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, &StorageError{Op: "open", Path: options.LogFile, Err: err}
		}
		served.Log, closeLog = file, file.Close
	}
	org, err := fixtures.NewServer(served)
	if err != nil {
		return nil, nil, errors.Join(&UsageError{Problem: "simulate: " + err.Error(), Fix: "see crosswalk simulate --help; rows come from a folder of <Object>.csv and <Object>.describe.json, or from --accounts"}, closeLog())
	}
	return org, func() error { org.Close(); return closeLog() }, nil
}

// writeSnapshot writes the ERP's side of a generated org.
func writeSnapshot(options SimulateOptions) error {
	if options.ERPFile == "" {
		return nil
	}
	if options.Generate.Accounts <= 0 {
		return &UsageError{Problem: "simulate: --erp-file without --accounts", Fix: "only a generated org has a snapshot to write"}
	}
	file, err := os.OpenFile(options.ERPFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return &StorageError{Op: "create", Path: options.ERPFile, Err: err}
	}
	if err := errors.Join(options.Generate.WriteCustomers(file), file.Close()); err != nil {
		return &StorageError{Op: "write", Path: options.ERPFile, Err: err}
	}
	return nil
}

// Banner tells how to reach a simulated org, and which callbacks and username its app and user have.
func Banner(w io.Writer, url string, options SimulateOptions) error {
	callbacks, user := options.Options.Redirects, options.Options.Username
	if len(callbacks) == 0 {
		callbacks = []string{fixtures.DefaultRedirect}
	}
	if user == "" {
		user = fixtures.DefaultUsername
	}
	_, err := fmt.Fprintf(w, "serving a Salesforce org at %s\n  instance_url: %s\n  client_id: %s\n  client_secret: %s\n  callback: %s\n  username: %s\nstop with Ctrl-C\n",
		url, url, fixtures.DefaultClientID, fixtures.DefaultClientSecret, strings.Join(callbacks, " "), user)
	return err
}
