package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"sync"
	"time"

	"crosswalk/fixtures"
)

// ourKey signs in every world with a key; its public half is the app's.
var ourKey = sync.OnceValue(func() *rsa.PrivateKey { return rsaKey(2048) })

func rsaKey(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err) // of the tests alone
	}
	return key
}

// withKey is a world that signs in with a key.
func withKey() setting {
	return setting{
		login: "jwt_bearer", options: fixtures.Options{JWTKey: &ourKey().PublicKey},
		env:     []string{"CROSSWALK_SALESFORCE_USERNAME=" + fixtures.DefaultUsername, "CROSSWALK_SALESFORCE_KEY_FILE=key.pem"},
		furnish: func(w *world) { w.writeKey(pkcs8(ourKey()), 0o600) },
	}
}

func pkcs8(key any) string { return pemOf("PRIVATE KEY", pkcs8DER(key)) }

func pkcs8DER(key any) []byte {
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // of the tests alone
	}
	return raw
}

func pemOf(kind string, raw []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}))
}

func (w *world) writeKey(text string, mode os.FileMode) { w.write("key.pem", text, mode) }

// keyFaults are those of JWT bearer.
var keyFaults = []fault{
	{id: "F014", what: "JWT: the clock is 10 minutes ahead or behind", setting: withKey(), points: []point{
		clockPoint("no difference", 0), clockPoint("behind", 10*time.Minute), clockPoint("ahead", -10*time.Minute), clockPoint("a day behind", 24*time.Hour),
		{name: "ahead, and the answer has no Date", want: refused(exitRefused, "clock"), before: func(w *world) {
			w.org.armAs(func(o *fixtures.Options) {
				o.ClockOffset = -10 * time.Minute
				o.Faults = scripted(w.v, `[{"match": {"kind": "token", "times": -1}, "do": {"headers": {"Date": null}}}]`)
			})
		}},
	}},
	{id: "F015", what: "JWT: the key file is wrong, encrypted, open to others", setting: withKey(), points: []point{
		openKey(0o644), openKey(0o640), openKey(0o604),
		keyPoint("no PEM", "no PEM", func() string { return "no key at all\n" }), keyPoint("empty", "no PEM", func() string { return "" }),
		keyPoint("the public half", "the public half", func() string {
			return pemOf("PUBLIC KEY", x509.MarshalPKCS1PublicKey(&ourKey().PublicKey))
		}),
		keyPoint("encrypted", "encrypted: decrypt it with openssl", func() string { return pemOf("ENCRYPTED PRIVATE KEY", encryptedKey(pkcs8DER(ourKey()))) }),
		keyPoint("encrypted, in the old form", "encrypted: decrypt it with openssl", func() string { return oldEncryptedKey(ourKey()) }),
		keyPoint("an elliptic curve", "an elliptic curve key", func() string {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				panic(err) // of the tests alone
			}
			return pkcs8(key)
		}),
		keyPoint("1024 bits", "RSA of 1024 bits: Salesforce takes 2048", func() string { return pkcs8(rsaKey(1024)) }),
		keyPoint("1024 bits, PKCS #1", "RSA of 1024 bits: Salesforce takes 2048", func() string {
			return pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey(1024)))
		}),
		keyPoint("cut in half", "no PEM", func() string { return pkcs8(ourKey())[:800] }),
		keyPoint("damaged", "damaged: not the PKCS #8", func() string { return pemOf("PRIVATE KEY", pkcs8DER(ourKey())[:800]) }),
		{name: "of another app", want: refused(exitRefused, "invalid_grant", "certificate"), before: keyIs(func() string { return pkcs8(rsaKey(2048)) }, 0o600), after: func(w *world, _ outcome) {
			if calls := w.org.now().Calls("token"); calls > 2 {
				w.v.errorf("%d calls for a token, want one, and one more for the clock at most", calls)
			}
		}},
	}},
}

// clockPoint puts the org's clock so far ahead of this machine's.
func clockPoint(name string, offset time.Duration) point {
	return point{
		name: name, want: recovered(),
		before: func(w *world) { w.org.armAs(func(o *fixtures.Options) { o.ClockOffset = offset }) },
	}
}

// keyPoint has a key that is refused for what is wrong with it before anybody is asked for a token.
func keyPoint(name, says string, text func() string) point {
	return point{name: name, want: refused(exitUsage, "key_file", says), before: keyIs(text, 0o600), after: unasked}
}

// openKey has the right key where others may read it.
func openKey(mode os.FileMode) point {
	return point{
		name: fmt.Sprintf("%#o", mode), want: refused(exitUsage, "key_file", fmt.Sprintf("mode %#o", mode), "chmod 600"),
		before: keyIs(func() string { return pkcs8(ourKey()) }, mode), after: unasked,
	}
}

func keyIs(text func() string, mode os.FileMode) func(*world) {
	return func(w *world) {
		w.org.arm(nil) // counts its calls from nothing
		w.writeKey(text(), mode)
		w.later(func() { w.writeKey(pkcs8(ourKey()), 0o600) })
	}
}

// unasked holds that nothing was asked of the org.
func unasked(w *world, _ outcome) {
	if calls := w.org.now().Calls(""); calls > 0 {
		w.v.errorf("%d calls, want none", calls)
	}
}
