package salesforce

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	leastKey      = 2048             // bits of RSA that Salesforce takes
	assertionLife = 2 * time.Minute  // Salesforce takes up to three
	leastSkew     = 30 * time.Second // below it, a refusal has another reason
	jwtGrant      = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// CheckPrivateKey tells what is wrong with a PEM that should sign for jwt_bearer: an RSA key of 2048 bits or more, in
// PKCS #1 or PKCS #8, not encrypted. The error names the cure and repeats nothing of the key.
func CheckPrivateKey(text Secret) error {
	_, err := privateKey(text)
	return err
}

func privateKey(text Secret) (*rsa.PrivateKey, error) {
	rest := []byte(text.Reveal())
	kind := ""
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, noPrivateKey(kind)
		}
		if kind = block.Type; strings.HasSuffix(kind, "PRIVATE KEY") {
			return parseKey(block)
		}
	}
}

func noPrivateKey(kind string) error {
	switch kind {
	case "":
		return errors.New("no PEM: want a file with BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY")
	case "CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY":
		return errors.New("the public half: want the private key that the certificate was made from")
	}
	return errors.New("no private key in it: want BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY")
}

func parseKey(block *pem.Block) (*rsa.PrivateKey, error) {
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return nil, errors.New("encrypted: decrypt it with openssl pkey -in KEY.pem -out PLAIN.pem, and keep that file at mode 600")
	case block.Type == "EC PRIVATE KEY":
		return nil, errors.New("an elliptic curve key: Salesforce takes RSA of 2048 bits or more")
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, errors.New("in the form of OpenSSH: convert it with ssh-keygen -p -m PEM -f KEY")
	}
	key, err := parseDER(block)
	switch {
	case err != nil:
		return nil, err
	case key.N.BitLen() < leastKey:
		return nil, fmt.Errorf("RSA of %d bits: Salesforce takes %d or more", key.N.BitLen(), leastKey)
	case key.Validate() != nil:
		return nil, errors.New("damaged: the numbers of the key do not fit together")
	}
	return key, nil
}

func parseDER(block *pem.Block) (*rsa.PrivateKey, error) {
	if block.Type == "RSA PRIVATE KEY" {
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("damaged: not the PKCS #1 that its first line says")
		}
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("damaged: not the PKCS #8 that its first line says")
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case *ecdsa.PrivateKey, ed25519.PrivateKey:
		return nil, errors.New("an elliptic curve key: Salesforce takes RSA of 2048 bits or more")
	}
	return nil, errors.New("not an RSA key: Salesforce takes RSA of 2048 bits or more")
}

// bearer is the JWT bearer grant
// (https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm): the private key signs for the user.
// An assertion is good for minutes, so a wrong clock of this machine is a refusal there; the Date of the refusal tells the
// server's clock, and one more assertion is made by it. Sessions calls it from one goroutine at a time.
type bearer struct {
	door     *door
	key      *rsa.PrivateKey
	user     string
	audience string
	log      *slog.Logger
	ahead    time.Duration // of the server's clock before this machine's
}

func newBearer(o Options, d *door) (*bearer, error) {
	key, err := privateKey(o.PrivateKey)
	if err != nil {
		return nil, &Error{Op: "key_file", Message: err.Error(), exit: exitUsage, hint: "make a key with openssl req -x509 -newkey rsa:2048 -nodes -keyout KEY.pem -out CERT.pem, and give CERT.pem to the app"}
	}
	return &bearer{door: d, key: key, user: o.Username, audience: audience(d.base), log: o.Logger}, nil
}

// audience is what Salesforce wants as aud: its log-in host of the kind of org, not My Domain.
func audience(base *url.URL) string {
	kind := KindOfHost(base.Hostname())
	switch {
	case isLoopback(base):
		return origin(base)
	case kind == HostSandbox, kind == HostTest:
		return "https://test.salesforce.com"
	}
	return "https://login.salesforce.com"
}

func (b *bearer) token(ctx context.Context) (*oauth2.Token, error) {
	token, date, err := b.ask(ctx)
	var refused *Error
	if err == nil || !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || normalCode(refused.Code) != "INVALIDGRANT" {
		return token, err
	}
	if date.IsZero() {
		refused.hint += "; the answer does not tell its time, so look at this machine's clock too"
		return nil, refused
	}
	skew := time.Until(date)
	if (skew - b.ahead).Abs() < leastSkew {
		return nil, b.named(refused)
	}
	b.ahead = skew
	b.log.WarnContext(ctx, "clock differs from Salesforce's, signing by theirs", "ahead_seconds", -skew.Seconds())
	token, _, err = b.ask(ctx)
	if errors.As(err, &refused) {
		return nil, b.named(refused)
	}
	return token, err
}

// named says of a refusal that the clock may be its reason.
func (b *bearer) named(refused *Error) error {
	if b.ahead.Abs() >= leastSkew {
		side := "behind"
		if b.ahead < 0 {
			side = "ahead of"
		}
		refused.hint += fmt.Sprintf("; this machine's clock is %s %s Salesforce's: set it", b.ahead.Abs().Round(10*time.Second), side)
	}
	return refused
}

// ask makes one attempt and tells the server's clock where it was refused.
func (b *bearer) ask(ctx context.Context) (*oauth2.Token, time.Time, error) {
	assertion, err := b.assertion(time.Now().Add(b.ahead))
	if err != nil {
		return nil, time.Time{}, err
	}
	b.door.vault.keep(assertion)
	config := clientcredentials.Config{
		TokenURL: b.door.endpoint("token"), AuthStyle: oauth2.AuthStyleInParams,
		EndpointParams: url.Values{"grant_type": {jwtGrant}, "assertion": {assertion.Reveal()}},
	}
	token, err := config.Token(b.door.within(ctx))
	if err == nil {
		return token, time.Time{}, nil
	}
	var answer *oauth2.RetrieveError
	var date time.Time
	if errors.As(err, &answer) {
		date, _ = http.ParseTime(answer.Response.Header.Get("Date"))
	}
	return nil, date, tokenRefused(err, b.door.vault.all()...)
}

// assertion is signed here: package oauth2/jwt takes the time from this machine's clock alone.
func (b *bearer) assertion(now time.Time) (Secret, error) {
	claims, err := json.Marshal(map[string]any{
		"iss": b.door.id, "sub": b.user, "aud": b.audience, "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", &Error{Op: "sign-in", Message: "the assertion cannot be built", exit: exitUsage}
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, b.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", &Error{Op: "sign-in", Message: "the private key does not sign", exit: exitUsage}
	}
	return Secret(text + "." + encode(signature)), nil
}
