package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const minimal = "erp: {source: {path: c.csv}, customer_id: id}\nlink: [{salesforce: Account.X__c, erp: id}]\n"

// variables is an environment.
type variables map[string]string

func (v variables) lookup(name string) (string, bool) {
	value, set := v[name]
	return value, set
}

func (v variables) environ() []string {
	var pairs []string
	for name, value := range v {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	return pairs
}

// readText reads a configuration of its own folder.
func readText(t *testing.T, text string, environment variables) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadConfig(path, environment.lookup, environment.environ()...)
}

// problemsOf are the problems as text; no error has none.
func problemsOf(t *testing.T, err error) []string {
	t.Helper()
	var wrong *ConfigError
	if err != nil && !errors.As(err, &wrong) {
		t.Fatalf("got %v, want a *ConfigError", err)
	}
	var problems []string
	if wrong != nil {
		for _, problem := range wrong.Problems {
			problems = append(problems, problem.String())
		}
	}
	return problems
}

func TestEveryScalarKeyIsOverridden(t *testing.T) {
	t.Parallel()
	values := map[reflect.Type]string{
		reflect.TypeFor[bool](): "true", reflect.TypeFor[int](): "7", reflect.TypeFor[float64](): "0.125",
		reflect.TypeFor[time.Duration](): "77m", reflect.TypeFor[Size](): "77MiB",
	}
	names := map[string]string{}
	for _, key := range configKeys() {
		if !key.scalar {
			continue
		}
		name := variableName(key.path)
		if other := names[name]; other != "" {
			t.Errorf("%s and %s share %s", key.path, other, name)
		}
		names[name] = key.path
		plain := defaults()
		field := fieldAt(reflect.ValueOf(plain).Elem(), key.path)
		text, known := values[field.Type()]
		if !known {
			text = "from ${the} environment # $x"
		}
		before := field.Interface()
		reader := newConfigReader(variables{name: text}.lookup)
		after := fieldAt(reflect.ValueOf(reader.read([]byte(minimal))).Elem(), key.path)
		if len(reader.problems) > 0 || reflect.DeepEqual(after.Interface(), before) {
			t.Errorf("%s=%s: problems %v, still %v", name, text, reader.problems, before)
		}
		if after.Kind() == reflect.String && after.String() != text {
			t.Errorf("%s: got %q, want %q as it is", name, after.String(), text)
		}
	}
	if len(names) < 35 {
		t.Errorf("%d variables; the walk over Config lost some", len(names))
	}
}

func TestEnvironmentGoesBeforeTheFile(t *testing.T) {
	t.Parallel()
	text := minimal + "output: {directory: \"${NOT_SET}\"}\nlimits: {threads: many, memory: 2GiB}\n"
	config, err := readText(t, text, variables{
		"CROSSWALK_OUTPUT_DIRECTORY": "elsewhere", "CROSSWALK_LIMITS_THREADS": "3", "CROSSWALK_LIMITS_MEMORY": "",
		"CROSSWALK_RUN_DATE": "2026-11-23", "CROSSWALK_CONFIG": "config.yaml", "HOME": "/root",
	})
	if err != nil {
		t.Fatalf("what is overridden is not looked at: %v", err)
	}
	if want := filepath.Join(config.Directory, "elsewhere"); config.Output.Directory != want {
		t.Errorf("got %s, want %s", config.Output.Directory, want)
	}
	if config.Limits.Threads != 3 || config.Limits.Memory != 2<<30 {
		t.Errorf("threads %d, memory %s: an empty variable is one that is not set", config.Limits.Threads, config.Limits.Memory)
	}
}

func TestProblemsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	_, err := readText(t, minimal+"colour: red\n", variables{
		"CROSSWALK_SALESFORCE_API": "bluk", "CROSSWALK_LIMITS_THREADS": "two", "CROSSWALK_OUTPUT_DIRECTRY": "x",
		"CROSSWALK_LINK": "[]", "CROSSWALK_WHATEVER_ELSE": "y", "CROSSWALK_EMPTY": "", "CROSSWALK_ERP_MAX_AGE": "1y",
	})
	got := strings.Join(problemsOf(t, err), "\n")
	want := `line 3: colour: unknown key; want salesforce, erp, link, blank_identifiers, contacts, guards, output, state or limits
CROSSWALK_ERP_MAX_AGE: erp.max_age: got what the variable holds; want a number with a unit: ms, s, m, h, d, w, such as 36h, 90m or 1h30m
CROSSWALK_LIMITS_THREADS: limits.threads: got what the variable holds; want a whole number
CROSSWALK_LINK: link is not a single value; set it in the file
CROSSWALK_OUTPUT_DIRECTRY: unknown variable; did you mean CROSSWALK_OUTPUT_DIRECTORY?
CROSSWALK_WHATEVER_ELSE: unknown variable; a key such as output.directory is CROSSWALK_OUTPUT_DIRECTORY
CROSSWALK_SALESFORCE_API: salesforce.api: got what the variable holds; want auto, bulk or rest`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestSecretInAnotherVariable: whichever variable the secret stands in by mistake, it is refused and not repeated; one that
// the file asks for is no different.
func TestSecretInAnotherVariable(t *testing.T) {
	t.Parallel()
	const own = "CROSSWALK_SALESFORCE_CLIENT_SECRET"
	for _, key := range configKeys() {
		name := variableName(key.path)
		if !key.scalar || name == own {
			continue
		}
		_, err := readText(t, orgWith(), variables{own: canary, name: canary})
		problems := strings.Join(problemsOf(t, err), "\n")
		if !strings.Contains(problems, name+": "+key.path+": ") || strings.Contains(problems, "hunter2") {
			t.Errorf("%s: got %q", name, problems)
		}
	}
	for why, text := range map[string]string{
		"a path":             orgWith("client_secret: ${SECRET}", "ca_file: ${SECRET}"),
		"a word":             orgWith("client_secret: ${SECRET}", "login: ${SECRET}"),
		"a column":           strings.Replace(orgWith("client_secret: x"), "customer_id: id", "customer_id: \"${SECRET} \"", 1),
		"a rule's column":    strings.Replace(orgWith("client_secret: x"), "erp: id}]", "erp: \"${SECRET};\"}]", 1),
		"a rule twice":       strings.Replace(orgWith("client_secret: x"), "erp: id}]", "erp: \"${SECRET}\"}, {salesforce: Account.X__c, erp: \"${SECRET}\"}]", 1),
		"an ERP's path":      strings.Replace(orgWith("client_secret: ${SECRET}"), "c.csv", "${SECRET}", 1),
		"a secret of a file": orgWith("client_secret_file: ${FILE}", "username: ${SECRET}"),
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(canary+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readText(t, text, variables{"SECRET": canary, "FILE": file})
		problems := problemsOf(t, err)
		if len(problems) != 1 || strings.Contains(problems[0], "hunter2") {
			t.Errorf("%s: got %q, want one problem without the secret", why, problems)
		}
	}
}

func TestValuesKeepTheirText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ yaml, want, why string }{
		{"0123", "0123", "no octal number"},
		{"1.0", "1.0", "no float"},
		{"1E10", "1E10", "no float either"},
		{"0x1F", "0x1F", "no hexadecimal number"},
		{"1_000", "1_000", "no digit separators"},
		{"12345678901234567890123", "12345678901234567890123", "more digits than any number has"},
		{"true", "true", "a column may be called so"},
		{".inf", ".inf", "as written"},
		{"2026-01-01", "2026-01-01", "no date"},
		{"'a''b'", "a'b", "single quotes"},
		{`"caf\u00e9 \U0001F600"`, "café 😀", "escapes of YAML"},
		{"Kunden-Nr. (alt)", "Kunden-Nr. (alt)", "a header as spreadsheets have them"},
	} {
		text := strings.Replace(minimal, "customer_id: id", "customer_id: id, customer_name: "+c.yaml, 1)
		reader := newConfigReader(noVariables)
		if got := reader.read([]byte(text)).ERP.CustomerName; got != c.want || len(reader.problems) > 0 {
			t.Errorf("%s: %s: got %q, want %q (%v)", c.yaml, c.why, got, c.want, reader.problems)
		}
	}
	config, err := readText(t, minimal+"salesforce: {api_version: 66.0}\n", nil)
	if err != nil || config.Salesforce.APIVersion != "66.0" {
		t.Errorf("api_version without quotes: %v %v", config, err)
	}
}

func TestBlockTexts(t *testing.T) {
	t.Parallel()
	config, err := readText(t, minimal+"salesforce:\n  username: >-\n    ${NAME}@acme\n    .example\n  client_secret: |-\n    a # b\n", variables{"NAME": "c"})
	if err != nil || config.Salesforce.Username != "c@acme .example" || config.Salesforce.ClientSecret.Reveal() != "a # b" {
		t.Errorf("got %v, %v", config, err)
	}
}

func TestFilesOfOtherEditors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, why string }{
		{"\uFEFF" + minimal, "a byte order mark"},
		{strings.ReplaceAll(minimal, "\n", "\r\n"), "line ends of Windows"},
		{"---\n" + minimal + "...\n", "document markers"},
		{minimal + "guards:\ncontacts: # {owner: true}\n", "sections whose keys are commented out"},
	} {
		_, err := readText(t, c.text, nil)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}
