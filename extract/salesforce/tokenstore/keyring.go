package tokenstore

import (
	"errors"

	"github.com/zalando/go-keyring"
)

const ringService = "crosswalk"

// ring is a vault in the keyring: Secret Service, Keychain or Credential Manager. The operating system says who may read
// it and when it is on disk.
type ring struct{ user, directory string }

// String is the name under which a person finds it.
func (r *ring) String() string { return "keyring: " + ringService + "/" + r.user }

// prepare also finds out whether the keyring answers, before a person signs in for nothing.
func (r *ring) prepare() error {
	if err := prepareFolder(r.directory); err != nil {
		return err
	}
	if _, err := r.read(); err != nil && !errors.Is(err, ErrMissing) {
		return err
	}
	return nil
}

// begin is a write: a keyring has no room to ask for.
func (r *ring) begin(text []byte) error { return r.write(text) }

func (r *ring) read() ([]byte, error) {
	text, err := keyring.Get(ringService, r.user)
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return nil, missing(r.String())
	case err != nil:
		return nil, r.unavailable(err)
	}
	return []byte(text), nil
}

// write keeps the text. Keychain and Credential Manager hold some 2.5 kB, which an access token of the JWT kind can pass:
// it is left out then, since the refresh token alone is enough.
func (r *ring) write(text []byte) error {
	err := keyring.Set(ringService, r.user, string(text))
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		tokens, wrong := decode(text)
		if wrong != nil {
			return storage(r.String(), "save", wrong)
		}
		tokens.AccessToken = ""
		if text, wrong = encode(tokens); wrong != nil {
			return storage(r.String(), "save", wrong)
		}
		err = keyring.Set(ringService, r.user, string(text))
	}
	if err != nil {
		return r.unavailable(err)
	}
	return nil
}

// unfinished is nil: a keyring replaces its text in one step.
func (r *ring) unfinished() []byte { return nil }

func (r *ring) remove() error {
	if err := keyring.Delete(ringService, r.user); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return r.unavailable(err)
	}
	return nil
}

// setAside leaves the entry where it is: the next sign-in replaces it.
func (r *ring) setAside() (string, error) { return "", nil }

func (r *ring) unavailable(err error) error {
	return &Error{
		Where: r.String(), Problem: "the keyring does not answer", exit: exitUsage, cause: err,
		hint: "unlock the keyring of this user, or set salesforce.token_store: file (a machine without a desktop has no keyring)",
	}
}
