package salesforce

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"crosswalk/extract"
	"crosswalk/fixtures"
)

// good answers in which a server has put what it was sent into a place where nobody looks for it.
var echoes = map[string]func(w http.ResponseWriter, sent string){
	"the versions": func(w http.ResponseWriter, sent string) {
		send(w, fmt.Sprintf(`[{"version":%q},{"version":%[1]q}]`, sent))
	},
	"types of a describe": func(w http.ResponseWriter, sent string) {
		send(w, fmt.Sprintf(`{"name":"Account","fields":[{"name":"Id","type":%q},{"name":"IsDeleted","type":"boolean"},{"name":"Name","type":%[1]q}]}`, sent))
	},
	"parents of a describe": func(w http.ResponseWriter, sent string) {
		send(w, fmt.Sprintf(`{"name":"Account","fields":[{"name":"Id","type":"id"},{"name":"OwnerId","type":"reference","referenceTo":[%q],"relationshipName":"Owner"}]}`, sent))
	},
	"names of a describe": func(w http.ResponseWriter, sent string) {
		send(w, fmt.Sprintf(`{"name":"Account","fields":[{"name":"Id","type":"id"},{"name":"OwnerId","type":"reference","referenceTo":["User"],"relationshipName":%q}]}`, sent))
	},
	"the names of objects": func(w http.ResponseWriter, sent string) { send(w, fmt.Sprintf(`{"sobjects":[{"name":%q}]}`, sent)) },
	"a token of another type": func(w http.ResponseWriter, sent string) {
		send(w, fmt.Sprintf(`{"access_token":"x","token_type":%q,"instance_url":"https://acme.my.salesforce.com"}`, sent))
	},
	"a job": func(w http.ResponseWriter, sent string) {
		send(w, fmt.Sprintf(`{"id":%q,"object":"Account","createdDate":%q,"state":%[2]q,"errorMessage":%[2]q}`, testJob, sent))
	},
	"the list of pages": func(w http.ResponseWriter, sent string) {
		send(w, fmt.Sprintf(`{"resultPages":[{"resultUrl":"/services/data/v66.0/jobs/query/%s/results?locator=%s"}],"nextRecordsUrl":"/services/data/v66.0/jobs/query/%[1]s/resultPages?locator=%[2]s","done":false}`, testJob, url.QueryEscape(sent)))
	},
	"a page of rows": func(w http.ResponseWriter, sent string) {
		w.Header().Set("Content-Type", typeCSV)
		w.Header().Set("Sforce-Locator", sent)
		w.Header().Set("Sforce-NumberOfRecords", "0")
		w.Header().Set("X-Sfdc-Request-Id", testSecret)
		_, _ = io.WriteString(w, `"`+sent+`","IsDeleted","Name"`+"\n")
	},
	"rows whose locator it is": func(w http.ResponseWriter, sent string) {
		w.Header().Set("Content-Type", typeCSV)
		w.Header().Set("Sforce-Locator", sent)
		w.Header().Set("Sforce-NumberOfRecords", "1")
		_, _ = io.WriteString(w, `"Id","IsDeleted","Name"`+"\n"+`"001xx0000000001AAA","false","x"`+"\n")
	},
}

// TestNoAnswerTellsASecret: whatever a server answers, no secret is told, logged or filed.
func TestNoAnswerTellsASecret(t *testing.T) {
	t.Parallel()
	for name, echo := range echoes {
		for _, kind := range []string{kindToken, kindVersions, kindObjects, kindDescribe, kindCount, kindCreate, kindPoll, kindList, kindPage} {
			t.Run(name+" in place of "+kind, func(t *testing.T) {
				t.Parallel()
				o := newOrg(bulkRows)
				o.noList = kind == kindPage || kind == kindCreate
				o.fault = func(of string, _ int, w http.ResponseWriter, r *http.Request) bool {
					if of == kindDescribe && kind == kindObjects {
						http.NotFound(w, r)
						return true
					}
					if of != kind {
						return false
					}
					sent := strings.TrimSpace(r.PostFormValue("client_secret") + " " + r.Header.Get("Authorization"))
					echo(w, sent)
					return true
				}
				told := tell(t, o)
				for _, secret := range []string{testSecret, "canary-token"} {
					if strings.Contains(told, secret) {
						t.Errorf("a secret shows: %s", told)
					}
				}
			})
		}
	}
}

// tell is everything that one extract tells and files.
func tell(t *testing.T, o *org) string {
	t.Helper()
	var told bytes.Buffer
	options := testOptions(serve(t, o))
	options.Logger = slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug}))
	dir := filepath.Join(t.TempDir(), "stage")
	err := func() error {
		c, err := open(t.Context(), options, quickLimits())
		if err != nil {
			return err
		}
		defer c.Close()
		describe, err := c.Describe(t.Context(), "Account")
		if err != nil {
			return err
		}
		if _, err := c.Schema(t.Context(), describe, []string{"Id", "Owner.Name", "Nmae"}, nil); err != nil {
			told.WriteString(err.Error() + hintOf(err))
		}
		schema, err := c.Schema(t.Context(), describe, selected, nil)
		if err != nil {
			return err
		}
		stage, err := extract.BeginStage(dir, extract.Origin{})
		if err != nil {
			return err
		}
		defer func() { _ = stage.Close() }()
		table, err := stage.NewTable("salesforce", "Account", schema)
		if err != nil {
			return err
		}
		_, err = extracting(t.Context(), c, Request{Object: "Account", Schema: schema}, table)
		return err
	}()
	if err != nil {
		told.WriteString(err.Error() + hintOf(err))
	}
	journal, _ := os.ReadFile(filepath.Join(dir, "journal.jsonl"))
	return told.String() + string(journal)
}

func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) {
		return ""
	}
	return hinted.Hint()
}

// TestSecretOfAnEarlierSession: an answer comes when the session that it was asked with has been replaced, or is just
// being so.
func TestSecretOfAnEarlierSession(t *testing.T) {
	t.Parallel()
	o := newOrg(bulkRows)
	renewing := make(chan struct{})
	var once sync.Once
	o.fault = func(kind string, n int, w http.ResponseWriter, r *http.Request) bool {
		switch {
		case kind == kindToken && n == 2:
			once.Do(func() { close(renewing) })
			<-time.After(300 * time.Millisecond)
			return false
		case kind == kindCount && n == 1:
			sendError(w, http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
			return true
		case kind == kindObjects:
			sent := r.Header.Get("Authorization")
			<-renewing
			sendError(w, http.StatusBadRequest, "INVALID_FIELD", sent)
			return true
		}
		return false
	}
	c := signedIn(t, o)
	done := make(chan error, 1)
	go func() { _, err := c.Objects(t.Context()); done <- err }()
	<-time.After(50 * time.Millisecond)
	_, _ = c.count(t.Context(), "Account", false)
	if err := <-done; err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("the error is %v", err)
	}
}

// TestRefreshTokenInAnAnswer: the token that was sent comes back as the type of the new one.
func TestRefreshTokenInAnAnswer(t *testing.T) {
	t.Parallel()
	f, options, store := connected(t, fixtures.Options{RefreshRotation: true})
	f.before = func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		send(w, fmt.Sprintf(`{"access_token":"x","token_type":%q,"instance_url":%q}`, r.PostFormValue("refresh_token"), f.url))
		return true
	}
	sent := load(t, store).RefreshToken
	err := signInOnce(t, options)
	if err == nil || strings.Contains(err.Error()+hintOf(err), sent) {
		t.Errorf("the error is %v", err)
	}
}
