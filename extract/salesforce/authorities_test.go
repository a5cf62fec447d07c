package salesforce

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAuthoritiesRefused: what is no list of authorities is refused at once, with its key in the hint. A pipe would be
// waited for, and a device or a long file would fill the memory.
func TestAuthoritiesRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	err := errors.Join(syscall.Mkfifo(at("pipe"), 0o600), os.WriteFile(at("empty"), nil, 0o600), os.WriteFile(at("long"), nil, 0o600),
		os.Truncate(at("long"), 3<<30), os.Symlink(at("pipe"), at("link")))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		at("pipe"): "not a regular file", at("link"): "not a regular file", "/dev/zero": "not a regular file", folder: "not a regular file",
		at("absent"): "no such file", at("empty"): "no certificate", at("long"): "longer than 4 MiB",
	} {
		options := testOptions("http://127.0.0.1:1")
		options.CAFile = path
		_, err := Open(t.Context(), options)
		refusedWith(t, err, exitUsage, want)
		if hint := failure(t, err).Hint(); !strings.Contains(hint, "salesforce.ca_file") {
			t.Errorf("%s: hint %q", path, hint)
		}
	}
}
