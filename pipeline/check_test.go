package pipeline

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crosswalk/extract/salesforce"
	"crosswalk/fixtures"
)

// tiny is an org that answers at once.
var tiny = fixtures.Generator{Seed: 5, Accounts: 60, Contacts: 150, Customers: 50}

// alter is a configuration that differs from that of newOrg.
type alter func(t *testing.T, o *org)

func withRule(salesforce string) alter {
	return func(_ *testing.T, o *org) { o.config.Link = []Rule{{Salesforce: salesforce, ERP: "customer_id"}} }
}

func withField(object, field string) alter {
	return func(_ *testing.T, o *org) {
		objects := map[string]ObjectConfig{objectAccount: o.config.Salesforce.Objects[objectAccount], objectContact: o.config.Salesforce.Objects[objectContact]}
		objects[object] = ObjectConfig{Fields: append(slices.Clone(objects[object].Fields), field)}
		o.config.Salesforce.Objects = objects
	}
}

// fault is a scripted fault that strikes for ever.
func fault(kind, object string, do fixtures.Action) []fixtures.Fault {
	return []fixtures.Fault{{Match: fixtures.Match{Kind: kind, Object: object, Times: -1}, Do: do}}
}

func denied(status int, code, message string) fixtures.Action {
	kind := "application/json"
	return fixtures.Action{
		Status: status, Headers: fixtures.HeaderChange{"Content-Type": &kind}, Body: `[{"errorCode":"` + code + `","message":"` + message + `"}]`,
	}
}

// uncounted is a refusal without the org's account of its calls.
func uncounted(code, message string) fixtures.Action {
	do := denied(403, code, message)
	do.Headers["Sforce-Limit-Info"] = nil
	return do
}

// refusedToken is an answer of the token endpoint.
func refusedToken(code, description string) []fixtures.Fault {
	kind := "application/json"
	return fault("token", "", fixtures.Action{
		Status: 400, Headers: fixtures.HeaderChange{"Content-Type": &kind}, Body: `{"error":"` + code + `","error_description":"` + description + `"}`,
	})
}

func TestCheckFindsTheRightItem(t *testing.T) {
	t.Parallel()
	json := "application/json"
	cases := []struct {
		why   string
		org   fixtures.Options
		alter alter
		item  string // that fails, alone; empty is none
		code  int
		says  string // in detail or answer
		fix   string // in the click path
	}{
		{why: "an org and a machine as they should be"},
		{why: "API Enabled is off", org: fixtures.Options{APIDisabled: true}, item: "api_enabled", code: 3, says: "403 API_DISABLED_FOR_ORG", fix: "tick API Enabled"},
		{why: "API Enabled is off, as the user is told", org: fixtures.Options{Faults: fault("resources", "", denied(403, "API_CURRENTLY_DISABLED", "API is disabled for this User"))}, item: "api_enabled", code: 3, says: "API_CURRENTLY_DISABLED", fix: "tick API Enabled"},
		{why: "the app is kept out of the API", org: fixtures.Options{Faults: fault("resources", "", denied(401, "INVALID_SESSION_ID", "Session expired or invalid"))}, item: "api_enabled", code: 3, says: "INVALID_SESSION_ID", fix: "API Access Control"},
		{why: "Contact is unreadable", org: fixtures.Options{Hide: []string{"Contact"}}, item: "read_contact", code: 3, says: "no Read permission", fix: "Object Settings > Contacts > Edit: tick Read"},
		{why: "Account is unreadable", org: fixtures.Options{Hide: []string{"Account"}}, item: "read_account", code: 3, says: "no Read permission", fix: "Object Settings > Accounts > Edit: tick Read"},
		{why: "the identifier field is hidden", org: fixtures.Options{Hide: []string{"Account.ERP_Customer_ID__c"}}, item: "identifier", code: 2, says: "Account.ERP_Customer_ID__c: does not exist or is hidden by field-level security", fix: "Set Field-Level Security"},
		{why: "the identifier field belongs to no package", alter: withRule("Account.acme__ERP_Customer_ID__c"), item: "identifier", code: 2, says: "did you mean ERP_Customer_ID__c", fix: "Object Manager > Account"},
		{why: "a field name has a typo", alter: withField("Account", "Phnoe"), item: "fields", code: 2, says: "Account.Phnoe: does not exist or is hidden by field-level security; did you mean Phone", fix: "Object Manager > Account > Fields & Relationships"},
		{why: "a field of Contact has a typo", alter: withField("Contact", "Emial"), item: "fields", code: 2, says: "did you mean Email", fix: "Object Manager > Contact"},
		{why: "a field of a parent has a typo", alter: withField("Account", "Owner.Nmae"), item: "fields", code: 2, says: "did you mean Name", fix: "Object Manager > User"},
		{why: "nobody has filled the identifier field", alter: withRule("Account.Fax"), item: "identifier", code: 5, says: "0 of 60 accounts carry it", fix: "fill Account.Fax"},
		{why: "the quota's share is spent", org: fixtures.Options{DailyUsed: 90_000}, item: "quota", code: 4, says: "limits.api_quota ends at 80,000", fix: "raise limits.api_quota"},
		{why: "every call is spent", org: fixtures.Options{DailyUsed: 100_000}, item: "quota", code: 4, says: "403 REQUEST_LIMIT_EXCEEDED", fix: "raise limits.api_quota"},
		{why: "the last call is spent on the way", org: fixtures.Options{DailyUsed: 99_996}, item: "quota", code: 4, says: "403 REQUEST_LIMIT_EXCEEDED", fix: "raise limits.api_quota"},
		{why: "every call is spent, of an org that does not count them", org: fixtures.Options{Faults: fault("resources", "", uncounted("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))}, item: "quota", code: 4, says: "how many there are the org does not tell", fix: "raise limits.api_quota"},
		{why: "the clock is 10 minutes behind", org: fixtures.Options{ClockOffset: 10 * time.Minute}, item: "clock", code: 2, says: "10m0s behind", fix: "NTP"},
		{why: "the clock is 10 minutes ahead", org: fixtures.Options{ClockOffset: -10 * time.Minute}, item: "clock", code: 2, says: "10m0s ahead", fix: "NTP"},
		{why: "a clock two minutes off is near enough", org: fixtures.Options{ClockOffset: 2 * time.Minute}},
		{why: "the snapshot is two days old", alter: func(t *testing.T, o *org) { age(t, o.config.ERP.Source.Path, 48*time.Hour) }, item: "erp_snapshot", code: 5, says: "last modified 48h0m ago", fix: "look whether the export ran"},
		{why: "the snapshot is not there", alter: func(_ *testing.T, o *org) { o.config.ERP.Source.Path += ".gone" }, item: "erp_snapshot", code: 5, says: "no such file", fix: "look whether the export ran"},
		{why: "the snapshot lacks a column", alter: func(_ *testing.T, o *org) { o.config.ERP.CustomerName = "nmae" }, item: "erp_snapshot", code: 5, says: `"nmae"`, fix: "column"},
		{why: "the snapshot breaks off", alter: func(t *testing.T, o *org) { halve(t, o.config.ERP.Source.Path) }, item: "erp_snapshot", code: 5, says: "line", fix: ""},
		{why: "the secret is another app's", alter: func(_ *testing.T, o *org) { o.config.Salesforce.ClientSecret = "wrong" }, item: "sign_in", code: 3, says: "400 invalid_client: invalid client credentials", fix: "copy the secret"},
		{why: "the org has no such app", alter: func(_ *testing.T, o *org) { o.config.Salesforce.ClientID = "3MVG9unknown" }, item: "app", code: 3, says: "400 invalid_client_id", fix: "copy the key"},
		{why: "the app is not installed", org: fixtures.Options{Faults: refusedToken("invalid_client", "External client app is not installed in this org")}, item: "app", code: 3, says: "not installed", fix: ""},
		{why: "nobody to run as", org: fixtures.Options{Faults: refusedToken("invalid_grant", "no client credentials user enabled")}, item: "sign_in", code: 3, says: "no client credentials user", fix: "Run As"},
		{why: "the address is kept out", org: fixtures.Options{Faults: refusedToken("invalid_grant", "ip restricted")}, item: "sign_in", code: 3, says: "ip restricted", fix: "Login IP Ranges"},
		{why: "the flow is not for this host", org: fixtures.Options{Faults: refusedToken("invalid_grant", "request not supported on this domain")}, item: "instance_url", code: 2, says: "not supported on this domain", fix: "Setup > My Domain"},
		{why: "the version is not offered", alter: func(_ *testing.T, o *org) { o.config.Salesforce.APIVersion = "99.0" }, item: "api_version", code: 2, says: "no version 99.0", fix: "31.0 to 67.0"},
		{why: "nobody has signed in at the browser", alter: func(_ *testing.T, o *org) { o.config.Salesforce.Login = salesforce.LoginWebServer }, item: "sign_in", code: 3, says: "", fix: "crosswalk connect"},
		{why: "a key signs in", org: fixtures.Options{JWTKey: testKey().Public()}, alter: byKey},
		{why: "a key the app does not know", org: fixtures.Options{Faults: refusedToken("invalid_grant", "invalid assertion")}, alter: byKey, item: "sign_in", code: 3, says: "invalid assertion", fix: ""},
		{why: "a key signs in by a clock that is 10 minutes ahead", org: fixtures.Options{JWTKey: testKey().Public(), ClockOffset: -10 * time.Minute}, alter: byKey, item: "clock", code: 2, says: "", fix: "NTP"},
		{why: "the user has not approved the app", org: fixtures.Options{Faults: refusedToken("invalid_grant", "user hasn't approved this consumer")}, alter: byKey, item: "sign_in", code: 3, says: "approved", fix: "admin-approved"},
		{why: "a sandbox under the address of production", org: fixtures.Options{Faults: refusedToken("invalid_grant", "audience is invalid")}, alter: byKey, item: "sign_in", code: 3, says: "audience", fix: "sandbox.my.salesforce.com"},
		{why: "the wrong org", alter: func(_ *testing.T, o *org) { o.config.Salesforce.OrganizationID = "00DFx0000000002" }, item: "identity", code: 2, says: "organization_id is 00DFx0000000002", fix: "My Domain of the org that is meant"},
		{why: "the right org, by its 15 characters", alter: func(_ *testing.T, o *org) { o.config.Salesforce.OrganizationID = "00DFx0000000001" }},
		{why: "a scope too many", org: fixtures.Options{Scopes: []string{"api", "full"}}, item: "scopes", code: 3, says: "more than is needed: full", fix: "Selected OAuth Scopes"},
		{why: "an app without any scope", org: fixtures.Options{Faults: refusedToken("invalid_grant", "no valid scopes defined")}, item: "sign_in", code: 3, says: "no valid scopes", fix: "Selected OAuth Scopes"},
		{why: "no scope for the API", org: fixtures.Options{Scopes: []string{"id"}}, item: "scopes", code: 3, says: "api is missing", fix: "Manage user data via APIs (api)"},
		{why: "Bulk is refused", org: fixtures.Options{Faults: fault("job_create", "", denied(403, "FUNCTIONALITY_NOT_ENABLED", "no"))}, item: "bulk", code: 3, says: "FUNCTIONALITY_NOT_ENABLED", fix: "salesforce.api: rest"},
		{why: "sharing hides most accounts", org: fixtures.Options{Faults: fault("record_count", "", fixtures.Action{Status: 200, Headers: fixtures.HeaderChange{"Content-Type": &json}, Body: `{"sObjects":[{"count":900,"name":"Account"},{"count":150,"name":"Contact"}]}`})}, item: "visibility", code: 3, says: "60 of 900 accounts", fix: "View All Records"},
		{why: "the org's count is a little old", org: fixtures.Options{Faults: fault("record_count", "", fixtures.Action{Status: 200, Headers: fixtures.HeaderChange{"Content-Type": &json}, Body: `{"sObjects":[{"count":62,"name":"Account"},{"count":140,"name":"Contact"}]}`})}},
		{why: "the user may not ask for the org's count", org: fixtures.Options{Faults: fault("record_count", "", denied(403, "INSUFFICIENT_ACCESS", "no"))}},
		{why: "the organization's record is hidden", org: fixtures.Options{Hide: []string{"Organization"}}},
		{why: "output in a file", alter: func(t *testing.T, o *org) { o.config.Output.Directory = inFile(t, o) }, item: "folders", code: 2, says: "output.directory", fix: "write to output.directory"},
		{why: "output and state in one folder", alter: func(t *testing.T, o *org) { twins(t, o) }, item: "folders", code: 2, says: "one folder", fix: "state.directory"},
		{why: "no folder to spill to", alter: func(t *testing.T, o *org) { o.config.Limits.TempDirectory = inFile(t, o) }, item: "folders", code: 2, says: "limits.temp_directory", fix: "write to limits.temp_directory"},
		{why: "a proxy in front sends somewhere else", org: fixtures.Options{Faults: fault("versions", "", fixtures.Action{Redirect: "http://127.0.0.1:1"})}, item: "instance_url", code: 3, says: "a redirect, which is never followed", fix: "My Domain"},
		{why: "Salesforce breaks down on the way", org: fixtures.Options{Faults: fault("describe", "Contact", fixtures.Action{Status: 503})}, item: "read_contact", code: 4, says: "503", fix: "status.salesforce.com"},
		{why: "nobody at home", alter: func(_ *testing.T, o *org) { o.config.Salesforce.InstanceURL = "http://127.0.0.1:1" }, item: "instance_url", code: 4, says: "connection refused", fix: "network"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, tiny, c.org)
			if c.alter != nil {
				c.alter(t, o)
			}
			list, err := CheckSetup(t.Context(), o.config, CheckOptions{Version: "test"})
			if list == nil {
				t.Fatal(err)
			}
			checkList(t, list)
			failed := failedItems(list)
			if c.item == "" {
				if err != nil || len(failed) != 0 || list.ExitCode != 0 || list.Outcome != Pass {
					t.Fatalf("failed %v with %v, want none\n%s", failed, err, text(t, list))
				}
				return
			}
			var failure *CheckError
			if !errors.As(err, &failure) || len(failed) != 1 || failed[0] != c.item || ExitCode(err) != c.code || list.ExitCode != c.code {
				t.Fatalf("failed %v with code %d (%v), want %s alone with %d\n%s", failed, ExitCode(err), err, c.item, c.code, text(t, list))
			}
			item := failure.First
			if !strings.Contains(item.Detail+"\n"+item.Answered, c.says) || !strings.Contains(item.Fix, c.fix) {
				t.Errorf("says %q and fixes it by %q, want %q and %q", item.Detail+"\n"+item.Answered, item.Fix, c.says, c.fix)
			}
		})
	}
}

// testKey is the private key of the tests, made once.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func byKey(t *testing.T, o *org) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(testKey())
	if err != nil {
		t.Fatal(err)
	}
	o.config.Salesforce.Login, o.config.Salesforce.Username = salesforce.LoginJWTBearer, fixtures.DefaultUsername
	o.config.Salesforce.PrivateKey = salesforce.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func age(t *testing.T, path string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func halve(t *testing.T, path string) {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, whole[:len(whole)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// inFile is a folder that nobody can make, root included: its parent is a file.
func inFile(t *testing.T, o *org) string {
	t.Helper()
	file := filepath.Join(o.dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(file, "folder")
}

// twins are one folder under two names.
func twins(t *testing.T, o *org) {
	t.Helper()
	o.config.Output.Directory, o.config.State.Directory = filepath.Join(o.dir, "one"), filepath.Join(o.dir, "two")
	if err := errors.Join(os.Mkdir(o.config.Output.Directory, 0o700), os.Symlink("one", o.config.State.Directory)); err != nil {
		t.Fatal(err)
	}
}

func failedItems(list *Checklist) (ids []string) {
	for _, item := range list.Items {
		if item.Outcome == Fail {
			ids = append(ids, item.ID)
		}
	}
	return ids
}

// checkList holds what is true of every checklist.
func checkList(t *testing.T, list *Checklist) {
	t.Helper()
	if len(list.Items) != 20 {
		t.Errorf("%d items, want 20", len(list.Items))
	}
	for _, item := range list.Items {
		failed := item.Outcome == Fail
		switch {
		case !slices.Contains([]string{Pass, Fail, Unknown}, item.Outcome), item.ID == "", item.Title == "", item.Detail == "", item.Section != "docs/setup.md#"+item.ID:
			t.Errorf("an item lacks something: %+v", item)
		case failed && (item.Asked == "" || item.Answered == "" || item.Fix == ""):
			t.Errorf("a failed item lacks something: %+v", item)
		case !failed && (item.Asked != "" || item.Answered != "" || item.Fix != ""):
			t.Errorf("an item that did not fail has a fix: %+v", item)
		}
	}
	if printed := text(t, list); strings.Contains(printed, fixtures.DefaultClientSecret) || strings.Contains(printed, "!") && regexp.MustCompile(`00D\w{12}!`).MatchString(printed) {
		t.Errorf("a secret or a token is told:\n%s", printed)
	}
}

func text(t *testing.T, list *Checklist) string {
	t.Helper()
	var out bytes.Buffer
	if err := errors.Join(list.Print(&out, false), list.JSON(&out)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
