package tokenstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	keyring.MockInit()
	goleak.VerifyTestMain(m)
}

const canary = "canary-5Aep861"

func someTokens() Tokens {
	return Tokens{
		RefreshToken: canary + "-refresh", AccessToken: "00D" + canary + "!access", InstanceURL: "https://acme.my.salesforce.com",
		Identity: "https://login.salesforce.com/id/00Dxx0000000001AAA/005xx0000000001AAA", Scope: "api refresh_token",
		IssuedAt: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC), Rotation: RotationOn,
	}
}

// stores are one of each kind, in a folder that is not there yet.
func stores(t *testing.T) map[string]*Store {
	t.Helper()
	name := Name("client", t.Name())
	return map[string]*Store{
		"file":    File(filepath.Join(t.TempDir(), "state", "tokens"), name),
		"keyring": Keyring(filepath.Join(t.TempDir(), "state", "tokens"), name),
	}
}

// fails wants an *Error with an exit code, a hint and no token in it.
func fails(t *testing.T, err error, exit int, hint string) {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if failed.ExitCode() != exit || !strings.Contains(failed.Hint(), hint) || strings.Contains(err.Error()+failed.Hint(), "canary") {
		t.Errorf("got %v, exit %d, hint %q; want exit %d, hint %q", err, failed.ExitCode(), failed.Hint(), exit, hint)
	}
}

func TestSaveLoadForget(t *testing.T) {
	t.Parallel()
	for kind, store := range stores(t) {
		_, err := store.Load(t.Context())
		fails(t, err, exitRefused, "connect")
		if !errors.Is(err, ErrMissing) {
			t.Errorf("%s: got %v, want ErrMissing", kind, err)
		}
		if err := store.Forget(t.Context()); err != nil {
			t.Errorf("%s: nothing to forget: %v", kind, err)
		}
		for range 2 {
			if err := store.Save(t.Context(), someTokens()); err != nil {
				t.Fatal(kind, err)
			}
		}
		got, err := store.Load(t.Context())
		if diff := cmp.Diff(fields(someTokens()), fields(got)); err != nil || diff != "" {
			t.Errorf("%s: %v %s", kind, err, diff)
		}
		if err := store.Forget(t.Context()); err != nil {
			t.Fatal(kind, err)
		}
		if _, err := store.Load(t.Context()); !errors.Is(err, ErrMissing) {
			t.Errorf("%s: got %v after Forget, want ErrMissing", kind, err)
		}
	}
}

// fields are the fields of tokens, which print as nothing otherwise.
func fields(t Tokens) map[string]any {
	return map[string]any{
		"refresh": t.RefreshToken, "access": t.AccessToken, "instance": t.InstanceURL, "id": t.Identity, "scope": t.Scope,
		"issued": t.IssuedAt.UTC().String(), "rotation": t.Rotation, "pending": t.Pending.UTC().String(), "refused": t.Refused,
	}
}

// What a process leaves behind that is killed between Begin and Save is told by the next one.
func TestBeginStaysVisible(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC)
	for kind, store := range stores(t) {
		held, err := store.Lock(t.Context())
		if err != nil {
			t.Fatal(kind, err)
		}
		if err := errors.Join(held.Save(someTokens()), held.Begin(someTokens(), begun), held.Release()); err != nil {
			t.Fatal(kind, err)
		}
		if got, err := store.Load(t.Context()); err != nil || !got.Pending.Equal(begun) || got.RefreshToken != someTokens().RefreshToken {
			t.Errorf("%s: %v, pending %s, want %s", kind, err, got.Pending, begun)
		}
		if err := store.Save(t.Context(), someTokens()); err != nil {
			t.Fatal(kind, err)
		}
		if got, err := store.Load(t.Context()); err != nil || !got.Pending.IsZero() {
			t.Errorf("%s: %v, pending %s after the answer was kept", kind, err, got.Pending)
		}
	}
}

func TestModesFromCreation(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "tokens")
	store := File(folder, "x")
	held, err := store.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(held.Save(someTokens()), held.Begin(someTokens(), time.Now())); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 3 {
		t.Errorf("%v: %v, want the tokens, the room for the next ones and the lock", err, entries)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode() != fileMode {
			t.Errorf("%s: mode %v, %v", entry.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != folderMode {
		t.Errorf("folder: mode %v, %v", info.Mode(), err)
	}
	if err := errors.Join(held.Save(someTokens()), held.Release()); err != nil {
		t.Fatal(err)
	}
	if entries, err = os.ReadDir(folder); err != nil || len(entries) != 2 {
		t.Errorf("%v: %v, want the tokens and the lock alone", err, entries)
	}
}

// F010, F011, F012 and what else may stand where the tokens should.
func TestFileRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		spoil func(path string) error
		exit  int
		hint  string
		aside bool
	}{
		{"F010 empty", func(p string) error { return os.WriteFile(p, nil, fileMode) }, exitRefused, "connect", true},
		{"F010 half-written", func(p string) error { return os.Truncate(p, 40) }, exitRefused, "connect", true},
		{"F010 bad JSON", func(p string) error { return os.WriteFile(p, []byte("{]"), fileMode) }, exitRefused, "connect", true},
		{"F010 another document", func(p string) error { return os.WriteFile(p, []byte(`{"version":1}`), fileMode) }, exitRefused, "connect", true},
		{"F010 zeros, as a crash leaves", func(p string) error { return os.WriteFile(p, make([]byte, 4096), fileMode) }, exitRefused, "connect", true},
		{"F010 of a later version", func(p string) error {
			return os.WriteFile(p, []byte(`{"version":2,"refresh_token":"canary"}`), fileMode)
		}, exitRefused, "connect", true},
		{"F011 readable for all", func(p string) error { return os.Chmod(p, 0o644) }, exitUsage, "chmod 600", false},
		{"F011 readable for a group", func(p string) error { return os.Chmod(p, 0o640) }, exitUsage, "chmod 600", false},
		{"F011 folder open", func(p string) error { return os.Chmod(filepath.Dir(p), 0o755) }, exitUsage, "chmod 700", false},
		{"F012 symbolic link", func(p string) error {
			return errors.Join(os.Rename(p, p+".real"), os.Symlink(p+".real", p))
		}, exitUsage, "rm ", false},
		{"F012 dangling link", func(p string) error { return errors.Join(os.Remove(p), os.Symlink(p+".none", p)) }, exitUsage, "rm ", false},
		{"F012 folder is a link", func(p string) error {
			folder := filepath.Dir(p)
			return errors.Join(os.Rename(folder, folder+".real"), os.Symlink(folder+".real", folder))
		}, exitUsage, "rm ", false},
		{"a pipe, which blocks", func(p string) error { return errors.Join(os.Remove(p), syscall.Mkfifo(p, fileMode)) }, exitUsage, "mv ", false},
		{"a folder", func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, folderMode)) }, exitUsage, "mv ", false},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "tokens", "x.json")
			store := File(filepath.Dir(path), "x")
			if err := store.Save(t.Context(), someTokens()); err != nil {
				t.Fatal(err)
			}
			if err := c.spoil(path); err != nil {
				t.Fatal(err)
			}
			_, err := store.Load(t.Context())
			fails(t, err, c.exit, c.hint)
			_, aside := os.Lstat(path + ".damaged")
			_, there := os.Lstat(path)
			if kept := aside == nil && errors.Is(there, fs.ErrNotExist); kept != c.aside {
				t.Errorf("put aside: %t, want %t (%v, %v)", kept, c.aside, aside, there)
			}
		})
	}
}

// F011: a file of somebody else's. Only root can make one.
func TestForeignOwnerRefused(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		info := fakeInfo{uid: uint32(os.Geteuid()) + 1}
		fails(t, checkOwner("x.json", info, fileMode), exitUsage, "chown")
		return
	}
	path := filepath.Join(t.TempDir(), "tokens", "x.json")
	store := File(filepath.Dir(path), "x")
	if err := errors.Join(store.Save(t.Context(), someTokens()), os.Chown(path, 65534, 65534)); err != nil {
		t.Fatal(err)
	}
	_, err := store.Load(t.Context())
	fails(t, err, exitUsage, "chown")
}

type fakeInfo struct {
	fs.FileInfo
	uid uint32
}

func (f fakeInfo) Mode() fs.FileMode { return fileMode }
func (f fakeInfo) Sys() any          { return &syscall.Stat_t{Uid: f.uid} }

// A link that somebody puts where a new file is about to be written is not followed either.
func TestWriteFollowsNoLink(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	victim := filepath.Join(folder, "victim")
	path := filepath.Join(folder, "tokens", "x.json")
	store := File(filepath.Dir(path), "x")
	if err := store.Save(t.Context(), someTokens()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(victim, []byte("whole"), 0o600), os.Symlink(victim, path+".next")); err != nil {
		t.Fatal(err)
	}
	fails(t, store.Save(t.Context(), someTokens()), exitStorage, "state.directory")
	if text, err := os.ReadFile(victim); err != nil || string(text) != "whole" {
		t.Errorf("victim holds %d bytes, %v", len(text), err)
	}
}

// Where the folder cannot be written, Begin fails, so that nothing is sent, and what was kept stays.
func TestNoRoomNoBegin(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tokens", "x.json")
	store := File(filepath.Dir(path), "x")
	held, err := store.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Release() }()
	if err := errors.Join(held.Save(someTokens()), os.Mkdir(path+".next", folderMode)); err != nil {
		t.Fatal(err)
	}
	fails(t, held.Begin(someTokens(), time.Now()), exitStorage, "free space")
	if got, err := held.Load(); err != nil || !got.Pending.IsZero() {
		t.Errorf("%v, pending %s: the mark of a refresh that was never sent", err, got.Pending)
	}
}

// A process that died between writing the answer and showing it lost nothing; one that died earlier left the mark alone.
func TestUnfinishedAnswerIsFinished(t *testing.T) {
	t.Parallel()
	next := someTokens()
	next.RefreshToken, next.Rotation = "5Aep861next", RotationOn
	whole, err := encode(next)
	if err != nil {
		t.Fatal(err)
	}
	pending := next
	pending.Pending = time.Now()
	marked, err := encode(pending)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why   string
		spare []byte // as the crash left it; nil leaves what Begin made
		mode  os.FileMode
		found bool
	}{
		{"before the answer", nil, 0, false},
		{"whole", whole, fileMode, true},
		{"half of it, in what was reserved", append(append([]byte{}, whole[:len(whole)/2]...), make([]byte, room-len(whole)/2)...), fileMode, false},
		{"whole, not yet cut to its length", append(append([]byte{}, whole...), make([]byte, room-len(whole))...), fileMode, true},
		{"its end is not on the disk", append(append([]byte{}, whole[:len(whole)-9]...), make([]byte, room-len(whole)+9)...), fileMode, false},
		{"its beginning is not on the disk", append(make([]byte, 9), whole[9:]...), fileMode, false},
		{"cut short", whole[:len(whole)-2], fileMode, false},
		{"a mark", marked, fileMode, false},
		{"open to others", whole, 0o644, false},
	} {
		path := filepath.Join(t.TempDir(), "tokens", "x.json")
		store := File(filepath.Dir(path), "x")
		held, err := store.Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := held.Begin(someTokens(), time.Now()); err != nil {
			t.Fatal(err)
		}
		if c.spare != nil {
			if err := errors.Join(os.WriteFile(path+".next", c.spare, fileMode), os.Chmod(path+".next", c.mode)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := held.Load()
		again, lost := held.Load()
		if err := errors.Join(err, lost, held.Release()); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if found := got.RefreshToken == next.RefreshToken && got.Pending.IsZero(); found != c.found || cmp.Diff(fields(got), fields(again)) != "" || !found && got.Pending.IsZero() {
			t.Errorf("%s: found %v, want %v", c.why, found, c.found)
		}
	}
}

func TestKeyringWithoutRoom(t *testing.T) {
	tokens := someTokens()
	store := Keyring(filepath.Join(t.TempDir(), "tokens"), t.Name())
	keyring.MockInitWithError(errors.New("no bus"))
	_, err := store.Load(t.Context())
	fails(t, err, exitUsage, "token_store: file")
	fails(t, store.Save(t.Context(), tokens), exitUsage, "token_store: file")
	if _, err := store.Lock(t.Context()); err == nil {
		t.Error("a keyring that does not answer is locked: a person would sign in for nothing")
	}
	keyring.MockInit()
	if err := store.Save(t.Context(), tokens); err != nil {
		t.Error(err)
	}
}

func TestTokensPrintRedacted(t *testing.T) {
	t.Parallel()
	tokens := someTokens()
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "tokens", tokens, "pointer", &tokens)
	text, err := json.Marshal(struct{ T Tokens }{tokens})
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb, tokens) + fmt.Sprintf(verb, &tokens) + fmt.Sprintf(verb, []Tokens{tokens}) + fmt.Sprintf(verb, struct{ T Tokens }{tokens})
	}
	if strings.Contains(shown, "canary") || strings.Contains(shown, fmt.Sprintf("%x", "canary")) {
		t.Errorf("a token shows: %s", shown)
	}
}

func TestNameTellsNothing(t *testing.T) {
	t.Parallel()
	name := Name("3MVG9.acme", "acme.my.salesforce.com")
	if name != Name("3MVG9.acme", "acme.my.salesforce.com") || name == Name("3MVG9.acme", "acme--dev.sandbox.my.salesforce.com") || name == Name("3MVG9.other", "acme.my.salesforce.com") {
		t.Error("one name for each app and host")
	}
	if len(name) != 24 || strings.Contains(name, "acme") {
		t.Errorf("name %q", name)
	}
}

func FuzzDecode(f *testing.F) {
	text, err := encode(someTokens())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version":1,"refresh_token":"x"}{}`))
	f.Add([]byte(`{"version":1,"refresh_token":"x","refresh_begun_at":"never"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		tokens, err := decode(text)
		if err != nil {
			if !errors.Is(err, errDamaged) {
				t.Errorf("got %v, want errDamaged", err)
			}
			return
		}
		again, err := encode(tokens)
		if err != nil {
			return // longer than what is kept
		}
		if back, err := decode(again); err != nil || cmp.Diff(fields(tokens), fields(back)) != "" {
			t.Errorf("%v: %s", err, cmp.Diff(fields(tokens), fields(back)))
		}
	})
}
