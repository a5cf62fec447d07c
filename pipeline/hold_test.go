package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosswalk/extract"
	"crosswalk/fixtures"

	"github.com/zeebo/xxh3"
)

// TestReplayAsConfigured replays a stage by configurations that ask for no more: what is published is what a run by each of
// them publishes, also where the stage has more.
func TestReplayAsConfigured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		change func(*Config)
	}{
		{"fields are no longer asked for", accountFields("Name", "Phone")},
		{"fields in another order and other letters", accountFields("website", "NAME", "Phone", "annualrevenue")},
		{"text, written out", func(c *Config) { c.ERP.Types["updated_at"] = "text" }},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			o := orgToReplay(t)
			c.change(o.config)
			_, err := o.run(t, Options{Replay: true})
			replayed := o.texts(t)
			if _, live := o.run(t, Options{}); err != nil || live != nil || !maps.Equal(replayed, o.texts(t)) {
				t.Fatalf("replay: %v; run: %v; want both to publish, and the same bytes", err, live)
			}
		})
	}
}

// TestReplayRefused replays a stage by configurations that ask for more than it has: nothing is published under one that was
// not obeyed.
func TestReplayRefused(t *testing.T) {
	t.Parallel()
	o := orgToReplay(t)
	before, configured := o.hashes(t, "2026-11-23"), *o.config
	for _, c := range []struct {
		why    string
		change func(*Config)
		code   int
		tells  string
	}{
		{"fields that were not asked for", accountFields("Name", "NumberOfEmployees", "Owner.Name"), 5, `no column "NumberOfEmployees", "Owner.Name"`},
		{"a field of contacts that was not asked for", func(c *Config) {
			c.Salesforce.Objects = map[string]ObjectConfig{objectContact: {Fields: []string{"Birthdate"}}}
		}, 5, `contacts: no column "Birthdate"`},
		{"the owners", func(c *Config) { c.Contacts.Owner = true }, 5, "users: none"},
		{"a column of the ERP that is not there", func(c *Config) { c.ERP.Attributes = map[string]string{"phone": "no_such_column"} }, 5, `customers: no column "no_such_column"`},
		{"a column of the ERP in other letters", func(c *Config) { c.ERP.CustomerName = "Customer_Name" }, 5, `"Customer_Name"`},
		{"a type", types("updated_at", "timestamp"), 5, `"updated_at" is text in the stage, the configuration has timestamp`},
		{"a type of a column that is not there", types("no_such_column", "date"), 5, `no column "no_such_column"`},
		{"another type", types("credit_limit", "decimal(18,3)"), 5, "the configuration has decimal(18,3)"},
		{"no type any more", func(c *Config) { c.ERP.Types = nil }, 5, `the configuration has text`},
		{"a number becomes an identifier", func(c *Config) {
			c.Link = []Rule{{Salesforce: "Account.AnnualRevenue", ERP: "customer_id", Key: []string{"exact"}, Many: "accounts"}}
		}, 5, `"AnnualRevenue" is decimal`},
		{"a lookup that is none", lookups("Phone"), 2, "Account.Phone is of type phone, no lookup"},
		{"a lookup of another object", lookups("ParentId"), 2, "Account.ParentId looks up Account, and not Contact"},
	} {
		*o.config = configured
		c.change(o.config)
		_, err := o.run(t, Options{Replay: true})
		if ExitCode(err) != c.code || !strings.Contains(fmt.Sprint(err), c.tells) {
			t.Errorf("%s: replay ended with %d, %v; want %d, %q", c.why, ExitCode(err), err, c.code, c.tells)
		}
		if !maps.Equal(o.hashes(t, "2026-11-23"), before) {
			t.Errorf("%s: another publication than before", c.why)
		}
	}
}

// orgToReplay has a recorded stage of some more fields than a run needs.
func orgToReplay(t *testing.T) *org {
	t.Helper()
	o := newOrg(t, tiny, fixtures.Options{})
	accountFields("Name", "AnnualRevenue", "ParentId", "OwnerId", "Phone", "Website")(o.config)
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	return o
}

// texts are the hashes of the CSV files alone: the metadata of the others tell one stage from another.
func (o *org) texts(t *testing.T) map[string]string {
	t.Helper()
	found := o.hashes(t, "2026-11-23")
	maps.DeleteFunc(found, func(name, _ string) bool { return filepath.Ext(name) != ".csv" })
	return found
}

func types(column, kind string) func(*Config) {
	return func(c *Config) {
		c.ERP.Types = map[string]string{"credit_limit": "decimal(18,2)"}
		c.ERP.Types[column] = kind
	}
}

func accountFields(fields ...string) func(*Config) {
	return func(c *Config) {
		c.Salesforce.Objects = maps.Clone(c.Salesforce.Objects)
		c.Salesforce.Objects[objectAccount] = ObjectConfig{Fields: fields}
	}
}

func lookups(fields ...string) func(*Config) { return func(c *Config) { c.Contacts.Lookups = fields } }

// TestReplayOfAnotherOrg replays a stage where the configuration is of another org by then.
func TestReplayOfAnotherOrg(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	recorded, err := extract.OpenStage(filepath.Join(o.config.State.Directory, "stages", "run_date=2026-11-23"))
	if err != nil {
		t.Fatal(err)
	}
	org, _ := recorded.Org()
	if len(org.OrganizationID) != 18 {
		t.Fatalf("the stage says that it is of %+v; want the id of the org", org)
	}
	before, configured := o.hashes(t, "2026-11-23"), o.config.Salesforce
	for _, c := range []struct {
		why    string
		change func(*SalesforceConfig)
		tells  string // empty: it is replayed
	}{
		{why: "the same", change: func(*SalesforceConfig) {}},
		{why: "the id of the org, written out", change: func(c *SalesforceConfig) { c.OrganizationID = org.OrganizationID }},
		{why: "its 15 characters, and a new address", change: func(c *SalesforceConfig) {
			c.OrganizationID, c.InstanceURL = org.OrganizationID[:15], "https://renamed.my.salesforce.com"
		}},
		{why: "a slash behind the address", change: func(c *SalesforceConfig) { c.InstanceURL += "/" }},
		{why: "another id", change: func(c *SalesforceConfig) { c.OrganizationID = "00D000000000001" }, tells: "salesforce.organization_id is 00D000000000001"},
		{why: "another address", change: func(c *SalesforceConfig) { c.InstanceURL = "https://other.my.salesforce.com" }, tells: "other.my.salesforce.com"},
		{why: "the fixtures", change: func(c *SalesforceConfig) { c.Source = "fixtures" }, tells: "salesforce.source was org, and is fixtures"},
	} {
		o.config.Salesforce = configured
		c.change(&o.config.Salesforce)
		_, err := o.run(t, Options{Replay: true})
		var other *OtherOrgError
		if got := errors.As(err, &other); got != (c.tells != "") || !got && err != nil || !strings.Contains(fmt.Sprint(err), c.tells) {
			t.Errorf("%s: %v; want %q (exit 5), or no error", c.why, err, c.tells)
		}
		if !maps.Equal(before, o.hashes(t, "2026-11-23")) {
			t.Errorf("%s: other bytes are published", c.why)
		}
	}
}

// TestReplayOfOlderStage replays a stage that says nothing of its org: it goes on, and says so.
func TestReplayOfOlderStage(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	if _, err := o.run(t, Options{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.config.State.Directory, "stages", "run_date=2026-11-23", "stage.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		SchemaVersion int             `json:"schema_version"`
		Checksum      string          `json:"checksum"`
		Tables        []extract.Table `json:"tables"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	tables, _ := json.Marshal(index.Tables)
	index.Checksum = fmt.Sprintf("%016x", xxh3.Hash(tables))
	older, _ := json.Marshal(index)
	if err := os.WriteFile(path, older, 0o600); err != nil {
		t.Fatal(err)
	}
	o.config.Salesforce.OrganizationID = "00D000000000001"
	log, err := o.runUntil(t, "", Options{Replay: true})
	if err != nil || !strings.Contains(log, "it does not say of which org it is") || !strings.Contains(log, "run_date=2026-11-23") {
		t.Errorf("%v, %s; want a publication and a warning of a stage without an org", err, log)
	}
}
