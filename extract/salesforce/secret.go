package salesforce

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
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

// redact replaces a secret wherever it stands in a text that will be shown.
func redact(text []byte, secret Secret) []byte {
	if secret == "" {
		return text
	}
	return bytes.ReplaceAll(text, []byte(secret.Reveal()), []byte(redacted))
}
