package salesforce

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
)

// A secret is found in whatever form a server repeats it.
func TestRedactKnowsTheForms(t *testing.T) {
	t.Parallel()
	const secret = "s3cret+/=&%~x y"
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), "s3cret%2B%2F%3D%26%25~x%20y", "s3cret%2b%2f%3d%26%25~x%20y", "s3cret%2B/%3D%26%25~x%20y",
		`s3cret+/=\u0026%~x y`, `s3cret+\/=\u0026%~x y`, "s3cret+/=&amp;%~x y", base64.StdEncoding.EncodeToString([]byte("Bearer " + secret + "~~")),
	} {
		if shown := redact("before "+form+" after", secret); !strings.Contains(shown, redacted) || strings.Contains(shown, "x%20y") || strings.Contains(shown, "s3cret") {
			t.Errorf("%q shows as %q", form, shown)
		}
	}
}
