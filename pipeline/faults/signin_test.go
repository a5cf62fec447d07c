package faults

import (
	"fmt"
	"net/http"
	"slices"
)

// Section A: sign-in and tokens, as far as a secret is enough. What needs a person or a key is in connect_test.go.
var secretFaults = []fault{
	{
		id: "F001", what: "the access token expires between two Bulk pages (401 INVALID_SESSION_ID)", setting: bulkPages,
		points: []point{
			{
				name: "second page of contacts", faults: `[{"match": {"kind": "results", "object": "Contact", "nth": 2}, "do": {"expire": true}}]`,
				want: recovered(), after: all(tokenCalls(2), pagesRepeated),
			},
			{
				name: "first page of accounts", faults: `[{"match": {"kind": "results", "object": "Account"}, "do": {"expire": true}}]`,
				want: recovered(), after: all(tokenCalls(2), pagesRepeated),
			},
			{
				name: "while the job is polled", faults: `[{"match": {"kind": "job_info"}, "do": {"expire": true}}]`,
				want: recovered(), after: all(tokenCalls(2), pagesRepeated),
			},
			{
				name: "every page for ever", faults: `[{"match": {"kind": "results", "times": -1}, "do": {"expire": true}}]`,
				want: refused(exitRefused, "INVALID_SESSION_ID", "API Access Control"), after: onceMore,
			},
		},
	},
	{
		id: "F002", what: "the same, reported as 400 InvalidSessionId", setting: bulkPages,
		points: []point{
			{
				name: "second page of contacts", faults: bulkSessionEnds(`"kind": "results", "object": "Contact", "nth": 2`),
				want: recovered(), after: all(tokenCalls(2), pagesRepeated),
			},
			{name: "creation of a job", faults: bulkSessionEnds(`"kind": "job_create"`), want: recovered(), after: all(tokenCalls(2), pagesRepeated)},
			{
				name: "every page for ever", faults: bulkSessionEnds(`"kind": "results", "times": -1`),
				want: refused(exitRefused, "InvalidSessionId", "API Access Control"), after: onceMore,
			},
		},
	},
	{
		id: "F005", what: "the token endpoint answers 500, 503 or HTML, then well", setting: inBrowser, points: tokenOutages(),
	},
	{
		id: "F016", what: "client credentials are refused: invalid_client_id, inactive_user and their like",
		points: slices.Concat(
			tokenRefusals("invalid_client_id", "client identifier invalid"),
			tokenRefusals("inactive_user", "user is inactive"),
			tokenRefusals("invalid_client", "invalid client credentials"),
			tokenRefusals("inactive_org", "organization is inactive"),
			tokenRefusals("invalid_grant", "no client credentials user enabled"),
			tokenRefusals("invalid_grant", "ip restricted"),
			tokenRefusals("unsupported_grant_type", "grant type not supported"),
			[]point{{
				name: "a secret that is wrong", env: []string{"CANARY_SECRET=C4NARYs3cretQ7-mistyped"},
				want: refused(exitRefused, "invalid_client", "client_secret"), after: tokenCalls(1),
			}},
		),
	},
}

// bulkPages fetches by Bulk, in pages of 47 rows: two of accounts, five of contacts.
var bulkPages = setting{api: "bulk", options: optionsWith(47)}

func bulkSessionEnds(match string) string {
	return `[{"match": {` + match + `}, "do": {"status": 400, "headers": {"Content-Type": "application/json"},
		"body": "[{\"errorCode\":\"InvalidSessionId\",\"message\":\"Invalid session id\"}]"}}]`
}

func tokenAnswers(times, status int, body string) string {
	return fmt.Sprintf(`[{"match": {"kind": "token", "times": %d}, "do": {"status": %d, "body": %q}}]`, times, status, body)
}

// tokenRefusals is an answer of the token endpoint that is final: it is told, and not asked for twice.
func tokenRefusals(code, description string) []point {
	return []point{{
		name:   code + ": " + description,
		faults: tokenAnswers(-1, http.StatusBadRequest, fmt.Sprintf(`{"error":%q,"error_description":%q}`, code, description)),
		want:   refused(exitRefused, code), after: tokenCalls(1),
	}}
}

// onceMore holds that a session which is refused is renewed once, and a page with it asked for once more.
func onceMore(w *world, _ outcome) {
	w.v.t.Helper()
	for what, same := range w.byWhat("results") {
		if len(same) > 2 {
			w.v.errorf("%s was asked for %d times, want twice at most", what, len(same))
		}
	}
	w.asked("token", 2, 5) // each of the four pages under way may see another session refused
	w.asked("job_create", 2, 2)
}

// tokenCalls holds how often the token endpoint was asked in the run that was struck.
func tokenCalls(want int64) func(*world, outcome) {
	return func(w *world, _ outcome) {
		if got := w.org.now().Calls("token"); got != want {
			w.v.errorf("%d token calls, want %d", got, want)
		}
	}
}
