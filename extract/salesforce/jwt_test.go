package salesforce

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"crosswalk/fixtures"
)

// testKey is made once: a key takes a second.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, leastKey)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PRIVATE KEY", der)
}

// F015: what is no key for this is told with its cure, before anything is sent.
func TestFaultPrivateKey(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024) // too small is the point
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curveDER, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(testKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	der := x509.MarshalPKCS1PrivateKey(testKey())
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: der})
	for _, c := range []struct{ why, text, want string }{
		{"PKCS #1", pemOf("RSA PRIVATE KEY", der), ""},
		{"PKCS #8", pkcs8(t, testKey()), ""},
		{"behind its certificate and a comment", "key of crosswalk\n" + pemOf("CERTIFICATE", []byte("x")) + pkcs8(t, testKey()), ""},
		{"with lines of Windows", strings.ReplaceAll(pkcs8(t, testKey()), "\n", "\r\n"), ""},
		{"nothing", "", "no PEM"},
		{"no PEM", "canary", "no PEM"},
		{"cut short", pkcs8(t, testKey())[:400], "no PEM"},
		{"the certificate", pemOf("CERTIFICATE", []byte("x")), "public half"},
		{"the public key", pemOf("PUBLIC KEY", public), "public half"},
		{"encrypted PKCS #8", pemOf("ENCRYPTED PRIVATE KEY", der), "openssl pkey"},
		{"encrypted PKCS #1", string(encrypted), "openssl pkey"},
		{"elliptic curve", pemOf("EC PRIVATE KEY", curveDER), "RSA of 2048"},
		{"elliptic curve in PKCS #8", pkcs8(t, curve), "RSA of 2048"},
		{"of OpenSSH", pemOf("OPENSSH PRIVATE KEY", der), "ssh-keygen"},
		{"too small", pkcs8(t, small), "RSA of 1024 bits"},
		{"damaged PKCS #1", pemOf("RSA PRIVATE KEY", der[:len(der)-9]), "damaged"},
		{"damaged PKCS #8", pemOf("PRIVATE KEY", der), "damaged"},
	} {
		err := CheckPrivateKey(Secret(c.text))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%s: got %v, want %q", c.why, err, c.want)
		}
		if c.want == "" {
			continue
		}
		options := testOptions("http://127.0.0.1:1")
		options.Login, options.Username, options.PrivateKey = LoginJWTBearer, "a@acme.example", Secret(c.text)
		_, err = Open(t.Context(), options)
		refusedWith(t, err, exitUsage, "key_file")
	}
}

func TestAudience(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"https://acme.my.salesforce.com":                "https://login.salesforce.com",
		"https://acme-dev-ed.develop.my.salesforce.com": "https://login.salesforce.com",
		"https://login.salesforce.com":                  "https://login.salesforce.com",
		"https://acme--uat.sandbox.my.salesforce.com":   "https://test.salesforce.com",
		"https://acme--uat.cs1.my.salesforce.com":       "https://test.salesforce.com",
		"https://test.salesforce.com":                   "https://test.salesforce.com",
		"https://proxy.acme.example":                    "https://login.salesforce.com",
		"http://127.0.0.1:8080":                         "http://127.0.0.1:8080",
		"http://localhost:8080":                         "http://localhost:8080",
	} {
		base, err := url.Parse(host)
		if err != nil {
			t.Fatal(err)
		}
		if got := audience(base); got != want {
			t.Errorf("%s: got %s, want %s", host, got, want)
		}
	}
}

// signing is a front whose app takes assertions of the test key.
func signing(t *testing.T, o fixtures.Options) (*front, Options) {
	t.Helper()
	o.JWTKey = testKey().Public()
	f := newFront(t, o)
	options := testOptions(f.url)
	options.Login, options.ClientID, options.ClientSecret = LoginJWTBearer, fixtures.DefaultClientID, ""
	options.Username, options.PrivateKey = fixtures.DefaultUsername, Secret(pkcs8(t, testKey()))
	return f, options
}

func TestJWTBearer(t *testing.T) {
	t.Parallel()
	f, options := signing(t, fixtures.Options{})
	f.before = func(_ int64, _ http.ResponseWriter, r *http.Request) bool { checkAssertion(t, r); return false }
	if err := signInOnce(t, options); err != nil {
		t.Fatal(err)
	}
	options.Username = "nobody@acme.example"
	refusedWith(t, signInOnce(t, options), exitRefused, "hasn't approved this consumer")
}

// checkAssertion wants grant_type and assertion and nothing else: a scope is refused there, and no secret belongs to it.
func checkAssertion(t *testing.T, r *http.Request) {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	form, wrong := url.ParseQuery(string(text))
	if err != nil || wrong != nil || len(form) != 2 || form.Get("grant_type") != jwtGrant || form.Get("assertion") == "" || r.URL.RawQuery != "" {
		t.Errorf("sent %d parameters, %v %v", len(form), err, wrong)
	}
	if r.Header.Get("Authorization") != "" {
		t.Error("credentials beside the form")
	}
}

func TestAssertionClaims(t *testing.T) {
	t.Parallel()
	base := &url.URL{Scheme: "https", Host: "acme--uat.sandbox.my.salesforce.com"}
	options := testOptions(base.String())
	options.Username, options.PrivateKey = "a@acme.example", Secret(pkcs8(t, testKey()))
	b, err := newBearer(options, newDoor(options, base, http.DefaultTransport, time.Second))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_700_000_000, 0)
	assertion, err := b.assertion(now)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(assertion.Reveal(), ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || len(parts) != 3 {
		t.Fatal(parts, err)
	}
	var claims struct {
		Iss, Sub, Aud, Scope string
		Exp                  int64
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	life := time.Unix(claims.Exp, 0).Sub(now)
	if claims.Iss != options.ClientID || claims.Sub != "a@acme.example" || claims.Aud != "https://test.salesforce.com" || claims.Scope != "" || life <= 0 || life > 3*time.Minute {
		t.Errorf("claims %+v, good for %s", claims, life)
	}
}

// F014: a clock that is wrong is told from the server's Date, and the assertion made again by it, once.
func TestFaultClockSkew(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{10 * time.Minute, -10 * time.Minute, 26 * time.Hour} {
		f, options := signing(t, fixtures.Options{ClockOffset: offset})
		var log lockedText
		options.Logger = slog.New(slog.NewTextHandler(&log, nil))
		if err := signInOnce(t, options); err != nil || f.tokens.Load() != 2 {
			t.Errorf("%s: %v, %d token calls, want 2", offset, err, f.tokens.Load())
		}
		if !strings.Contains(log.String(), "ahead_seconds") {
			t.Errorf("%s: log %q", offset, log.String())
		}
	}
}

// A refusal that another clock does not mend names the clock too, and is not asked a third time.
func TestFaultClockSkewNamed(t *testing.T) {
	t.Parallel()
	f, options := signing(t, fixtures.Options{ClockOffset: 10 * time.Minute})
	options.Username = "nobody@acme.example"
	err := signInOnce(t, options)
	refusedWith(t, err, exitRefused, "invalid_grant")
	if hint := failure(t, err).Hint(); !strings.Contains(hint, "clock is 10m") || !strings.Contains(hint, "behind") || f.tokens.Load() != 2 {
		t.Errorf("hint %q, %d token calls", hint, f.tokens.Load())
	}
}
