package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// canary stands for what must never be in a message.
const canary = "hunter2-canary"

// badEnvironment has one variable, a secret.
func badEnvironment(name string) (string, bool) {
	if name == "SECRET" {
		return canary, true
	}
	return "", false
}

func TestBadConfigs(t *testing.T) {
	t.Parallel()
	for _, c := range badConfigs {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			_, err := ReadConfig(filepath.Join("testdata", "config", c.file+".bad.yml"), badEnvironment)
			var wrong *ConfigError
			if !errors.As(err, &wrong) {
				t.Fatalf("%s: got %v, want a *ConfigError", c.why, err)
			}
			got := ""
			for _, problem := range wrong.Problems {
				got += "\n" + problem.String()
			}
			if got != c.want {
				t.Errorf("%s: got%s\nwant%s", c.why, got, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message holds a secret: %v", err)
			}
			if wrong.ExitCode() != 2 || wrong.Hint() == "" {
				t.Errorf("exit code %d, hint %q", wrong.ExitCode(), wrong.Hint())
			}
		})
	}
}

func TestBadConfigsAreAllListed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "config", "*.bad.yml"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".bad.yml")
	}
	var listed []string
	for _, c := range badConfigs {
		listed = append(listed, c.file)
	}
	slices.Sort(files)
	slices.Sort(listed)
	if !slices.Equal(files, listed) {
		t.Errorf("got cases\n%v\nwant the files\n%v", listed, files)
	}
}

func TestConfigErrorText(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "config", "five_mistakes.bad.yml")
	_, err := ReadConfig(path, badEnvironment)
	want := path + `: 5 problems
  line 3: salesforce.api: got "bluk"; want auto, bulk or rest
  line 5: salesforce.objects.Account.fields[1]: got "Name; --"; want the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name
  line 9: erp.max_agee: unknown key; did you mean max_age?
  line 13: link[0].many: got "some"; want accounts, customers, both or none
  line 15: limits.memory: got "512"; ` + errSize.Error()
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestConfigFileThatIsNoneOfItsOwn(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	text := func(repeated string, times int) string {
		path := filepath.Join(directory, strconv.Itoa(times)+".yaml")
		if err := os.WriteFile(path, []byte(strings.Repeat(repeated, times)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	long, brackets, lines, deep := text("# no end\n", maximumConfig/9+1), text("[", 100_000), text("a:\n", 40_000), text("- ", 60_000)
	for _, c := range []struct{ path, want, hint, why string }{
		{brackets, "unreadable: more than 4000 brackets, which is no configuration", "--config", "reading them takes longer than anybody waits"},
		{lines, "unreadable: more than 10000 lines, which is no configuration", "--config", "so do many equal keys"},
		{deep, "unreadable: a list of lists, a hundred deep, which is no configuration", "--config", "so do lists in lists, and they take gigabytes"},
		{filepath.Join(directory, "absent.yaml"), "unreadable: no such file or directory", "--config", "a wrong path is the commonest mistake"},
		{directory, "unreadable: is a directory", "--config", "a folder opens, and fails only when it is read"},
		{long, "unreadable: longer than 256 KiB, which is no configuration", "--config", "the ERP's file in its place must not be parsed"},
	} {
		_, err := ReadConfig(c.path, badEnvironment)
		var wrong *ConfigError
		if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].Message != c.want || !strings.Contains(wrong.Hint(), c.hint) {
			t.Errorf("%s: got %v", c.why, err)
		}
	}
	_, err := ReadConfig(filepath.Join(directory, "absent.yaml"), badEnvironment)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist in it", err)
	}
}
