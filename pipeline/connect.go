package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"crosswalk/extract/salesforce"
	"crosswalk/extract/salesforce/tokenstore"
)

// ConnectOptions are what a caller of Connect decides beside the configuration.
type ConnectOptions struct {
	// NoBrowser opens and listens to nothing: the person pastes the address that the browser ended at into Input.
	NoBrowser bool
	// Timeout is how long to wait for the person.
	Timeout time.Duration
	// Version is crosswalk's own, for Salesforce's logs.
	Version string
	Logger  *slog.Logger
	// Input is what a person types; Notes takes what to do next.
	Input io.Reader
	Notes io.Writer
	// LookupEnv answers for BROWSER and the like, to find a browser.
	LookupEnv func(string) (string, bool)
}

// Connected is who signed in and where the tokens are.
type Connected struct {
	salesforce.Identity
	Store string
}

// Print says it on one line.
func (c *Connected) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "connected: user %s of org %s at %s\ntokens: %s\n", orUnnamed(c.UserID), orUnnamed(c.OrganizationID), c.InstanceURL, c.Store)
	return err
}

func orUnnamed(id string) string {
	if id == "" {
		return "(not named)"
	}
	return id
}

// Connect lets a person sign in through the browser and keeps the tokens. Errors carry Hint and ExitCode.
func Connect(ctx context.Context, config *Config, options ConnectOptions) (*Connected, error) {
	if err := wantsBrowser("connect", config); err != nil {
		return nil, err
	}
	login, store, err := openLogin(ctx, config, options.Version, options.Logger)
	if err != nil {
		return nil, err
	}
	callback := fmt.Sprintf("http://localhost:%d%s", config.Salesforce.CallbackPort, callbackPath)
	attempt := login.Authorize(callback)
	patient, cancel := context.WithTimeoutCause(ctx, options.Timeout, &ConnectTimeoutError{Limit: options.Timeout, Callback: callback})
	defer cancel()
	var who salesforce.Identity
	if options.NoBrowser {
		who, err = connectByPaste(patient, attempt, callback, options)
	} else {
		who, err = connectByBrowser(patient, attempt, config, options)
	}
	if err != nil {
		return nil, err
	}
	return &Connected{Identity: who, Store: store.String()}, nil
}

// openLogin makes ready to talk to the org and sees that its tokens can be kept, before a person does anything for them.
func openLogin(ctx context.Context, config *Config, version string, log *slog.Logger) (*salesforce.Login, *tokenstore.Store, error) {
	options, stop, err := orgOptions(ctx, config, version, log)
	if err != nil {
		return nil, nil, err
	}
	stop()
	login, err := salesforce.NewLogin(options)
	if err != nil {
		return nil, nil, err
	}
	held, err := options.Tokens.Lock(ctx)
	if err != nil {
		return nil, nil, err
	}
	return login, options.Tokens, held.Release()
}

// wantsBrowser refuses a command that is about a sign-in through the browser where the configuration has another.
func wantsBrowser(command string, config *Config) error {
	switch {
	case config.Salesforce.Source != "org":
		return &UsageError{
			Problem: command + ": salesforce.source is " + config.Salesforce.Source + ", which nobody signs in to",
			Fix:     "set salesforce.source: org, salesforce.instance_url and salesforce.login: web_server",
		}
	case config.Salesforce.Login != salesforce.LoginWebServer:
		return &UsageError{
			Problem: command + ": salesforce.login is " + config.Salesforce.Login + ", which takes no browser and keeps no tokens",
			Fix:     "run `crosswalk check` to try it, or set salesforce.login: web_server",
		}
	}
	return nil
}

// Disconnected is what became of the tokens.
type Disconnected struct {
	Store string
	Said  string // what happened, for people
}

// Print says it on one line.
func (d *Disconnected) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "disconnected: %s\ntokens: none in %s\n", d.Said, d.Store)
	return err
}

// Disconnect revokes the grant at Salesforce and forgets the tokens. They are forgotten even where Salesforce does not
// answer, which is an *UnrevokedError then: who disconnects a machine wants nothing of use to a thief left on it, and a
// grant whose only token is gone can do no harm. Errors carry Hint and ExitCode.
func Disconnect(ctx context.Context, config *Config, options ConnectOptions) (*Disconnected, error) {
	if err := wantsBrowser("disconnect", config); err != nil {
		return nil, err
	}
	login, store, err := openLogin(ctx, config, options.Version, options.Logger)
	if err != nil {
		return nil, err
	}
	held, err := store.Lock(ctx)
	if err != nil {
		return nil, err
	}
	said, err := disconnect(ctx, login, held)
	if err = errors.Join(err, held.Release()); err != nil {
		return nil, err
	}
	return &Disconnected{Store: store.String(), Said: said}, nil
}

const seeUsage = "see Setup, Connected Apps OAuth Usage, whether a grant of this user is left"

func disconnect(ctx context.Context, login *salesforce.Login, held *tokenstore.Locked) (string, error) {
	stored, err := held.Load()
	var unreadable *tokenstore.Error
	switch {
	case errors.Is(err, tokenstore.ErrMissing):
		return "nobody was signed in, nothing to forget", nil
	case errors.As(err, &unreadable) && unreadable.ExitCode() != (&StorageError{}).ExitCode():
		return "forgotten; the stored tokens could not be used to revoke the grant: " + seeUsage, held.Forget()
	case err != nil:
		return "", err
	}
	known, revoked := revoke(ctx, login, salesforce.Secret(stored.RefreshToken))
	if ctx.Err() != nil {
		return "", context.Cause(ctx) // somebody stopped it: nothing is forgotten, so that it can be done again
	}
	if err := held.Forget(); err != nil {
		return "", err
	}
	if revoked != nil {
		return "", &UnrevokedError{Err: revoked}
	}
	if !known {
		return "forgotten; Salesforce no longer knew the refresh token: " + seeUsage, nil
	}
	return "the grant was revoked at Salesforce and forgotten here", nil
}

const (
	revokeTries = 3
	revokePause = time.Second
)

// revoke asks again where Salesforce was not reached: there is no later occasion, for the token is forgotten then.
func revoke(ctx context.Context, login *salesforce.Login, token salesforce.Secret) (known bool, err error) {
	for try := range revokeTries {
		if try > 0 {
			select {
			case <-time.After(revokePause):
			case <-ctx.Done():
				return false, context.Cause(ctx)
			}
		}
		if known, err = login.Revoke(ctx, token); err == nil || ExitCode(err) != exitUnavailable {
			return known, err
		}
	}
	return known, err
}

// UnrevokedError is a sign-in whose tokens were forgotten here and whose grant Salesforce still has. Its exit code is that
// of the cause.
type UnrevokedError struct{ Err error }

// Error says what was done and what was not.
func (e *UnrevokedError) Error() string {
	return "disconnect: the tokens are forgotten here, but the grant was not revoked: " + e.Err.Error()
}

// Hint is where an administrator revokes it.
func (e *UnrevokedError) Hint() string {
	return "revoke it in Setup > Connected Apps OAuth Usage > (the app), or on the page of the user > OAuth Connected Apps; no copy of its token is left here"
}

// ExitCode is that of the cause.
func (e *UnrevokedError) ExitCode() int { return ExitCode(e.Err) }

// Unwrap is why Salesforce did not revoke it.
func (e *UnrevokedError) Unwrap() error { return e.Err }

// ConnectTimeoutError is a person who never came back from the browser: several refusals of Salesforce end on a page of
// its own and are told to nobody else. Exit code 3.
type ConnectTimeoutError struct {
	Limit    time.Duration
	Callback string
}

// Error names the callback and the time.
func (e *ConnectTimeoutError) Error() string {
	return fmt.Sprintf("connect: nobody came back to %s within %s", e.Callback, e.Limit)
}

// Hint lists what keeps people from coming back.
func (e *ConnectTimeoutError) Hint() string {
	return "the browser's page may say why: the app is not installed in this org (\"must be installed\"), its callback URL is not " + e.Callback +
		" to the letter, it is blocked by policy or by API Access Control, or it is newer than ten minutes; where the browser is on another machine, use --no-browser"
}

// ExitCode is 3.
func (e *ConnectTimeoutError) ExitCode() int { return 3 }
