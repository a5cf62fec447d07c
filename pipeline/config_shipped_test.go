package pipeline

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
	"github.com/google/go-cmp/cmp"
)

// differing are the keys whose value in config.yaml is not the default, and why.
var differing = map[string]string{
	"salesforce.instance_url":           "an example of the form",
	"salesforce.objects.Account.fields": "all that the fixtures have",
	"salesforce.objects.Contact.fields": "all that the fixtures have",
	"erp.source.path":                   "required",
	"erp.customer_id":                   "required",
	"erp.customer_name":                 "the fixture has the column",
	"erp.attributes":                    "the fixture has the columns",
	"erp.types":                         "two columns of the fixture have a type",
	"erp.max_age":                       "a committed file is as old as its clone",
	"link":                              "required",
}

var documentation = regexp.MustCompile(`^# unit: (.+) \| default: (.+) \| example: (.+)$`)

// documented is what config.yaml says about one key.
type documented struct{ unit, standard, example string }

func TestShippedConfigDocumentsEveryKey(t *testing.T) {
	t.Parallel()
	reader, config, lines := shippedConfig(t)
	plain := reflect.ValueOf(defaults()).Elem()
	keys := valueKeys("", reflect.ValueOf(config).Elem())
	if len(keys) < 45 {
		t.Fatalf("%d keys; the walk over Config lost some", len(keys))
	}
	for _, key := range keys {
		from, present := reader.origins[key]
		if !present {
			t.Errorf("%s is not in config.yaml", key)
			continue
		}
		said := documentationAbove(t, lines, from.line, key)
		if strings.HasPrefix(key, "link[") {
			continue // what the defaults of a rule are is said in TestRuleDefaults
		}
		want, isDefault := fieldAt(plain, key), true
		if said.standard == "(required)" {
			if !want.IsZero() {
				t.Errorf("%s: documented as required, has the default %v", key, want)
			}
		} else if said.standard != "" {
			isDefault = equalValues(decoded(t, key, said.standard, want.Type()), want)
		}
		if !isDefault {
			t.Errorf("%s: documented default %s, is %v", key, said.standard, want)
		}
		if same := equalValues(fieldAt(reflect.ValueOf(config).Elem(), key), want); same == (differing[key] != "") {
			t.Errorf("%s: value is the default: %t; listed as differing: %q", key, same, differing[key])
		}
	}
}

func TestShippedConfigExamples(t *testing.T) {
	t.Parallel()
	reader, config, lines := shippedConfig(t)
	for _, key := range valueKeys("", reflect.ValueOf(config).Elem()) {
		example := documentationAbove(t, lines, reader.origins[key].line, key).example
		if strings.HasPrefix(key, "link[") {
			continue // an example of link is a list of whole rules
		}
		trial := newConfigReader(noVariables)
		taken := trial.read([]byte(minimalConfig(t, key, example)))
		taken.Salesforce.CAFile = "" // the example's is on the user's machine
		trial.validate(taken)
		if problems := trial.sorted(); len(problems) > 0 {
			t.Errorf("%s: example %s: %v", key, example, problems)
		}
	}
}

func TestShippedConfigRunsAsItIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "config.yaml")
	config, err := ReadConfig(path, noVariables)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if config.Path != path || config.Directory != root {
		t.Errorf("path %q, directory %q", config.Path, config.Directory)
	}
	for got, want := range map[string]string{
		config.Output.Directory: "out", config.State.Directory: "state",
		config.Salesforce.Fixtures: "fixtures/org", config.ERP.Source.Path: "fixtures/erp/customers.csv",
	} {
		if got != filepath.Join(root, filepath.FromSlash(want)) {
			t.Errorf("got %s, want %s below %s", got, want, root)
		}
	}
	for _, path := range []string{config.Salesforce.Fixtures, config.ERP.Source.Path} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the shipped configuration names what is not there: %v", err)
		}
	}
	want := []Rule{{Salesforce: "Account.ERP_Customer_ID__c", ERP: "customer_id", Key: standardSteps, Many: "accounts"}}
	if diff := cmp.Diff(want, config.Link); diff != "" {
		t.Error(diff)
	}
	if config.ERP.MaxAge != 0 {
		t.Errorf("max_age %s: a clone of last week would not run", config.ERP.MaxAge)
	}
}

// shippedConfig is config.yaml with its lines; the reader knows where each key stands.
func shippedConfig(t *testing.T) (*configReader, *Config, []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	reader := newConfigReader(noVariables)
	config := reader.read(text)
	reader.validate(config)
	if problems := reader.sorted(); len(problems) > 0 {
		t.Fatal(problems)
	}
	return reader, config, strings.Split(string(text), "\n")
}

// valueKeys are the keys that hold a value or a list, those of the first rule included.
func valueKeys(key string, section reflect.Value) []string {
	var keys []string
	for i := range section.NumField() {
		name, field := section.Type().Field(i).Tag.Get("yaml"), section.Field(i)
		path := join(key, name)
		switch value := field.Interface().(type) {
		case map[string]ObjectConfig:
			for object, fields := range value {
				keys = append(keys, valueKeys(join(path, object), reflect.ValueOf(fields))...)
			}
		case []Rule:
			keys = append(keys, path)
			keys = append(keys, valueKeys(indexed(path, 0), field.Index(0))...)
		default:
			switch {
			case name == "-":
			case field.Kind() == reflect.Struct:
				keys = append(keys, valueKeys(path, field)...)
			default:
				keys = append(keys, path)
			}
		}
	}
	return keys
}

// documentationAbove reads the comment above a key; that of a section's only key stands above the section.
func documentationAbove(t *testing.T, lines []string, line int, key string) documented {
	t.Helper()
	at := line - 2
	if at >= 0 && regexp.MustCompile(`^ +[A-Z][a-z]+:$`).MatchString(lines[at]) {
		at--
	}
	parts := documentation.FindStringSubmatch(strings.TrimSpace(lines[at]))
	if parts == nil {
		t.Errorf("%s: line %d is no documentation: %q", key, at+1, lines[at])
		return documented{}
	}
	return documented{unit: parts[1], standard: parts[2], example: parts[3]}
}

func fieldAt(section reflect.Value, key string) reflect.Value {
	for name := range strings.SplitSeq(key, ".") {
		if section.Kind() == reflect.Map {
			section = section.MapIndex(reflect.ValueOf(name))
			continue
		}
		section = section.FieldByNameFunc(func(field string) bool {
			of, _ := section.Type().FieldByName(field)
			return of.Tag.Get("yaml") == name
		})
	}
	return section
}

func equalValues(a, b reflect.Value) bool {
	if (a.Kind() == reflect.Slice || a.Kind() == reflect.Map) && a.Len() == 0 && b.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// decoded reads one documented value the way the file's would be.
func decoded(t *testing.T, key, text string, into reflect.Type) reflect.Value {
	t.Helper()
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		t.Fatalf("%s: %q: %v", key, text, err)
	}
	reader, target := newConfigReader(noVariables), reflect.New(into).Elem()
	reader.value(key, file.Docs[0].Body, target)
	if len(reader.problems) > 0 {
		t.Errorf("%s: %q: %v", key, text, reader.problems)
	}
	return target
}

// minimalConfig is a configuration of what is required and one key more.
func minimalConfig(t *testing.T, key, value string) string {
	t.Helper()
	tree := map[string]any{
		"erp":        map[string]any{"source": map[string]any{"path": "c.csv"}, "customer_id": "id"},
		"link":       []any{map[string]any{"salesforce": "Account.X__c", "erp": "id"}},
		"salesforce": map[string]any{"source": "fixtures"},
	}
	if key == "salesforce.source" && value == "org" {
		tree["salesforce"] = map[string]any{"instance_url": "https://acme.my.salesforce.com", "client_id": "id", "client_secret": "s"}
	}
	var parsed any
	if err := yaml.Unmarshal([]byte(value), &parsed); err != nil {
		t.Fatalf("%s: %s: %v", key, value, err)
	}
	parts, inner := strings.Split(key, "."), tree
	for _, part := range parts[:len(parts)-1] {
		if inner[part] == nil {
			inner[part] = map[string]any{}
		}
		inner, _ = inner[part].(map[string]any)
	}
	inner[parts[len(parts)-1]] = parsed
	text, err := yaml.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func noVariables(string) (string, bool) { return "", false }
