package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// FuzzReadConfig holds for any text: no panic; either a configuration, the same every time, or a *ConfigError whose
// problems are sorted and lie within the file, and no message with the secret.
func FuzzReadConfig(f *testing.F) {
	shipped, err := os.ReadFile(filepath.Join("..", "config.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(regexp.MustCompile(`(?m)^ *#.*\n`).ReplaceAll(shipped, nil)) // its comments are most of it
	files, err := filepath.Glob(filepath.Join("testdata", "config", "*.bad.yml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	path := filepath.Join(f.TempDir(), "config.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 8<<10 {
			return // the parser takes time that grows with the square of the nesting
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		config, err := ReadConfig(path, badEnvironment)
		if err == nil {
			again, err := ReadConfig(path, badEnvironment)
			if err != nil || again.SHA256() != config.SHA256() {
				t.Fatalf("read twice, not the same: %v", err)
			}
			return
		}
		var wrong *ConfigError
		if !errors.As(err, &wrong) || len(wrong.Problems) == 0 || config != nil {
			t.Fatalf("got %v and %v, want problems alone", config, err)
		}
		checkProblems(t, wrong.Problems, strings.Count(string(text), "\n")+strings.Count(string(text), "\r")+1)
		if strings.Contains(err.Error(), canary) && !strings.Contains(string(text), canary) {
			t.Errorf("the message holds the secret: %v", err)
		}
	})
}

func checkProblems(t *testing.T, problems []Problem, lines int) {
	t.Helper()
	previous := 0
	for _, problem := range problems {
		if problem.Line < 0 || problem.Line > lines || problem.Message == "" || strings.ContainsAny(problem.Message, "\n\t\x00") {
			t.Errorf("of %d lines: %q", lines, problem)
		}
		if problem.Line != 0 && problem.Line < previous || previous < 0 && problem.Line > 0 {
			t.Errorf("not sorted: %v", problems)
		}
		previous = problem.Line
		if problem.Line == 0 {
			previous = -1
		}
	}
}
