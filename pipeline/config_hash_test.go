package pipeline

import (
	"reflect"
	"strings"
	"testing"

	"crosswalk/extract/salesforce"
)

// inert are the keys that do not change the result; every other one changes the hash.
var inert = map[string]string{
	"salesforce.source": "whose rows they are is in the hash of the inputs", "salesforce.fixtures": "a path",
	"salesforce.instance_url": "where it runs", "salesforce.login": "as whom", "salesforce.client_id": "as whom",
	"salesforce.client_secret": "a secret", "salesforce.client_secret_file": "a path", "salesforce.username": "as whom",
	"salesforce.key_file": "a path", "salesforce.callback_port": "where it runs", "salesforce.allowed_hosts": "where it runs",
	"salesforce.token_store": "where it runs", "salesforce.organization_id": "accepts or refuses, changes nothing",
	"salesforce.ca_file": "a path", "erp.source.path": "a path", "erp.source.final_newline": "accepts or refuses, changes nothing",
	"erp.max_age": "accepts or refuses, changes nothing", "erp.settle": "accepts or refuses, changes nothing", "output.directory": "a path", "state.directory": "a path",
	"state.keep_stages": "what is kept", "limits.memory": "how, not what", "limits.threads": "how, not what",
	"limits.temp_directory": "a path", "limits.deadline": "how, not what", "limits.api_quota": "how, not what",
}

func TestHashCoversWhatChangesTheResult(t *testing.T) {
	t.Parallel()
	fresh := func() *Config {
		config := defaults()
		config.ERP.Types = map[string]string{"a": "date"}
		config.Link = []Rule{{Salesforce: "Account.X__c", ERP: "id", Key: Key{"trim"}, Many: "accounts"}}
		config.Contacts.Lookups = []string{"L__c"}
		return config
	}
	before := fresh().SHA256()
	if len(before) != 64 || before != fresh().SHA256() {
		t.Fatalf("got %q, want one SHA-256 in hexadecimal", before)
	}
	seen := map[string]bool{}
	for _, key := range valueKeys("", reflect.ValueOf(fresh()).Elem()) {
		if key == "link" {
			continue // by its parts
		}
		config := fresh()
		changeKey(t, config, key)
		seen[key] = true
		if changed := config.SHA256() != before; changed == (inert[key] != "") {
			t.Errorf("%s: hash changed: %t; listed as inert: %q", key, changed, inert[key])
		}
	}
	for key := range inert {
		if !seen[key] {
			t.Errorf("%s is no key", key)
		}
	}
}

// changeKey gives one key another value.
func changeKey(t *testing.T, config *Config, key string) {
	t.Helper()
	if object, is := strings.CutPrefix(strings.TrimSuffix(key, ".fields"), "salesforce.objects."); is {
		config.Salesforce.Objects[object] = ObjectConfig{Fields: append([]string{"Zip"}, config.Salesforce.Objects[object].Fields...)}
		return
	}
	root := reflect.ValueOf(config).Elem()
	if rest, is := strings.CutPrefix(key, "link[0]."); is {
		root, key = reflect.ValueOf(&config.Link[0]).Elem(), rest
	}
	field := fieldAt(root, key)
	switch value := field.Addr().Interface().(type) {
	case *string:
		*value += "x"
	case *salesforce.Secret:
		*value += "x"
	case *[]string:
		*value = append([]string{"zzz"}, *value...)
	case *Key:
		*value = append(Key{"zzz"}, *value...)
	case *map[string]string:
		*value = map[string]string{"a": "text"}
	case *bool:
		*value = !*value
	default:
		if field.CanInt() {
			field.SetInt(field.Int() + 1)
		} else {
			field.SetFloat(field.Float() + 0.01)
		}
	}
}

func TestHashIgnoresWhatHasNoEffect(t *testing.T) {
	t.Parallel()
	base := minimal
	for _, c := range []struct{ text, why string }{
		{base + "guards: {max_drop: 0.20}\n", "a default written out"},
		{strings.Replace(base, "erp: id}", "erp: id, key: standard, many: accounts}", 1), "the defaults of a rule written out"},
		{strings.Replace(base, "erp: id}", "erp: id, key: [nfkc, strip_invisible, trim, collapse_space, casefold]}", 1), "a short name written out"},
		{base + "output: {formats: [csv, parquet], directory: /elsewhere}\n", "the order of the formats, and a folder"},
		{base + "blank_identifiers: [tbd, unknown, none, \"null\", na, n/a, \"0\", \"-\", \"\"]\n", "the order of the blanks"},
		{"# a comment\n" + base, "a comment"},
	} {
		want, err := readText(t, base, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := readText(t, c.text, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		if got.SHA256() != want.SHA256() {
			t.Errorf("%s changes the hash", c.why)
		}
	}
}
