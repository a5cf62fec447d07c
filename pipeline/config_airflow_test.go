package pipeline

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// airflowOrg is a configuration for an org that leaves the credentials to Airflow.
const airflowOrg = minimal + "salesforce:\n  source: org\n  client_id: of the file\n  client_secret: ${NOT_SET}\n  instance_url: https://file.my.salesforce.com\n"

// asJSON is a connection as Airflow exports it.
func asJSON(t *testing.T, login string, extra map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"conn_type": "salesforce", "login": login, "password": canary, "port": nil, "extra": extra})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAirflowConnection(t *testing.T) {
	t.Parallel()
	inText, err := json.Marshal(`{"consumer_key": "key", "consumer_secret": "secret"}`)
	if err != nil {
		t.Fatal(err)
	}
	host := url.PathEscape("https://acme.my.salesforce.com")
	for _, c := range []struct{ why, connection, id, secret, instance string }{
		{"JSON", asJSON(t, "", map[string]any{"consumer_key": "key", "consumer_secret": "secret", "instance_url": "https://acme.my.salesforce.com"}), "key", "secret", "https://acme.my.salesforce.com"},
		{"JSON with extra as a text", `{"conn_type": "salesforce", "extra": ` + string(inText) + `}`, "key", "secret", "https://file.my.salesforce.com"},
		{"names of older versions", asJSON(t, "", map[string]any{"extra__salesforce__consumer_key": "key", "extra__salesforce__client_secret": "secret", "extra__salesforce__instance": "acme.my.salesforce.com"}), "key", "secret", "https://acme.my.salesforce.com"},
		{"a host that pages are served from", asJSON(t, "", map[string]any{"consumer_key": "key", "consumer_secret": "secret", "instance_url": "https://acme.lightning.force.com/"}), "key", "secret", "https://acme.my.salesforce.com"},
		{"domain", asJSON(t, "", map[string]any{"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my"}), "key", "secret", "https://acme.my.salesforce.com"},
		{"URI", "salesforce://:" + canary + "@" + host + "/?consumer_key=key&consumer_secret=s%2Fe%3Dcret", "key", "s/e=cret", "https://acme.my.salesforce.com"},
		{"URI with everything in one", "salesforce://?__extra__=" + url.QueryEscape(`{"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my"}`), "key", "secret", "https://acme.my.salesforce.com"},
		{"URI with a bare host", "salesforce://acme.my.salesforce.com?consumer_key=key&consumer_secret=secret", "key", "secret", "https://acme.my.salesforce.com"},
	} {
		config, err := readText(t, airflowOrg, variables{airflowVariable: c.connection})
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		got := config.Salesforce
		if got.ClientID != c.id || got.ClientSecret.Reveal() != c.secret || got.InstanceURL != c.instance || got.Login != "client_credentials" {
			t.Errorf("%s: id %q, secret %t, instance %s, login %s", c.why, got.ClientID, got.ClientSecret.Reveal() == c.secret, got.InstanceURL, got.Login)
		}
	}
}

func TestAirflowConnectionSigns(t *testing.T) {
	t.Parallel()
	key := testPrivateKey()
	path := filepath.Join("keys", "acme.pem")
	for why, extra := range map[string]map[string]any{
		"a key":                           {"consumer_key": "key", "private_key": key, "version": 62.0, "organization_id": "00DFx0000000001MAA"},
		"a key on one line, as of a form": {"consumer_key": "key", "private_key": strings.ReplaceAll(key, "\n", `\n`), "version": "v62.0", "organization_id": "00DFx0000000001MAA"},
	} {
		config, err := readText(t, airflowOrg+"  key_file: none.pem\n", variables{airflowVariable: asJSON(t, "robot@acme.example", extra), "NOT_SET": "x"})
		if err != nil {
			t.Errorf("%s: %v", why, err)
			continue
		}
		got := config.Salesforce
		if got.Login != "jwt_bearer" || got.Username != "robot@acme.example" || got.PrivateKey.Reveal() != key || got.APIVersion != "62.0" || got.OrganizationID != "00DFx0000000001MAA" {
			t.Errorf("%s: login %s as %s, api_version %s, organization_id %s", why, got.Login, got.Username, got.APIVersion, got.OrganizationID)
		}
	}
	config, err := readText(t, airflowOrg, variables{airflowVariable: asJSON(t, "r", map[string]any{"consumer_key": "key", "private_key_file_path": path}), "NOT_SET": "x"})
	problems := problemsOf(t, err)
	if len(problems) != 1 || !strings.HasPrefix(problems[0], airflowVariable+": salesforce.key_file: no such file") || config != nil {
		t.Errorf("a key file that is not there: %q", problems)
	}
}

// The variable of a key goes before the connection, the connection before the file; without an org nobody asks for it.
func TestAirflowConnectionPrecedence(t *testing.T) {
	t.Parallel()
	connection := asJSON(t, "", map[string]any{"consumer_key": "key", "consumer_secret": "secret"})
	config, err := readText(t, airflowOrg, variables{airflowVariable: connection, "CROSSWALK_SALESFORCE_CLIENT_ID": "of the variable"})
	if err != nil || config.Salesforce.ClientID != "of the variable" || config.Salesforce.ClientSecret.Reveal() != "secret" {
		t.Errorf("%v: id %q", err, config.Salesforce.ClientID)
	}
	config, err = readText(t, minimal, variables{airflowVariable: "{damaged"})
	if err != nil || config.Salesforce.ClientID != "" {
		t.Errorf("fixtures need no connection: %v", err)
	}
	config, err = readText(t, airflowOrg+"  login: web_server\n", variables{airflowVariable: connection})
	if err != nil || config.Salesforce.Login != "web_server" {
		t.Errorf("%v: a secret does not change the way to sign in", err)
	}
}

func TestAirflowConnectionRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, connection, want string }{
		{"no JSON", `{"conn_type": "` + canary, "not the JSON of a connection"},
		{"no connection", canary, "neither a URI nor a JSON object"},
		{"another type", "postgres://u:" + canary + "@h/db?consumer_key=" + canary, "another type"},
		{"JSON of another type", `{"conn_type": "http", "password": "` + canary + `"}`, "another type"},
		{"a user and a password alone", asJSON(t, "me@acme.example", nil), "no consumer_key"},
		{"extra is a list", `{"conn_type": "salesforce", "extra": ["` + canary + `"]}`, "extra is no JSON object"},
		{"damaged percent-encoding", "salesforce://%zz@h?consumer_key=" + canary, "percent-encoding"},
		{"two keys", asJSON(t, "", map[string]any{"consumer_key": "k", "private_key": canary, "private_key_file_path": canary}), "both private_key"},
		{"a key that is none", asJSON(t, "u", map[string]any{"consumer_key": "k", "private_key": canary}), "no PEM"},
		{"a host elsewhere", asJSON(t, "", map[string]any{"consumer_key": "k", "consumer_secret": canary, "instance_url": "https://" + canary + ":x@evil.example"}), "salesforce.instance_url"},
		{"a version that is none", asJSON(t, "", map[string]any{"consumer_key": "k", "consumer_secret": canary, "version": canary}), "salesforce.api_version: got what the connection has; want a version"},
	} {
		_, err := readText(t, airflowOrg, variables{airflowVariable: c.connection, "NOT_SET": "x"})
		problems := strings.Join(problemsOf(t, err), "\n")
		if !strings.Contains(problems, airflowVariable+": ") || !strings.Contains(problems, c.want) || strings.Contains(problems, canary) {
			t.Errorf("%s: got %q, want %q", c.why, problems, c.want)
		}
	}
}

func FuzzAirflowConnection(f *testing.F) {
	f.Add(`{"conn_type": "salesforce", "extra": {"consumer_key": "k"}}`)
	f.Add("salesforce://u:p@h/?consumer_key=k&__extra__=%7B%7D")
	f.Add("salesforce://")
	f.Fuzz(func(t *testing.T, text string) {
		connection, err := readConnection(text)
		if err == nil && connection.values["salesforce.client_id"] == "" {
			t.Errorf("%q: taken without an app", text)
		}
		if err != nil && len(err.Error()) > 200 {
			t.Errorf("%q: the error repeats it: %v", text, err)
		}
	})
}
