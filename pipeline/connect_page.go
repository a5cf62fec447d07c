package pipeline

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
)

//go:embed connect.html
var connectHTML string

//go:embed connect.css
var connectCSS string

var connectTemplate = template.Must(template.New("page").Parse(connectHTML))

// page is what a person reads who comes back from Salesforce. It holds no code and no token.
type page struct {
	Good  bool
	Title string
	Text  string
	Hint  string
	Style template.CSS
}

var (
	connectedPage = page{Good: true, Title: "Connected", Text: "Crosswalk may now read this org's accounts and contacts, as the user who signed in.", Hint: "You can close this page and go back to the terminal."}
	strangePage   = page{Title: "Not an answer to this sign-in", Text: "This address is for the browser that crosswalk connect opened, and what came with it does not belong to that sign-in. Nothing was changed.", Hint: "Use the link that the terminal shows, or run crosswalk connect again."}
	usedPage      = page{Title: "Already used", Text: "This sign-in has its answer. Nothing was changed.", Hint: "Go back to the terminal to see how it ended."}
)

func refusedPage(err error) page {
	return page{Title: "Not connected", Text: oneSentence(err.Error()), Hint: oneSentence(Hint(err))}
}

// oneSentence begins with a capital, as a page does and an error does not, and has no marks of a terminal.
func oneSentence(text string) string {
	text = strings.ReplaceAll(text, "`", "")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimRight(text[1:], ".") + "."
}

// policy lets the page do nothing but be shown: no script, no picture, no request anywhere.
var policy = func() string {
	sum := sha256.Sum256([]byte(connectCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// protect sets the headers of every answer. The address that brought a code must not be told on or kept.
func protect(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
}

func showPage(w http.ResponseWriter, status int, shown page) {
	shown.Style = template.CSS(connectCSS) //nolint:gosec // a file of ours
	var text bytes.Buffer
	if err := connectTemplate.Execute(&text, shown); err != nil {
		http.Error(w, shown.Title, status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // a browser that went away reads nothing
}
