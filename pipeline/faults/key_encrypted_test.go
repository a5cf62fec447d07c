package faults

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
)

// Private keys under a password, for F015. Nothing of the standard library writes the newer form.

var (
	passwordScheme = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}     // PBES2
	passwordKey    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}     // PBKDF2
	passwordHash   = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}         // HMAC with SHA-256
	passwordCipher = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42} // AES-256-CBC
	noParameters   = asn1.RawValue{FullBytes: []byte{asn1.TagNull, 0}}
)

// encryptedKey is an EncryptedPrivateKeyInfo (RFC 5958) by PBES2 (RFC 8018), as openssl genpkey -aes256 makes it.
func encryptedKey(plain []byte) []byte {
	const rounds = 2048
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	salt, vector := random[:16], random[16:]
	key, err := pbkdf2.Key(sha256.New, "a password", salt, rounds, 32)
	if err != nil {
		panic(err) // of the tests alone
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // of the tests alone
	}
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	text := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(text, text)
	derived := algorithm(passwordKey, struct {
		Salt   []byte
		Rounds int
		Hash   pkix.AlgorithmIdentifier
	}{salt, rounds, pkix.AlgorithmIdentifier{Algorithm: passwordHash, Parameters: noParameters}})
	scheme := algorithm(passwordScheme, struct{ Key, Cipher pkix.AlgorithmIdentifier }{derived, algorithm(passwordCipher, vector)})
	return der(struct {
		Algorithm pkix.AlgorithmIdentifier
		Text      []byte
	}{scheme, text})
}

func algorithm(name asn1.ObjectIdentifier, parameters any) pkix.AlgorithmIdentifier {
	return pkix.AlgorithmIdentifier{Algorithm: name, Parameters: asn1.RawValue{FullBytes: der(parameters)}}
}

func der(value any) []byte {
	raw, err := asn1.Marshal(value)
	if err != nil {
		panic(err) // of the tests alone
	}
	return raw
}

// oldEncryptedKey is PKCS #1 with a header of PEM that says how it is encrypted (RFC 1421).
func oldEncryptedKey(key *rsa.PrivateKey) string {
	//nolint:staticcheck // the form that old tools make is what is tried
	block, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), []byte("a password"), x509.PEMCipherAES256)
	if err != nil {
		panic(err) // of the tests alone
	}
	return string(pem.EncodeToMemory(block))
}
