package faults

import (
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A harness that notices nothing would survive everything, so these hold what it notices.

func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, text string }{
		{"as it is", "bad secret " + canarySecret}, {"cut", canarySecret[:len(secretCore)+2]}, {"for a URL", url.QueryEscape(canarySecret)},
		{"in JSON", quoteJSON(canarySecret)}, {"in base64", base64.StdEncoding.EncodeToString([]byte(canarySecret))},
		{"Basic", base64.RawURLEncoding.EncodeToString([]byte(canaryClient + ":" + canarySecret))},
		{"an access token", "Bearer 00D5g000004Fwk7!AQEAQ.abc"}, {"an escaped one", "00D5g000004Fwk7%21AQEAQ"}, {"a refresh token", "5Aep861abcdef"},
		{"a code", "code=aPrx0123456789"}, {"a key", "-----BEGIN RSA PRIVATE KEY-----"},
	} {
		if leak(c.text, secretForms) == "" {
			t.Errorf("%s: not found in %q", c.why, c.text)
		}
	}
	for _, text := range []string{canaryPerson, strings.ToUpper(canaryEmail), url.QueryEscape(canaryAccount), canaryPhone, canaryNumber} {
		if leak(text, personForms) == "" {
			t.Errorf("personal data not found in %q", text)
		}
	}
	for _, text := range []string{"want BEGIN PRIVATE KEY", "salesforce: sign-in: 400 invalid_grant", canaryClient, "org 00D5g000004Fwk7AAB"} {
		if found := leak(text, secretForms) + leak(text, personForms); found != "" {
			t.Errorf("%q is no canary: %q", text, found)
		}
	}
}

// What a process gives the ones that it starts is looked at: the shell hands its environment on, and the secret in it.
func TestEnvironmentsAreFound(t *testing.T) {
	t.Parallel()
	w := &world{v: &verdict{t: t}, dir: t.TempDir()}
	if o := w.startCommand(nil, "sh", "-c", "sleep 1 & wait").wait(); o.code != 0 {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	if leak(strings.Join(w.texts, "\n"), secretForms) == "" {
		t.Errorf("the secret in the environment of a child was not found in %d texts", len(w.texts))
	}
}

func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	w := bareWorld(t, &verdict{t: t}, setting{})
	if o := w.crosswalk("run", "--run-date", faultDate); o.code != 0 {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	before := w.published()
	root, err := os.OpenRoot(filepath.Join(w.output(), "latest"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := holds(root); err != nil {
		t.Fatalf("a whole publication: %v", err)
	}
	path := filepath.Join(w.output(), "run_date="+faultDate, "links.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	early := &reader{w: w}
	early.look()
	if len(early.problems) > 0 || early.looks != 1 {
		t.Fatalf("a whole publication: %d looks, %v", early.looks, early.problems)
	}
	write(t, path, text, 0o600)
	early.look()
	if len(early.problems) != 1 || !strings.Contains(early.problems[0], "links.csv was written to") {
		t.Errorf("a file written to with the same bytes: %v", early.problems)
	}
	text[len(text)/2] ^= 1
	write(t, path, text, 0o600)
	if err := holds(root); err == nil {
		t.Error("a flipped bit was not found in a publication")
	}
	reader := w.watch()
	for reader.looks == 0 {
		reader.look()
	}
	close(reader.quit)
	<-reader.done
	if len(reader.problems) == 0 {
		t.Error("the reader saw nothing wrong")
	}
	if found := changed(before, w.published()); len(found) != 1 || !strings.HasSuffix(found[0], "links.csv") {
		t.Errorf("found %v changed, want links.csv", found)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if found := changed(before, w.published()); len(found) != 1 {
		t.Errorf("a mode that changed was not found: %v", found)
	}
}
