package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"crosswalk/extract/salesforce"
	"crosswalk/fixtures"

	"github.com/google/go-cmp/cmp"
)

var updateCheck = flag.Bool("update", false, "rewrite the goldens")

// What fails on two sides is told on both; the code is that of the first in the guide.
func TestCheckTellsEveryFailure(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{Hide: []string{"Contact"}})
	age(t, o.config.ERP.Source.Path, 48*time.Hour)
	withField("Account", "Phnoe")(t, o)
	list, err := CheckSetup(t.Context(), o.config, CheckOptions{})
	if diff := cmp.Diff([]string{"read_contact", "fields", "erp_snapshot"}, failedItems(list)); diff != "" || ExitCode(err) != 3 {
		t.Errorf("code %d, -want +got\n%s", ExitCode(err), diff)
	}
	if !strings.Contains(err.Error(), "2 more failed") {
		t.Errorf("the error says %q, want the number of others", err)
	}
}

// A configuration that cannot be read leaves nothing else to ask.
func TestCheckUnread(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("salesforce: {api: soap}\nlink: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, problem := ReadConfig(path, func(string) (string, bool) { return "", false })
	list, err := CheckUnread(t.Context(), path, problem, CheckOptions{})
	checkList(t, list)
	first := list.Items[0]
	if failed := failedItems(list); len(failed) != 1 || ExitCode(err) != 2 || strings.Count(first.Answered, "\n") < 3 {
		t.Errorf("failed %v with %d: %s", failed, ExitCode(err), first.Answered)
	}
	for _, item := range list.Items[1:] {
		if item.Outcome != Unknown || item.Detail != "not asked: configuration failed" {
			t.Errorf("%s is %s: %s", item.ID, item.Outcome, item.Detail)
		}
	}
}

// With View Setup the permission set that grants each object and field is named.
func TestCheckNamesGrants(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{ViewSetup: true, Hide: []string{"Contact"}})
	list, _ := CheckSetup(t.Context(), o.config, CheckOptions{})
	grants := list.Items[len(list.Items)-1]
	want := "Account: by permission set Crosswalk: read; Contact: by nothing; Account.ERP_Customer_ID__c: by permission set Crosswalk: read"
	if grants.Outcome != Pass || grants.Detail != want {
		t.Errorf("grants is %s: %s, want %s", grants.Outcome, grants.Detail, want)
	}
}

// What cannot be counted is unknown, and a rule on Account.Id needs no field.
func TestCheckIdentifier(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why, rule, outcome, says string
	}{
		{"a text", "Account.ERP_Customer_ID__c", Pass, "string(40), "},
		{"a number", "Account.ERP_Customer_Number__c", Pass, "a number has no leading zeros"},
		{"a long text", "Account.Description", Unknown, "cannot be counted"},
		{"the id itself", "Account.Id", Pass, "what counts is customer_id"},
	}
	for _, c := range cases {
		o := newOrg(t, tiny, fixtures.Options{})
		withRule(c.rule)(t, o)
		list, err := CheckSetup(t.Context(), o.config, CheckOptions{})
		if err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		for _, item := range list.Items {
			if item.ID == "identifier" && (item.Outcome != c.outcome || !strings.Contains(item.Detail, c.says)) {
				t.Errorf("%s: %s: %s, want %s and %q", c.why, item.Outcome, item.Detail, c.outcome, c.says)
			}
		}
	}
}

func TestCheckLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	before, err := os.ReadDir(o.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CheckSetup(t.Context(), o.config, CheckOptions{}); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadDir(o.dir)
	if err != nil || len(after) != len(before) {
		t.Errorf("left %v where %v were (%v)", after, before, err)
	}
}

// Every item leads to its step of the guide, which has them in the same order.
func TestCheckLeadsToTheGuide(t *testing.T) {
	t.Parallel()
	setup, err := os.ReadFile("../docs/setup.md")
	if err != nil {
		t.Fatal(err)
	}
	reference, err := os.ReadFile("../docs/check.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(setup)
	for _, step := range guide {
		if !strings.Contains(string(reference), "`"+step.id+"`") {
			t.Errorf("docs/check.md does not explain %s", step.id)
		}
		_, after, found := strings.Cut(rest, `<a id="`+step.id+`"></a>`)
		if !found {
			t.Errorf("docs/setup.md has no place for %s, or not here", step.id)
			continue
		}
		rest = after
		if proved, _, _ := strings.Cut(after, "<a id="); !strings.Contains(proved, "`"+step.id+"`") {
			t.Errorf("the step of %s does not say that it is proved by it", step.id)
		}
	}
}

// An address that was corrected is told, so that the person can put the right one into the file.
func TestCheckTellsTheCorrection(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	o.config.Salesforce.CorrectedHost = "acme.lightning.force.com"
	list, err := CheckSetup(t.Context(), o.config, CheckOptions{Version: "test"})
	if err != nil || !strings.Contains(list.Items[1].Detail, "acme.lightning.force.com") {
		t.Errorf("%v: %+v", err, list.Items[1])
	}
}

func TestTryFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	left, err := tryFolder(deep)
	if err != nil || left.free <= 0 {
		t.Errorf("a folder to be made gave %+v, %v", left, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left %v behind (%v)", entries, err)
	}
	if _, err := tryFolder("/proc"); err == nil {
		t.Error("a folder was made in /proc")
	}
}

// A run that may take more than is free is told before it starts.
func TestCheckFindsNoRoom(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{})
	c := newCheck(o.config, CheckOptions{})
	c.counts[objectAccount] = 1 << 45
	found := c.askFolders(t.Context())
	if found.outcome != Fail || !strings.Contains(found.detail, "a run may take") || found.fix == "" {
		t.Errorf("got %+v, want a failure for want of room", found)
	}
}

func TestKindOfHost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		host string
		want salesforce.HostKind
	}{
		{"acme.my.salesforce.com", salesforce.HostProduction},
		{"acme-dev-ed.develop.my.salesforce.com", salesforce.HostProduction},
		{"acme--uat.sandbox.my.salesforce.com", salesforce.HostSandbox},
		{"acme--uat.my.salesforce.com", salesforce.HostSandbox},
		{"power-1.scratch.my.salesforce.com", salesforce.HostSandbox},
		{"login.salesforce.com", salesforce.HostLogin},
		{"test.salesforce.com", salesforce.HostTest},
		{"na139.salesforce.com", salesforce.HostInstance},
		{"127.0.0.1", salesforce.HostOther},
		{"salesforce.proxy.acme.example", salesforce.HostOther},
	} {
		if got := salesforce.KindOfHost(c.host); got != c.want {
			t.Errorf("%s: got %d, want %d", c.host, got, c.want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, host string
		sandbox   bool
		outcome   string
	}{
		{"production as its host says", "acme.my.salesforce.com", false, Pass},
		{"a sandbox as its host says", "acme--uat.sandbox.my.salesforce.com", true, Pass},
		{"a sandbox behind a host of production", "acme.my.salesforce.com", true, Fail},
		{"production behind a host of a sandbox", "acme--uat.sandbox.my.salesforce.com", false, Fail},
		{"a host that says neither", "127.0.0.1", true, Pass},
	} {
		found := judgeEnvironment(salesforce.Organization{Sandbox: c.sandbox, Type: "Enterprise Edition", Instance: "EU1"}, c.host)
		if found.outcome != c.outcome || (c.outcome == Fail) != (found.fix != "") {
			t.Errorf("%s: got %+v, want %s", c.why, found, c.outcome)
		}
	}
}

// The plain output is for people: no colour unless asked for, every line within the width.
func TestCheckPrint(t *testing.T) {
	t.Parallel()
	o := newOrg(t, tiny, fixtures.Options{Hide: []string{"Contact"}})
	o.config.Path = "config.yaml"
	list, _ := CheckSetup(t.Context(), o.config, CheckOptions{Version: "test"})
	var plain, colour bytes.Buffer
	if err := errors.Join(list.Print(&plain, false), list.Print(&colour, true)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colour.String(), "\x1b[1;31mfail") {
		t.Error("colours where none are wanted, or none where they are")
	}
	for line := range strings.Lines(plain.String()) {
		if len([]rune(line)) > checkWidth+1 && strings.Count(strings.TrimSpace(line), " ") > 3 {
			t.Errorf("longer than %d: %s", checkWidth, line)
		}
	}
	golden(t, "check.txt", steady(plain.String()))
	var document bytes.Buffer
	if err := list.JSON(&document); err != nil {
		t.Fatal(err)
	}
	var back Checklist
	decoder := json.NewDecoder(&document)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&back); err != nil || back.SchemaVersion != 1 || len(back.Items) != len(list.Items) {
		t.Errorf("the JSON reads back as %+v (%v)", back, err)
	}
}

// steady takes out what differs from one machine to the next.
func steady(text string) string {
	return regexp.MustCompile(`(?s)(\nunknown|\npass|\nfail)( +folders ).*?\n(pass|fail|unknown) `).ReplaceAllString(text, "$1$2...\n$3 ")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateCheck {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got (rewrite with -update)\n%s", path, diff)
	}
}
