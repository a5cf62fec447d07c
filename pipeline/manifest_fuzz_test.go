package pipeline

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzManifest holds for any text: no panic; either a *VerifyError that names the partition, or a manifest that reads
// the same once it is written again, so that nothing of it was passed over or changed.
func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"schema_version": 1}`, `{"schema_version": 2}`, `{"schema_version": "1"}`,
		`{"schema_version": 1, "accounting": {"customers": {"total": 3, "linked": 2}}}`,
		`{"schema_version": 1, "outputs": [{"name": "../links.csv", "rows": -1, "bytes": 9223372036854775807, "sha256": ""}]}`,
		`{"schema_version": 1, "inputs": {"salesforce": [{"object": "Account", "announced": 1e3, "received": 1000, "staged": 1000}]}}`,
		`{"schema_version": 1, "started_at": "2026-11-23T00:00:00Z", "checks": [{"name": "a", "left": 1, "right": 2, "holds": true}]}`,
		`{"schema_version": 1, "previous": null} trailing`,
	} {
		f.Add([]byte(seed))
	}
	dir, again := f.TempDir(), f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, manifestFile), text, 0o600); err != nil {
			t.Fatal(err)
		}
		manifest, err := readManifest(dir)
		if err != nil {
			var wrong *VerifyError
			if !errors.As(err, &wrong) || wrong.Path == "" || ExitCode(err) != 6 {
				t.Fatalf("%T with exit code %d: %v", err, ExitCode(err), err)
			}
			return
		}
		_ = manifest.addsUp() // any finding will do, as long as it is one
		first, err := manifest.encode()
		if err != nil {
			t.Fatalf("a manifest that was read cannot be written: %v", err)
		}
		if err := os.WriteFile(filepath.Join(again, manifestFile), first, 0o600); err != nil {
			t.Fatal(err)
		}
		reread, err := readManifest(again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first)
		}
		second, err := reread.encode()
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("read and written again it differs (%v):\n%s\n%s", err, first, second)
		}
	})
}
