package salesforce

import (
	"errors"
	"slices"
	"sync"
)

// vault has every secret that a client ever held. One that was replaced meanwhile may still come back in the answer to a
// request that was sent with it. Safe for concurrent use.
type vault struct {
	mutex sync.Mutex
	held  []Secret
}

func (v *vault) keep(secrets ...Secret) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	for _, secret := range secrets {
		if secret != "" && !slices.Contains(v.held, secret) {
			v.held = append(v.held, secret)
		}
	}
}

func (v *vault) all() []Secret {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return slices.Clone(v.held)
}

// without takes the secrets out of a text that a server, or a proxy, had a hand in.
func (v *vault) without(text string) string { return redact(text, v.all()...) }

// scrub takes the secrets out of an error, whatever member of it they stand in. It is the last thing that is done to every
// error that leaves this package.
func (v *vault) scrub(err error) error {
	if err == nil {
		return nil
	}
	secrets := v.all()
	var failure *Error
	if errors.As(err, &failure) {
		for _, text := range []*string{&failure.Message, &failure.Code, &failure.RequestID, &failure.hint} {
			if clean := redact(*text, secrets...); clean != *text { // written but for a reason: callers may share a failure
				*text = clean
			}
		}
	}
	if text := err.Error(); redact(text, secrets...) != text {
		return &censored{cause: err, secrets: secrets}
	}
	return err
}

// censored is an error whose text a server has put a secret into by a way that nobody knew of.
type censored struct {
	cause   error
	secrets []Secret
}

// Error is that of the cause, without the secrets.
func (c *censored) Error() string { return redact(c.cause.Error(), c.secrets...) }

// Unwrap is the cause, for its type.
func (c *censored) Unwrap() error { return c.cause }

// Hint is that of the cause, without the secrets.
func (c *censored) Hint() string {
	var hinted interface{ Hint() string }
	if !errors.As(c.cause, &hinted) {
		return ""
	}
	return redact(hinted.Hint(), c.secrets...)
}

// ExitCode is that of the cause.
func (c *censored) ExitCode() int {
	var coded interface{ ExitCode() int }
	if !errors.As(c.cause, &coded) {
		return exitUnavailable
	}
	return coded.ExitCode()
}
