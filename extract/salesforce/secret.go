package salesforce

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const redacted = "[redacted]"

// Secret is a text that prints as [redacted] through every door that package fmt, log/slog and encoding/json have.
// Only Reveal gives it out.
type Secret string

// Reveal is the text itself. It belongs into a request and nowhere else.
func (s Secret) Reveal() string { return string(s) }

// String is [redacted].
func (s Secret) String() string { return redacted }

// GoString is [redacted], for %#v.
func (s Secret) GoString() string { return redacted }

// Format writes [redacted] whatever the verb: without it %x and %d would print the bytes.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue is [redacted].
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON is "[redacted]".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText is [redacted], for YAML, XML and flags.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// redact replaces secrets wherever they stand in a text that will be shown: as they are, escaped as in a URL or a page,
// or somewhere inside a longer text in base64.
func redact(text string, secrets ...Secret) string {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range forms(secret.Reveal()) {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}

// forms are the ways in which a server may repeat a secret, the longer ones first where one holds another.
func forms(secret string) []string {
	found := []string{secret}
	component := strings.ReplaceAll(url.QueryEscape(secret), "+", "%20") // as a browser and most libraries escape
	escaped := []string{
		url.QueryEscape(secret), url.QueryEscape(url.QueryEscape(secret)), component, strings.ReplaceAll(component, "%2F", "/"), url.PathEscape(secret),
		html.EscapeString(secret), quoted(secret), strings.ReplaceAll(quoted(secret), "/", `\/`),
	}
	for _, form := range escaped {
		found = append(found, form, lowerHex.ReplaceAllStringFunc(form, strings.ToLower))
	}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 { // where the secret begins within three bytes of what was encoded
			encoded := alphabet.EncodeToString(append(make([]byte, before), secret...))
			// The characters at both ends hold bits of the neighbours too.
			start, end := (8*before+5)/6, (8*(before+len(secret)))/6
			if end-start >= shortestForm {
				found = append(found, encoded[start:end])
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}

// shortestForm is the shortest piece of base64, in characters, that cannot be part of something else by chance.
const shortestForm = 6

var lowerHex = regexp.MustCompile(`%[0-9A-F]{2}`)

// quoted is a text as JSON writes it, without the quotes around it.
func quoted(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		return text
	}
	return string(encoded[1 : len(encoded)-1])
}
