package salesforce

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// complaint is what Salesforce says when it does not do what was asked: an array of them at the data API, one object at
// the token endpoint, exceptionCode and exceptionMessage where the older Bulk API answers.
type complaint struct {
	ErrorCode        string `json:"errorCode"`
	Message          string `json:"message"`
	ExceptionCode    string `json:"exceptionCode"`
	ExceptionMessage string `json:"exceptionMessage"`
	OAuthError       string `json:"error"`
	OAuthDescription string `json:"error_description"`
}

func (r complaint) code() string {
	return firstOf(r.ErrorCode, r.ExceptionCode, r.OAuthError)
}

func (r complaint) message() string {
	return firstOf(r.Message, r.ExceptionMessage, r.OAuthDescription)
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

var (
	errorCode     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,79}$`)
	xmlCode       = regexp.MustCompile(`<exceptionCode>([A-Za-z0-9_]{1,80})</exceptionCode>`)
	queryCaret    = regexp.MustCompile(`(?s)^.*ERROR at Row:\d+:Column:\d+\s*`)
	requestIDs    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,80}$`)
	htmlBeginning = regexp.MustCompile(`(?i)^\s*(<!doctype html|<html|<head|<body|<!--)`)
)

// readComplaint finds code and message in whatever came with a status that is not 2xx, without the secrets that it may
// repeat.
func readComplaint(text []byte, secrets ...Secret) (code, message string) {
	text = bytes.TrimPrefix(bytes.TrimSpace(text), []byte("\ufeff"))
	var list []complaint
	var one complaint
	switch {
	case len(text) == 0:
		return "", "no explanation came with it"
	case isHTML(text):
		return "", fmt.Sprintf("an HTML page of %d bytes", len(text))
	case text[0] == '[' && json.Unmarshal(text, &list) == nil && len(list) > 0:
		one = list[0]
	case text[0] == '{' && json.Unmarshal(text, &one) == nil:
	case xmlCode.Match(text):
		return string(xmlCode.FindSubmatch(text)[1]), ""
	default:
		return "", fmt.Sprintf("an answer of %d bytes that is no JSON", len(text))
	}
	code = one.code()
	if !errorCode.MatchString(code) || redact(code, secrets...) != code {
		code = ""
	}
	// Redacted once it is decoded, when no escape hides a secret, and before it is clipped, which could leave half of one.
	return code, clip(redact(queryCaret.ReplaceAllString(one.message(), ""), secrets...))
}

func isHTML(text []byte) bool { return htmlBeginning.Match(text[:min(len(text), 512)]) }

// refused is the error of an answer that is not 2xx. Its stream is read, within bounds, and closed.
func (c *Client) refused(r request, status int, header http.Header, stream io.ReadCloser) error {
	text, err := io.ReadAll(io.LimitReader(stream, c.limits.errorBytes))
	_ = stream.Close()
	failure := &Error{Op: r.op, Object: r.object, Status: status, RequestID: requestID(header)}
	failure.Code, failure.Message = readComplaint(text, c.vault.all()...)
	if err != nil && failure.Code == "" {
		failure.Message = "the explanation broke off"
	}
	return judge(failure, header)
}

// judge gives an error of Salesforce its hint and exit code, and offers to repeat what may be repeated.
func judge(failure *Error, header http.Header) error {
	verdict := verdictOf(failure.Status, failure.Code, failure.Message)
	failure.exit, failure.hint = verdict.exit, verdict.hint
	if isRedirect(failure.Status) {
		failure.Message = "a redirect, which is never followed"
	}
	if verdict.repeat == nil {
		return failure
	}
	wait, asked := retryAfter(header, time.Now())
	return &repeat{cause: failure, because: *verdict.repeat, wait: wait, asked: asked && !verdict.repeat.prompt}
}

func requestID(header http.Header) string {
	id := firstOf(header.Get("X-Sfdc-Request-Id"), header.Get("X-Request-Id"))
	if !requestIDs.MatchString(id) {
		return ""
	}
	return id
}

// unreached is the error of a request that got no answer, or of an answer that broke off.
func unreached(op, object string, err error) error {
	var location *url.Error
	if errors.As(err, &location) {
		err = location.Err // the URL would repeat the whole query
	}
	failure := &Error{Op: op, Object: object, cause: unspoken(err), exit: exitUnavailable, hint: "look at the network between here and Salesforce, then run again"}
	var (
		stray       *strayError
		proxy       *proxyError
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		alert       tls.AlertError
		record      tls.RecordHeaderError
		authority   x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &stray):
		failure.hint = "Salesforce named another host than the one it was signed in at; nothing was sent there"
		return failure
	case strings.Contains(err.Error(), badLocation):
		failure.exit, failure.hint = exitRefused, verdictOfStatus(http.StatusFound).hint
		return failure
	case errors.Is(err, errTooLong):
		failure.hint = "this is more than an answer of Salesforce ever holds: look for a proxy in between; for wide objects choose salesforce.api: bulk"
		return failure
	case errors.As(err, &certificate), errors.As(err, &authority):
		failure.hint = "the certificate" + issuer(certificate) + " is not trusted here: where a proxy inspects traffic, name its authority in salesforce.ca_file"
		return failure
	case errors.As(err, &alert), errors.As(err, &record), strings.Contains(err.Error(), "tls: "):
		failure.hint = "no agreement on TLS 1.2 or later: look for a proxy in between"
		return failure
	case errors.As(err, &proxy) && proxy.status < http.StatusInternalServerError:
		failure.hint = "the proxy of HTTPS_PROXY refuses the connection: give it credentials, or leave Salesforce out with NO_PROXY"
		return failure
	case strings.Contains(err.Error(), "server response headers exceeded"):
		failure.hint = "this is not how Salesforce answers: look for a proxy in between"
		return failure
	case errors.As(err, &name):
		failure.hint = "check salesforce.instance_url: its host has no address"
		return &repeat{cause: failure, because: unresolved}
	}
	return &repeat{cause: failure, because: broken}
}

// badLocation begins net/http's error of a redirect whose address it cannot read, though none is followed.
const badLocation = "failed to parse Location header"

// unspoken is an error of the transport without what it quotes of the answer: a server that is broken, or means ill, may
// have put a token there. Where a certificate is named, it stays: that is no secret.
func unspoken(err error) error {
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return err
	}
	text := err.Error()
	for _, mark := range []string{badLocation, "malformed MIME header", `"`} {
		before, _, found := strings.Cut(text, mark)
		if found && mark != `"` {
			return errors.New(before + mark)
		}
		if found {
			return errors.New(strings.TrimRight(before, " :") + " (not repeated here)")
		}
	}
	return err
}

// issuer names who signed a certificate that is not trusted: mostly the proxy that somebody has to look for.
func issuer(refused *tls.CertificateVerificationError) string {
	if refused == nil || len(refused.UnverifiedCertificates) == 0 {
		return ""
	}
	return ", issued by " + clip(refused.UnverifiedCertificates[0].Issuer.String()) + ","
}

// garbled is an answer with a good status that is not what was asked for: the maintenance page of an edge server, a
// sign-in page of a proxy, or nothing at all. It never counts as no rows.
func garbled(r request, status int, header http.Header, what string) error {
	failure := &Error{
		Op: r.op, Object: r.object, Status: status, Message: what, RequestID: requestID(header), exit: exitUnavailable,
		hint: hintProxy,
	}
	wait, asked := retryAfter(header, time.Now())
	return &repeat{cause: failure, because: overloaded, wait: wait, asked: asked}
}

// hollow is JSON without what the answer is asked for: nothing that Salesforce sends, and never "0 rows".
func hollow(r request, what string) *Error {
	return &Error{Op: r.op, Object: r.object, Message: what, exit: exitUnavailable, hint: hintProxy}
}

// mediaType is the type of an answer without its parameters, or "no content type".
func mediaType(header http.Header) string {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return "no content type"
	}
	return kind
}

// mostObjects are those of an answer without records. A describe of 900 fields has some thousands, each value of a picklist
// being one; each takes some hundred bytes of memory, and some bytes of the wire where it is empty.
const mostObjects = 500_000

// decodeJSON reads one JSON document and nothing after it.
func decodeJSON(r request, answer *answer, into any) error {
	text, err := io.ReadAll(answer.body)
	if err != nil {
		return unreached(r.op, r.object, err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return garbled(r, answer.status, answer.header, "an empty answer")
	}
	if isHTML(text) {
		return garbled(r, answer.status, answer.header, "an HTML page in place of an answer")
	}
	if bytes.Count(text, []byte("{")) > mostObjects {
		return undocumented(r, answer, "answer has more objects than anything that Salesforce describes")
	}
	if err := json.Unmarshal(text, into); err != nil {
		if cutShort(err, text) {
			return unreached(r.op, r.object, io.ErrUnexpectedEOF)
		}
		return undocumented(r, answer, jsonProblem(err))
	}
	if repeatsKey(text) {
		return undocumented(r, answer, "answer has a key twice in one object")
	}
	return nil
}

// undocumented is JSON that Salesforce does not send.
func undocumented(r request, answer *answer, what string) error {
	return &repeat{because: damaged, cause: &Error{
		Op: r.op, Object: r.object, Status: answer.status, Message: what, RequestID: requestID(answer.header), exit: exitMalformed,
		hint: "the answer is not what Salesforce documents: look for a proxy between here and Salesforce",
	}}
}

// cutShort tells a document that ended too early from one that is wrong.
func cutShort(err error, text []byte) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) && syntax.Offset >= int64(len(text)) && !json.Valid(text)
}

// jsonProblem places an error of package json without repeating what stands there.
func jsonProblem(err error) string {
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("answer is no JSON from byte %d on", syntax.Offset)
	case errors.As(err, &shape):
		return fmt.Sprintf("answer has the wrong type at %sbyte %d", place(shape.Field), shape.Offset)
	}
	return "answer cannot be read"
}

// place is a member's path before what follows it; the document itself has none.
func place(member string) string {
	if member == "" {
		return ""
	}
	return clip(member) + ", "
}

// lingering is a context that ends a while after ctx does.
func lingering(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	own, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	over := func() { cancel(context.Cause(ctx)) }
	stop := context.AfterFunc(ctx, func() {
		alarm := time.NewTimer(after)
		defer alarm.Stop()
		select {
		case <-alarm.C:
			over()
		case <-own.Done():
		}
	})
	return own, func() { stop(); cancel(nil) }
}
