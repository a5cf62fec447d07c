package tokenstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// longestText bounds what is read, in bytes: an access token of the JWT kind has 2 KiB, a long one 12 KiB.
const longestText = 64 << 10

const recordVersion = 1

// record is the form of a stored sign-in.
type record struct {
	Version      int       `json:"version"`
	RefreshToken string    `json:"refresh_token"`
	AccessToken  string    `json:"access_token,omitempty"`
	InstanceURL  string    `json:"instance_url"`
	Identity     string    `json:"id"`
	Scope        string    `json:"scope,omitempty"`
	IssuedAt     time.Time `json:"issued_at"`
	Rotation     Rotation  `json:"rotation,omitempty"`
	Pending      time.Time `json:"refresh_begun_at,omitzero"`
	Refused      string    `json:"refused,omitempty"`
}

func encode(t Tokens) ([]byte, error) {
	if t.RefreshToken == "" {
		return nil, fmt.Errorf("no refresh token to keep")
	}
	text, err := json.MarshalIndent(record{ //nolint:gosec // a store of tokens writes tokens
		Version: recordVersion, RefreshToken: t.RefreshToken, AccessToken: t.AccessToken, InstanceURL: t.InstanceURL,
		Identity: t.Identity, Scope: t.Scope, IssuedAt: t.IssuedAt.UTC(), Rotation: t.Rotation, Pending: t.Pending.UTC(),
		Refused: t.Refused,
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	if text = append(text, '\n'); len(text) > longestText {
		return nil, fmt.Errorf("%d bytes, more than tokens ever have", len(text))
	}
	return text, nil
}

// decode reads what encode wrote. Errors wrap errDamaged and repeat nothing of the text.
func decode(text []byte) (Tokens, error) {
	var r record
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&r); err != nil {
		return Tokens{}, fmt.Errorf("no JSON: %w", errDamaged)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Tokens{}, fmt.Errorf("something behind the end: %w", errDamaged)
	}
	switch {
	case r.Version != recordVersion:
		return Tokens{}, fmt.Errorf("version %d: %w", r.Version, errDamaged)
	case r.RefreshToken == "":
		return Tokens{}, fmt.Errorf("no refresh token: %w", errDamaged)
	case r.Rotation != RotationUnknown && r.Rotation != RotationOn && r.Rotation != RotationOff:
		return Tokens{}, fmt.Errorf("rotation: %w", errDamaged)
	}
	return Tokens{
		RefreshToken: r.RefreshToken, AccessToken: r.AccessToken, InstanceURL: r.InstanceURL, Identity: r.Identity,
		Scope: r.Scope, IssuedAt: r.IssuedAt, Rotation: r.Rotation, Pending: r.Pending, Refused: r.Refused,
	}, nil
}
