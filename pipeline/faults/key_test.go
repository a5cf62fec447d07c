package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
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

func pkcs8(key any) string {
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // of the tests alone
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
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
		keyPoint("0644", exitUsage, 0o644, func() string { return pkcs8(ourKey()) }), keyPoint("0640", exitUsage, 0o640, func() string { return pkcs8(ourKey()) }),
		keyPoint("no PEM", exitUsage, 0o600, func() string { return "no key at all\n" }), keyPoint("empty", exitUsage, 0o600, func() string { return "" }),
		keyPoint("the public half", exitUsage, 0o600, func() string {
			return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&ourKey().PublicKey)}))
		}),
		keyPoint("encrypted", exitUsage, 0o600, func() string {
			return strings.ReplaceAll(pkcs8(ourKey()), "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
		}),
		keyPoint("an elliptic curve", exitUsage, 0o600, func() string {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				panic(err) // of the tests alone
			}
			return pkcs8(key)
		}),
		keyPoint("1024 bits", exitUsage, 0o600, func() string { return string(pem.EncodeToMemory(smallKey)) }),
		keyPoint("cut in half", exitUsage, 0o600, func() string { return pkcs8(ourKey())[:800] }),
		keyPoint("of another app", exitRefused, 0o600, func() string { return pkcs8(rsaKey(2048)) }),
	}},
}

// smallKey is an RSA key that Go makes no more.
var smallKey = &pem.Block{Type: "PRIVATE KEY", Bytes: []byte("\x30\x03\x02\x01\x00")}

// clockPoint puts the org's clock so far ahead of this machine's.
func clockPoint(name string, offset time.Duration) point {
	return point{
		name: name, want: recovered(),
		before: func(w *world) { w.org.armAs(func(o *fixtures.Options) { o.ClockOffset = offset }) },
	}
}

func keyPoint(name string, code int, mode os.FileMode, text func() string) point {
	return point{
		name: name, want: refused(code),
		before: func(w *world) {
			w.writeKey(text(), mode)
			w.later(func() { w.writeKey(pkcs8(ourKey()), 0o600) })
		},
	}
}
