package pipeline

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestInstanceURL(t *testing.T) {
	t.Parallel()
	allowed := []string{"proxy.acme.example", "other.example:8443"}
	for _, c := range []struct{ text, want, why string }{
		{"https://acme.my.salesforce.com", "https://acme.my.salesforce.com", "the My Domain"},
		{"https://ACME.my.salesforce.com/", "https://acme.my.salesforce.com", "capitals and a slash mean nothing"},
		{"https://acme.my.salesforce.com:443", "https://acme.my.salesforce.com", "the port of https, written out"},
		{"https://acme443.my.salesforce.com:", "https://acme443.my.salesforce.com", "a colon without a port"},
		{"http://[::1]:80", "http://[::1]", "brackets stay without a port"},
		{"https://acme.lightning.force.com:8443", "", "another port, on a corrected host"},
		{"https://acme--dev.sandbox.my.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com", "a sandbox"},
		{"https://acme.lightning.force.com", "https://acme.my.salesforce.com", "copied from the browser"},
		{"https://acme--dev.sandbox.lightning.force.com/", "https://acme--dev.sandbox.my.salesforce.com", "copied from the browser, in a sandbox"},
		{"https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com", "copied from the browser with the page"},
		{"https://acme.my.salesforce-setup.com", "https://acme.my.salesforce.com", "copied from Setup"},
		{"https://acme.develop.my.site.force.com", "https://acme.develop.my.site.force.com", "under force.com"},
		{"https://proxy.acme.example", "https://proxy.acme.example", "listed"},
		{"https://other.example:8443", "https://other.example:8443", "listed with its port"},
		{"https://other.example", "", "listed with another port"},
		{"http://proxy.acme.example", "", "listed, but in clear"},
		{"http://127.0.0.1:8710", "http://127.0.0.1:8710", "the simulator"},
		{"http://[::1]:8710", "http://[::1]:8710", "the simulator, by IPv6"},
		{"http://localhost:8710", "http://localhost:8710", "the simulator, by name"},
		{"http://127.0.0.1.evil.example", "", "begins like a loopback address"},
		{"http://localhost.evil.example", "", "begins like the name"},
		{"http://10.0.0.1", "", "a private network is a network"},
		{"https://10.0.0.1", "", "no host of Salesforce's"},
		{"https://evilsalesforce.com", "", "ends like Salesforce, without the dot"},
		{"https://salesforce.com.evil.example", "", "begins like Salesforce"},
		{"https://acme.lightning.force.com.evil.example", "", "is not corrected"},
		{"https://acme.my.salesforce.com@evil.example", "", "a user in front of the host"},
		{"https://acme.my.salesforce.com:8443", "", "another port"},
		{"https://acme.my.salesforce.com./", "", "a dot behind"},
		{"https://acme.my.salesforce.com/services", "", "a path"},
		{"https://acme.my.salesforce.com?x=1", "", "a query"},
		{"https://acme.my.salesforce.com#x", "", "a fragment"},
		{"https://acme_x.my.salesforce.com", "", "no host name"},
		{"https://аcme.my.salesforce.com", "", "a Cyrillic letter"},
		{"https://acme.my.salesforce.com\\@evil.example", "", "a backslash"},
		{"acme.my.salesforce.com", "", "no scheme"},
		{"//acme.my.salesforce.com", "", "no scheme either"},
		{"ftp://acme.my.salesforce.com", "", "another scheme"},
		{"javascript:alert(1)", "", "no address"},
		{"https://", "", "no host"},
	} {
		config, err := readText(t, minimal+fmt.Sprintf("salesforce:\n  allowed_hosts: [%s]\n  source: org\n  client_id: id\n  client_secret: s\n  instance_url: %q\n", strings.Join(allowed, ", "), c.text), nil)
		problems, got := problemsOf(t, err), ""
		if err == nil {
			got = config.Salesforce.InstanceURL
			if given := config.Salesforce.CorrectedHost; (given != "") != (strings.Contains(c.text, "lightning") || strings.Contains(c.text, "-setup.")) || given != "" && !strings.Contains(c.text, given) {
				t.Errorf("%s: corrected from %q", c.text, given)
			}
		} else if len(problems) != 1 || !strings.Contains(problems[0], "line 8: salesforce.instance_url: ") {
			t.Errorf("%s: %s: got %q, want one problem with the address", c.text, c.why, problems)
		}
		if got != c.want {
			t.Errorf("%s: %s: got %q (%q), want %q", c.text, c.why, got, problems, c.want)
		}
	}
}

// orgWith is a configuration for an org, with lines of its own.
func orgWith(lines ...string) string {
	return minimal + "salesforce:\n  source: org\n  instance_url: https://acme.my.salesforce.com\n  client_id: id\n  " + strings.Join(lines, "\n  ") + "\n"
}

func TestSecretFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		content   string
		mode      os.FileMode
		want, why string
	}{
		{"s3cr$t: #x\n", 0o600, "s3cr$t: #x", "as it is, without its newline"},
		{"s3cret\r\n", 0o400, "s3cret", "a newline of Windows"},
		{" s3cret ", 0o600, " s3cret ", "spaces belong to it"},
		{"s3cret", 0o640, "", "a group may read it"},
		{"s3cret", 0o644, "", "other users may read it"},
		{"s3cret", 0o602, "", "other users may replace it"},
		{"\n", 0o600, "", "nothing in it"},
		{strings.Repeat("x", longestSecret+1), 0o600, "", "not a secret"},
	} {
		t.Run(fmt.Sprintf("%s %o", c.why, c.mode), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil { // WriteFile's mode passes through the umask
				t.Fatal(err)
			}
			config, err := readText(t, orgWith("client_secret_file: "+path), nil)
			if c.want == "" {
				problems := problemsOf(t, err)
				if len(problems) != 1 || !strings.Contains(problems[0], "line 7: salesforce.client_secret_file: ") || strings.Contains(problems[0], "s3cret") {
					t.Errorf("got %q, want one problem with the file", problems)
				}
				return
			}
			if err != nil || config.Salesforce.ClientSecret.Reveal() != c.want {
				t.Errorf("got %v, want the secret", err)
			}
		})
	}
}

func TestSecretFileAgainstSecret(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("of the file"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		environment variables
		lines       []string
		want, why   string
	}{
		{nil, []string{"client_secret_file: " + path, "client_secret: ${NONE:-}"}, "of the file", "an empty one is none"},
		{variables{"CROSSWALK_SALESFORCE_CLIENT_SECRET": "of the environment"}, []string{"client_secret_file: " + path}, "of the environment", "the environment goes before the file"},
		{variables{"CROSSWALK_SALESFORCE_CLIENT_SECRET_FILE": path}, []string{"client_secret: direct"}, "of the file", "also where it names a file"},
		{variables{"CROSSWALK_SALESFORCE_CLIENT_SECRET_FILE": path, "CROSSWALK_SALESFORCE_CLIENT_SECRET": "x"}, nil, "", "both from the environment"},
	} {
		config, err := readText(t, orgWith(c.lines...), c.environment)
		switch {
		case c.want == "" && len(problemsOf(t, err)) != 1:
			t.Errorf("%s: got %v, want one problem", c.why, err)
		case c.want != "" && (err != nil || config.Salesforce.ClientSecret.Reveal() != c.want):
			t.Errorf("%s: got %v", c.why, err)
		}
	}
}

func TestPrivateKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, []byte(testPrivateKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	text := orgWith("login: jwt_bearer", "username: a@acme.example", "key_file: "+path)
	if config, err := readText(t, text, nil); err != nil || config.Salesforce.PrivateKey.Reveal() != testPrivateKey() {
		t.Error(err)
	}
	if err := os.Chmod(path, 0o604); err != nil {
		t.Fatal(err)
	}
	_, err := readText(t, text, nil)
	if got := problemsOf(t, err); len(got) != 1 || got[0] != "line 9: salesforce.key_file: other users may open it (mode 0604); chmod 600 it" {
		t.Errorf("got %q", got)
	}
}

// F015: what is wrong with the key is told with its line, before anything is sent.
func TestPrivateKeyOfTheWrongKind(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.pem")
	text := strings.ReplaceAll(testPrivateKey(), "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readText(t, orgWith("login: jwt_bearer", "username: a@acme.example", "key_file: "+path), nil)
	if got := problemsOf(t, err); len(got) != 1 || !strings.HasPrefix(got[0], "line 9: salesforce.key_file: encrypted: decrypt it with openssl") {
		t.Errorf("got %q", got)
	}
}

// testPrivateKey is made once: a key takes a second.
var testPrivateKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// TestAuthoritiesFile: a ca_file that is none is told with its key, whatever the source is, and nothing waits for it.
func TestAuthoritiesFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pipe, text := filepath.Join(folder, "pipe"), filepath.Join(folder, "text.pem")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.WriteFile(text, []byte("no certificate"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(folder, "absent.pem"): "no such file or directory", folder: "not a regular file", pipe: "not a regular file",
		"/dev/zero": "not a regular file", text: "no certificate in it; want a PEM file, with BEGIN CERTIFICATE lines",
	} {
		_, err := readText(t, minimal+"salesforce: {ca_file: "+path+"}\n", nil)
		if got := problemsOf(t, err); len(got) != 1 || got[0] != "line 3: salesforce.ca_file: "+want {
			t.Errorf("%s: got %q", path, got)
		}
		_, err = readText(t, minimal, variables{"CROSSWALK_SALESFORCE_CA_FILE": path})
		if got := problemsOf(t, err); len(got) != 1 || got[0] != "CROSSWALK_SALESFORCE_CA_FILE: salesforce.ca_file: "+want {
			t.Errorf("%s: got %q", path, got)
		}
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	t.Parallel()
	config, err := readText(t, orgWith("client_secret: ${SECRET}"), variables{"SECRET": canary})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if strings.Contains(fmt.Sprintf(verb, *config), canary) || strings.Contains(fmt.Sprintf(verb, config.Salesforce), canary) {
			t.Errorf("%s prints the secret", verb)
		}
	}
}
