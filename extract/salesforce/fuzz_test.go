package salesforce

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "120", "-1", "99999999999999999999999", "1e9", " 7 ", "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 9999 07:28:00 GMT", "Wednesday, 21-Oct-26 07:28:00 GMT", "soon"} {
		f.Add(seed, "Wed, 21 Oct 2026 07:27:00 GMT")
	}
	now := time.Date(2026, 10, 21, 7, 27, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value, date string) {
		wait, asked := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, now)
		if wait < 0 || !asked && wait != 0 {
			t.Errorf("wait %s, asked %t", wait, asked)
		}
	})
}

func FuzzLimitInfo(f *testing.F) {
	for _, seed := range []string{"api-usage=891/15000", "per-app-api-usage=17/250(appName=x); api-usage=1/2", "api-usage=1/0", "api-usage=-1/5", "api-usage=99999999999999999999/1", "api-usage", "api-usage=/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		used, limit, ok := limitInfo(value)
		if ok != (limit > 0) || used < 0 || !ok && used != 0 {
			t.Errorf("%q: %d of %d, %t", value, used, limit, ok)
		}
	})
}

func FuzzComplaint(f *testing.F) {
	for _, seed := range []string{
		`[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`,
		`{"error":"invalid_grant","error_description":"expired access/refresh token"}`,
		`{"exceptionCode":"InvalidSessionId","exceptionMessage":"x"}`,
		`<html><body>down</body></html>`, `Bad_OAuth_Token`, ``, `[]`, `[1]`, `{"errorCode":5}`, "\xff\xfe",
		`[{"message":"\nName FROM Accout\n ^\nERROR at Row:1:Column:43\nsObject type 'Accout' is not supported.","errorCode":"INVALID_TYPE"}]`,
	} {
		f.Add(400, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		code, message := readComplaint([]byte(body))
		if code != "" && !errorCode.MatchString(code) {
			t.Errorf("code %q", code)
		}
		if len(message) > maximumMessage || !utf8.ValidString(message) || strings.ContainsFunc(message, unicode.IsControl) {
			t.Errorf("message %q of %d bytes", message, len(message))
		}
		verdict := verdictOf(status, code, message)
		if verdict.exit < exitUsage || verdict.exit > exitUnavailable || verdict.hint == "" {
			t.Errorf("verdict %+v of %d %s", verdict, status, code)
		}
	})
}

func FuzzDescribe(f *testing.F) {
	for _, seed := range []string{accountDescribe, userDescribe, `{"name":"Account","fields":[{"name":"Id","type":"id"},{"name":"iD","type":"id"}]}`, `null`, `[]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := &Describe{}
		answer := &answer{status: 200, header: http.Header{}, body: &body{stream: nopCloser{strings.NewReader(text)}, cancel: func(error) {}, cause: func() error { return nil }, idle: time.Minute, left: 1 << 20}}
		if decodeJSON(request{}, answer, d) != nil || d.index(d.Name) != "" {
			return
		}
		for _, field := range d.Fields {
			if got, ok := d.Field(strings.ToUpper(field.Name)); !ok || got.Name != field.Name {
				t.Errorf("field %q is not found", field.Name)
			}
			d.suggest(field.Name)
		}
	})
}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

func TestLimitInfo(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"api-usage=891/15000": "891/15000",
		"api-usage=891/15000; per-app-api-usage=17/250(appName=x)": "891/15000",
		"per-app-api-usage=17/250(appName=x), api-usage=891/15000": "891/15000",
		"per-app-api-usage=17/250(appName=x)":                      "",
		"api-usage=891":                                            "", "api-usage=a/b": "", "": "", "api-usage=1/0": "",
	}
	for value, want := range cases {
		used, limit, ok := limitInfo(value)
		if got := fmt.Sprintf("%d/%d", used, limit); ok != (want != "") || ok && got != want {
			t.Errorf("limitInfo(%q) = %s, %t, want %s", value, got, ok, want)
		}
	}
}
