package salesforce

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	o := newOrg(1)
	c := signedIn(t, o)
	d, err := c.Describe(t.Context(), "Account")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := c.Schema(t.Context(), d,
		[]string{"id", "NAME", "Name", "annualrevenue", "ACME__erp_number__C", "owner.name", "Parent.Owner.Name"},
		map[string]bool{"acme__ERP_NUMBER__c": true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range schema.Fields() {
		got = append(got, f.Name+" "+f.Type.String())
	}
	want := []string{"Id utf8", "Name utf8", "AnnualRevenue decimal(18, 0)", "acme__ERP_Number__c utf8", "Owner.Name utf8", "Parent.Owner.Name utf8"}
	if !slices.Equal(got, want) {
		t.Errorf("schema %q, want %q", got, want)
	}
	if n := o.count(kindDescribe); n != 2 {
		t.Errorf("%d describes, want one for Account and one for User", n)
	}
}

// F061: hidden fields are told all at once, with what they may have meant.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	c := signedIn(t, newOrg(1))
	d, err := c.Describe(t.Context(), "Account")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Schema(t.Context(), d, []string{"Phnoe", "Name", "ERP_Number__c", "BillingAddress", "Ownr.Name", "Owner.Nmae", "Name; DROP", "Nothing_Like_It__c"}, nil)
	refusedWith(t, err, exitUsage,
		"Account.Phnoe: does not exist or is hidden by field-level security; did you mean Phone?",
		"Account.ERP_Number__c: does not exist or is hidden by field-level security; did you mean acme__ERP_Number__c?",
		"field BillingAddress: type address: compound",
		"Account.Ownr: does not exist or is hidden by field-level security; did you mean Owner?",
		"User.Nmae: does not exist or is hidden by field-level security; did you mean Name?",
		`field name "Name; DROP"`,
		"Account.Nothing_Like_It__c: does not exist or is hidden by field-level security")
	if !strings.Contains(failure(t, err).Hint(), "BillingStreet") {
		t.Errorf("hint %q", failure(t, err).Hint())
	}
}

func TestDescribeRefuses(t *testing.T) {
	t.Parallel()
	answer := func(body string) func(*org) {
		return onKind(kindDescribe, func(_ *org, _ int, w http.ResponseWriter, _ *http.Request) bool { send(w, body); return true })
	}
	cases := []struct {
		name, object string
		arm          func(*org)
		exit         int
		text         string
	}{
		{"unknown object", "Acount", func(*org) {}, exitUsage, "Acount: describe: 404 NOT_FOUND: does not exist, or the integration user has no Read permission for it; did you mean Account?"},
		{"F165 path", "Account/../../x", func(*org) {}, exitUsage, "object name"},
		{"other object", "Account", answer(userDescribe), exitMalformed, "describes another object"},
		{"no fields", "Account", answer(`{"name":"Account","fields":[]}`), exitMalformed, "has no fields"},
		{"field without type", "Account", answer(`{"name":"Account","fields":[{"name":"Id"}]}`), exitMalformed, "Id has no type"},
		{"field without name", "Account", answer(`{"name":"Account","fields":[{"type":"id"}]}`), exitMalformed, "field 1 has no name"},
		{"field twice", "Account", answer(`{"name":"Account","fields":[{"name":"Id","type":"id"},{"name":"ID","type":"id"}]}`), exitMalformed, "twice"},
		{"F085 wrong shape", "Account", answer(`{"name":"Account","fields":{"a":1}}`), exitMalformed, "wrong type at fields"},
		{"F085 trailing data", "Account", answer(accountDescribe + `{}`), exitMalformed, "no JSON"},
		{"F085 nested", "Account", answer(strings.Repeat("[", 100_000)), exitMalformed, "no JSON"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(1)
			c.arm(o)
			_, err := signedIn(t, o).Describe(t.Context(), c.object)
			if err == nil || !strings.Contains(err.Error(), c.text) || failure(t, err).ExitCode() != c.exit {
				t.Errorf("error %v, want exit %d and %q", err, c.exit, c.text)
			}
		})
	}
}

func TestDescribeAnswersOnce(t *testing.T) {
	t.Parallel()
	o := newOrg(1)
	c := signedIn(t, o)
	first, err := c.Describe(t.Context(), "Account")
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Describe(t.Context(), "ACCOUNT")
	if err != nil || again != first || o.count(kindDescribe) != 1 {
		t.Errorf("second describe: %v, %d calls", err, o.count(kindDescribe))
	}
	if !first.Has("phone") || first.Has("Fax") {
		t.Error("Has is wrong about Phone or Fax")
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"Name", "AccountNumber", "ns__ERP_Customer_ID__c", "ERP_Customer__c", "Phone"}
	cases := map[string][]string{
		"ERP_Customer_ID__c": {"ns__ERP_Customer_ID__c", "ERP_Customer__c"},
		"ERP_Customer_ID":    {"ns__ERP_Customer_ID__c", "ERP_Customer__c"},
		"accountnumber":      {"AccountNumber"},
		"Phnoe":              {"Phone"},
		"Zzz":                nil,
		"":                   nil,
	}
	for name, want := range cases {
		got := nearest(name, names)
		if !slices.Equal(got, want) {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

// A list of objects without objects, or without what was described a moment ago, is asked for again and never believed.
func TestObjectsRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body, text string
	}{
		{`{}`, "without an object"},
		{`{"sobjects":null}`, "without an object"},
		{`{"sobjects":[{},{"name":"no name"}]}`, "without an object"},
		{`{"sobjects":[{"name":"Contact"},{"name":"User"}]}`, "without Account, which"},
	} {
		for _, times := range []int{1, 99} {
			o := newOrg(1)
			onKind(kindObjects, func(_ *org, n int, w http.ResponseWriter, _ *http.Request) bool {
				if n > times {
					return false
				}
				send(w, test.body)
				return true
			})(o)
			c := signedIn(t, o)
			if _, err := c.Describe(t.Context(), "Account"); err != nil {
				t.Fatal(err)
			}
			names, err := c.Objects(t.Context())
			switch {
			case times == 1 && (err != nil || !slices.Contains(names, "Contact")):
				t.Errorf("%s, once: %q, %v, want the list that came then", test.body, names, err)
			case times > 1 && (err == nil || !strings.Contains(err.Error(), test.text) || failure(t, err).ExitCode() != exitUnavailable):
				t.Errorf("%s: %q, %v, want exit %d and %q", test.body, names, err, exitUnavailable, test.text)
			}
		}
	}
}
