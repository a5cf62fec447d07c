package salesforce

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"crosswalk/fixtures"
)

// probeOf is a probe of the simulator behind a wrapper, which may be nil.
func probeOf(t *testing.T, o fixtures.Options, wrap func(http.Handler) http.Handler) (*Probe, *fixtures.Server, *bytes.Buffer) {
	t.Helper()
	o.Directory = "../../fixtures/org"
	server, err := fixtures.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	var handler http.Handler = server
	if wrap != nil {
		handler = wrap(server)
	}
	front := httptest.NewServer(handler)
	t.Cleanup(func() { server.Close(); front.Close() })
	options := testOptions(front.URL)
	options.ClientID, options.ClientSecret = fixtures.DefaultClientID, fixtures.DefaultClientSecret
	var log bytes.Buffer
	options.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p, err := NewProbe(options)
	if err != nil {
		t.Fatal(err)
	}
	p.client.limits = quickLimits()
	t.Cleanup(p.Close)
	return p, server, &log
}

func TestProbeAsksWhatAClientAsks(t *testing.T) {
	t.Parallel()
	p, server, log := probeOf(t, fixtures.Options{ViewSetup: true}, nil)
	greeting, err := p.Greet(t.Context(), time.Now)
	if err != nil || !greeting.Offers(testVersion) || !greeting.Dated || greeting.Skew.Abs() > 2*time.Second {
		t.Fatalf("greeted by %+v (%v)", greeting, err)
	}
	if server.Calls("token") != 0 {
		t.Error("a greeting takes no credentials, and yet a token was asked for")
	}
	if err := errors.Join(p.SignIn(t.Context()), p.Reach(t.Context())); err != nil {
		t.Fatal(err)
	}
	user, err := p.UserInfo(t.Context())
	if err != nil || len(user.OrganizationID) != 18 || len(user.UserID) != 18 || user.Username == "" {
		t.Errorf("user info is %+v (%v)", user, err)
	}
	org, err := p.Organization(t.Context())
	if err != nil || org.ID != user.OrganizationID || org.Type != "Enterprise Edition" || org.Sandbox {
		t.Errorf("organization is %+v (%v)", org, err)
	}
	trial, err := p.TryBulk(t.Context(), "Account")
	if err != nil || trial.Rows != 1 || server.Calls("job_delete") != 1 {
		t.Errorf("the job gave %+v (%v), and %d were deleted", trial, err, server.Calls("job_delete"))
	}
	accounts, err := p.Count(t.Context(), "Account")
	filled, again := p.CountFilled(t.Context(), "Account", "ERP_Customer_ID__c", true)
	blank, third := p.CountFilled(t.Context(), "Account", "ERP_Customer_ID__c", false)
	if err := errors.Join(err, again, third); err != nil || filled == 0 || blank == 0 || filled+blank != accounts {
		t.Errorf("%d of %d accounts are filled, %d are not (%v)", filled, accounts, blank, err)
	}
	grants, err := p.Grants(t.Context(), user.UserID, []string{"Account"}, []string{"Account.ERP_Customer_ID__c"})
	if err != nil || len(grants) != 2 || grants[0].Profile || grants[0].By == "" || grants[1].Of != "Account.ERP_Customer_ID__c" {
		t.Errorf("granted by %+v (%v)", grants, err)
	}
	if used := p.Usage(); used.Used == 0 || used.Limit != 100_000 {
		t.Errorf("usage is %+v", used)
	}
	if strings.Contains(log.String(), fixtures.DefaultClientSecret) || strings.Contains(log.String(), "!") {
		t.Errorf("a secret or a token is in the log:\n%s", log)
	}
}

// A token answer without scopes is introspected; where that is refused the scopes are not known.
func TestProbeScopes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		wrap   func(http.Handler) http.Handler
		want   string
		code   int
		asking int64
	}{
		{"the token answer tells", nil, "api", 0, 0},
		{"introspection tells", withoutScope, "api", 0, 1},
	} {
		p, server, _ := probeOf(t, fixtures.Options{}, c.wrap)
		if err := p.SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		scopes, known, err := p.Scopes(t.Context())
		if err != nil || !known || strings.Join(scopes, " ") != c.want || server.Calls("introspect") != c.asking {
			t.Errorf("%s: got %q, %v, %v after %d introspections", c.why, scopes, known, err, server.Calls("introspect"))
		}
	}
}

// withoutScope takes the scope out of the token answer, as an older org leaves it out.
func withoutScope(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/services/oauth2/token" {
			next.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(bytes.Replace(recorder.Body.Bytes(), []byte(`"scope":"api",`), nil, 1))
	})
}

// F151: what an org says before anybody signs in is not believed either.
func TestProbeGreetingRefused(t *testing.T) {
	t.Parallel()
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere = append(elsewhere, r.URL.Path) }))
	t.Cleanup(other.Close)
	for _, c := range []struct {
		why    string
		answer http.HandlerFunc
		code   int
		says   string
	}{
		{"a redirect is not followed", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, exitRefused, "redirect"},
		{"an HTML page is no greeting", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>maintenance</html>"))
		}, exitUnavailable, "HTML page"},
		{"an object is no list", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"version":"66.0"}`))
		}, exitMalformed, "wrong type"},
		{"more than a greeting ever holds", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(bytes.Repeat([]byte(" "), 2<<20))
		}, exitUnavailable, "longer than"},
	} {
		p, _, _ := probeOf(t, fixtures.Options{}, func(http.Handler) http.Handler { return c.answer })
		_, err := p.Greet(t.Context(), time.Now)
		var refused *Error
		if !errors.As(err, &refused) || refused.ExitCode() != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want code %d and %q", c.why, err, c.code, c.says)
		}
	}
	if len(elsewhere) != 0 {
		t.Errorf("the other host was asked for %v", elsewhere)
	}
}

func TestProbeSkew(t *testing.T) {
	t.Parallel()
	here := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why, date string
		took      time.Duration
		want      time.Duration
		dated     bool
	}{
		{"the same", "Mon, 23 Nov 2026 12:00:00 GMT", time.Second, 0, true},
		{"ahead", "Mon, 23 Nov 2026 12:10:00 GMT", time.Second, 10 * time.Minute, true},
		{"behind", "Mon, 23 Nov 2026 11:50:00 GMT", time.Second, -10 * time.Minute, true},
		{"a slow answer counts half", "Mon, 23 Nov 2026 12:00:09 GMT", 19 * time.Second, 0, true},
		{"no date", "", 0, 0, false},
		{"an unreadable one", "noon", 0, 0, false},
	} {
		header := http.Header{}
		header.Set("Date", c.date)
		if got, dated := skew(header, here, here.Add(c.took)); got != c.want || dated != c.dated {
			t.Errorf("%s: got %s, %v, want %s", c.why, got, dated, c.want)
		}
	}
}

// A job of one row that gives more, or does not say how many, proves nothing.
func TestProbeBulkDisbelieves(t *testing.T) {
	t.Parallel()
	none, two := (*string)(nil), "2"
	rows := 1
	for _, c := range []struct {
		why string
		do  fixtures.Action
	}{
		{"no count came", fixtures.Action{Headers: fixtures.HeaderChange{"Sforce-NumberOfRecords": none}}},
		{"another count came", fixtures.Action{Headers: fixtures.HeaderChange{"Sforce-NumberOfRecords": &two}}},
		{"a row came twice", fixtures.Action{RepeatRow: rows}},
	} {
		p, _, _ := probeOf(t, fixtures.Options{Faults: []fixtures.Fault{{Match: fixtures.Match{Kind: "results", Times: -1}, Do: c.do}}}, nil)
		if _, err := p.TryBulk(t.Context(), "Account"); err == nil {
			t.Errorf("%s: the trial passed", c.why)
		}
	}
}

// Names go into a query only where they are names.
func TestProbeRefusesWhatIsNoName(t *testing.T) {
	t.Parallel()
	p, server, _ := probeOf(t, fixtures.Options{ViewSetup: true}, nil)
	const evil = "Id FROM Account WHERE Name != null --"
	_, counted := p.CountFilled(t.Context(), "Account", evil, true)
	_, listed := p.RecordCounts(t.Context(), "Account", evil)
	_, granted := p.Grants(t.Context(), "005Fx0000000001IAA", []string{"Account'"}, nil)
	_, user := p.Grants(t.Context(), "' OR Id != '", []string{"Account"}, nil)
	_, tried := p.TryBulk(t.Context(), evil)
	if errs := []error{counted, listed, granted, user, tried}; slices.Contains(errs, nil) || server.Calls("") != 0 {
		t.Errorf("got %v after %d calls, want five refusals and none", errs, server.Calls(""))
	}
}
