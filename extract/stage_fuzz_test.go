package extract

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzOpenStage holds for any stage.json: no panic; either a *StageError, which exits with 5, or a stage all of whose
// parts lie inside of it.
func FuzzOpenStage(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{"schema_version": 1}`, `{"schema_version": 1, "tables": [{"parts": [{"file": "part.parquet", "bytes": 4}]}]}`,
		`{"schema_version": 1, "tables": [{"parts": [{"file": "../outside.parquet", "bytes": 4}]}]}`,
		`{"schema_version": 1, "tables": [{"parts": [{"file": "/etc/passwd", "bytes": 4}]}]}`,
		`{"schema_version": 1, "tables": [{"fingerprint": "xyz"}]}`, `{"schema_version": 1, "tables": [{"rows": -1, "parts": [{"file": "", "bytes": 0}]}]}`,
		`{"schema_version": 1, "tables": [{"fingerprint": "00000000000000000000000000000001", "query": {"object": "Account", "job_ids": null}}]}`,
		`{"schema_version": 1, "org": {"source": "fixtures"}, "tables": []}`, `{"schema_version": 1, "checksum": "0000000000000000", "org": null}`,
	} {
		f.Add([]byte(seed))
	}
	parent := f.TempDir()
	dir := filepath.Join(parent, "stage")
	if err := os.Mkdir(dir, 0o700); err != nil {
		f.Fatal(err)
	}
	for _, file := range []string{filepath.Join(dir, "part.parquet"), filepath.Join(parent, "outside.parquet")} {
		if err := os.WriteFile(file, []byte("PAR1"), 0o600); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, stageFile), text, 0o600); err != nil {
			t.Fatal(err)
		}
		stage, err := OpenStage(dir)
		if err != nil {
			var wrong *StageError
			if !errors.As(err, &wrong) || wrong.ExitCode() != 5 || wrong.Hint() == "" {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for _, table := range stage.Tables() {
			for _, file := range stage.Files(table) {
				if !strings.HasPrefix(file, dir+string(filepath.Separator)) {
					t.Fatalf("part %q lies outside of the stage", file)
				}
			}
		}
	})
}
