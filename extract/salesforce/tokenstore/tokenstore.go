// Package tokenstore keeps the tokens of one sign-in through the browser: in a file that nobody else can open, or in the
// keyring of the operating system.
//
// A refresh token may be good for one use only, and the use of an old one can end the whole grant. So a [Store] is
// locked across processes while a token is being refreshed, what is written is durable before anybody goes on, and a
// refresh that was begun and never ended stays visible to the next process.
package tokenstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Rotation says whether a refresh gives a new refresh token and ends the old one.
type Rotation string

// What is known about rotation. As long as no refresh was answered, nothing is.
const (
	RotationUnknown Rotation = ""
	RotationOn      Rotation = "on"
	RotationOff     Rotation = "off"
)

// Tokens are what one sign-in left behind. They print as [redacted]; only the fields themselves give anything out.
type Tokens struct {
	RefreshToken string
	AccessToken  string    // of the newest session, empty where it was not kept
	InstanceURL  string    // origin that the session is for, as Salesforce named it: to be checked before use
	Identity     string    // URL that names the org and the user
	Scope        string    // scopes of the session, separated by spaces
	IssuedAt     time.Time // of the newest session
	Rotation     Rotation
	Pending      time.Time // a refresh was begun then and its outcome is not known; zero where none is
	Refused      string    // how Salesforce refused this refresh token for good, empty where it did not
}

const redacted = "[redacted]"

// Format writes [redacted], whatever the verb.
func (t Tokens) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue is [redacted].
func (t Tokens) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON is "[redacted]"; the store has a form of its own.
func (t Tokens) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// vault is a place that holds one text.
type vault interface {
	// read gives the text; an error wraps ErrMissing where there is none.
	read() ([]byte, error)
	// prepare makes ready for a write; Lock calls it once.
	prepare() error
	// begin replaces the text as write does, and makes room for the next write, so that it cannot fail for want of space.
	begin(text []byte) error
	// write replaces the text, durably and whole.
	write(text []byte) error
	// unfinished is the text of a write that was cut off before it could be read; nil where there is none.
	unfinished() []byte
	remove() error
	// setAside moves a text that cannot be read out of the way and says where to.
	setAside() (string, error)
	String() string
}

// Store keeps the tokens of one app at one org. It is safe for concurrent use, by other processes too.
type Store struct {
	vault vault
	lock  string // path of the lock file
}

// Name is the name of a store for an app at a host: the same for the same pair, and nothing of either can be read in it.
func Name(clientID, host string) string {
	sum := sha256.Sum256([]byte(host + "\n" + clientID))
	return hex.EncodeToString(sum[:12])
}

// File is a store in the file NAME.json of a folder, which is made where it is not there.
func File(directory, name string) *Store {
	return &Store{vault: &file{path: filepath.Join(directory, name+".json")}, lock: lockPath(directory, name)}
}

// Keyring is a store in the keyring of the operating system. Its lock is a file in directory still, since keyrings have
// none.
func Keyring(directory, name string) *Store {
	return &Store{vault: &ring{user: name, directory: directory}, lock: lockPath(directory, name)}
}

func lockPath(directory, name string) string { return filepath.Join(directory, name+".lock") }

// String is where the tokens are kept, for people.
func (s *Store) String() string { return s.vault.String() }

// Load is what is kept now. Errors are *Error; ErrMissing where nothing is. What cannot be read is put aside first.
func (s *Store) Load(ctx context.Context) (Tokens, error) {
	tokens, err := s.peek()
	if !errors.Is(err, errDamaged) {
		return tokens, err
	}
	held, err := s.Lock(ctx) // somebody may be replacing the damaged text: only who holds the lock may move it
	if err != nil {
		return Tokens{}, err
	}
	tokens, err = held.Load()
	return tokens, errors.Join(err, held.Release())
}

// Save keeps tokens instead of what was there.
func (s *Store) Save(ctx context.Context, tokens Tokens) error {
	held, err := s.Lock(ctx)
	if err != nil {
		return err
	}
	return errors.Join(held.Save(tokens), held.Release())
}

// Forget removes what is kept, readable or not. Nothing there is no error.
func (s *Store) Forget(ctx context.Context) error {
	held, err := s.Lock(ctx)
	if err != nil {
		return err
	}
	return errors.Join(held.Forget(), held.Release())
}

func (s *Store) peek() (Tokens, error) {
	text, err := s.vault.read()
	if err != nil {
		return Tokens{}, err
	}
	return decode(text)
}

const (
	lockWait = 2 * time.Minute // a refresh takes a minute at most
	lockPoll = 20 * time.Millisecond
)

// Lock waits until no other process or goroutine holds the store. The caller releases it. A store that stays busy for
// two minutes is an *Error with exit code 7; the end of ctx is its cause.
func (s *Store) Lock(ctx context.Context) (*Locked, error) {
	if err := s.vault.prepare(); err != nil {
		return nil, err
	}
	lock := flock.New(s.lock, flock.SetPermissions(0o600))
	patient, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	switch taken, err := lock.TryLockContext(patient, lockPoll); {
	case taken:
		return &Locked{store: s, lock: lock}, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case patient.Err() != nil:
		return nil, &Error{
			Where: s.lock, Problem: "another process has been refreshing the tokens for two minutes", exit: exitBusy,
			hint: "run again; the lock goes with its process, there is nothing to remove by hand",
		}
	default:
		return nil, storage(s.lock, "lock", err)
	}
}

// Locked is a store that nobody else changes until it is released.
type Locked struct {
	store *Store
	lock  *flock.Flock
}

// Load is what is kept. What cannot be read is put aside and is an *Error.
func (l *Locked) Load() (Tokens, error) {
	tokens, err := l.store.peek()
	if errors.Is(err, errDamaged) {
		return Tokens{}, l.store.damaged()
	}
	if err != nil || tokens.Pending.IsZero() {
		return tokens, err
	}
	return l.finish(tokens)
}

// finish ends the write of an answer that came and was on disk when its process died. Begin leaves nothing readable where
// the answer goes, so what can be read there is newer than the mark.
func (l *Locked) finish(marked Tokens) (Tokens, error) {
	answer, err := decode(l.store.vault.unfinished())
	if err != nil || !answer.Pending.IsZero() {
		return marked, nil
	}
	return answer, l.Save(answer)
}

func (s *Store) damaged() error {
	aside, err := s.vault.setAside()
	failure := &Error{
		Where: s.String(), Problem: "the stored tokens cannot be read", exit: exitRefused, cause: err,
		hint: "sign in again with `crosswalk connect`",
	}
	if aside != "" {
		failure.Problem += "; they were put aside as " + aside
	}
	return failure
}

// Begin marks, durably, that a refresh with these tokens is about to be sent, and makes room for its answer. Nothing may
// be sent where it fails.
func (l *Locked) Begin(tokens Tokens, now time.Time) error {
	tokens.Pending = now
	return l.keep(tokens, l.store.vault.begin)
}

// Save keeps tokens instead of what was there; when it returns, they outlast a crash of the machine.
func (l *Locked) Save(tokens Tokens) error { return l.keep(tokens, l.store.vault.write) }

func (l *Locked) keep(tokens Tokens, write func([]byte) error) error {
	text, err := encode(tokens)
	if err != nil {
		return storage(l.store.String(), "encode", err)
	}
	return write(text)
}

// Forget removes what is kept, readable or not. Nothing there is no error.
func (l *Locked) Forget() error { return l.store.vault.remove() }

// Release lets others in.
func (l *Locked) Release() error {
	if err := l.lock.Unlock(); err != nil {
		return storage(l.store.lock, "unlock", err)
	}
	return nil
}
