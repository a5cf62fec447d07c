package pipeline

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// published is a configuration whose fixtures are published on two dates.
func published(t *testing.T) *Config {
	t.Helper()
	config := shippedFixtures(t)
	for _, date := range []string{"2026-11-22", "2026-11-23"} {
		if _, err := Run(t.Context(), config, Options{RunDate: date, Version: "test", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}); err != nil {
			t.Fatal(err)
		}
	}
	return config
}

// TestExplain asks for one record of each status and reason, on both sides.
func TestExplain(t *testing.T) {
	t.Parallel()
	config := published(t)
	for _, test := range []struct{ why, id, object, status, reason, plain, fix, shows string }{
		{"linked customer", "88272786", "customer", "linked", "", "is linked to account 0015g00000M8uTLAAZ", "", "contacts"},
		{"several accounts", "74603152", "customer", "linked_many", "", "accounts, the primary one first", "", "met"},
		{"no identifier", "TBD", "customer", "blank_identifier", "", "carries no identifier", "fill customer_id", "It is one of blank_identifiers"},
		{"two spellings", "ＴＷ９０３３１６", "customer", "key_collision", "nfkc", "the step nfkc makes its identifier", "the step nfkc", "shared with"},
		{"an invisible character", "22075164", "customer", "key_collision", "strip_invisible", "", "", "2207<U+200D>5164"},
		{"given twice", "90477136", "customer", "duplicate_identifier", "customers", "another customer carries the same identifier", "their own customer_id", "2 rows of the ERP"},
		{"a look-alike", "2093В877", "customer", "near_miss", "look_alike", "a character that looks like another stands between it and account 0015g00000IQL6SAAX", "set customer_id of customer", "cyrillic capital letter ve"},
		{"another field", "57613029", "customer", "near_miss", "other_field", "stands in another field", "set ERP_Customer_ID__c", "AccountNumber"},
		{"deleted", "81509362", "customer", "near_miss", "deleted", "in the recycle bin", "restore account", "candidate"},
		{"merged", "27946015", "customer", "near_miss", "merged", "was merged", "find out which", "candidate"},
		{"nobody", "84601020", "customer", "not_found", "", "no account carries its identifier, nor one that is near", "create the account", "nobody on the other side"},
		{"typed with another case and space", "  kd-48127-acq ", "customer", "linked", "", "is linked to account 0015g00000DRxY8AAL", "", "casefold made it"},
		{"linked account by 15", "0015g00000M8uTL", "account", "linked", "", `is linked to customer "88272786"`, "", "contacts"},
		{"prospect", "0015g00000CtpZ3AAJ", "account", "blank_identifier", "", "carries no identifier", "if it is a customer at all", "<U+0020>None<U+0020>"},
		{"branch", "0015g00000Pf1KAAAZ", "account", "blank_identifier", "parent_holds_it", "an account above it", "", "is empty"},
		{"two spellings meet it", "0015g00000hsD7CAAU", "account", "key_collision", "casefold", "", "the step casefold", "met"},
		{"two customers carry it", "0015g00000IXPzLAAX", "account", "duplicate_identifier", "customers", "several customers carry its identifier", "", "met"},
		{"a zero less", "0015g00000NNs8fAAD", "account", "near_miss", "leading_zeros", "a leading zero stands between it", "set ERP_Customer_ID__c", "candidate"},
		{"no customer", "0015g00000AcfI6AAJ", "account", "not_found", "", "no customer carries its identifier", "empty the field", "history"},
		{"recycle bin", "0015g00000Xz9ucAAB", "account", "deleted", "", "in the recycle bin", "restore it", ""},
		{"merged away", "0015g00000Tn6bCAAR", "account", "deleted", "merged", "was merged into account 0015g00000RfNmRAAV", "ask for account", ""},
		{"published contact", "0035g00000AJzk6AAD", "contact", "published", "", `customer "14933638" by account`, "", "nothing to do"},
		{"contact of nobody", "0035g00000B1t6HAAR", "contact", "no_account", "", "belongs to no account", "give the contact", ""},
		{"contact of a prospect", "0035g00000ASBhuAAH", "contact", "account_not_linked", "", "which is not linked: it carries no identifier", "fill", ""},
		{"deleted contact", "0035g00000DPZNyAAP", "contact", "deleted", "", "in the recycle bin", "", ""},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			explained, err := Explain(t.Context(), config, test.id, ExplainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			r := explained.Records[0]
			if r.Object != test.object || r.Status != test.status || r.Reason != test.reason {
				t.Errorf("is a %s, %s, reason %q; want a %s, %s, %q", r.Object, r.Status, r.Reason, test.object, test.status, test.reason)
			}
			if !strings.Contains(r.Plain, test.plain) || !strings.Contains(r.Fix, test.fix) || (test.fix == "" && strings.HasPrefix(test.status, "linked") && r.Fix != "") {
				t.Errorf("says %q, fix %q; want %q and %q", r.Plain, r.Fix, test.plain, test.fix)
			}
			var text bytes.Buffer
			if err := explained.Print(&text); err != nil || !strings.Contains(strings.Join(strings.Fields(text.String()), " "), test.shows) {
				t.Errorf("does not show %q (%v):\n%s", test.shows, err, text.String())
			}
			if (r.Object == "contact" || r.Status == "deleted") != (len(r.History) == 0) || (len(r.History) > 0 && r.History[1].Status != r.Status) {
				t.Errorf("the history is %+v", r.History)
			}
		})
	}
}

// TestExplainShape holds the JSON, whose keys are a contract. Times and run ids are not in the golden.
func TestExplainShape(t *testing.T) {
	t.Parallel()
	config := published(t)
	explained, err := Explain(t.Context(), config, "0061834290", ExplainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	explained.RunID, explained.Publication = "RUN", filepath.Base(explained.Publication)
	var text bytes.Buffer
	if err := explained.JSON(&text); err != nil {
		t.Fatal(err)
	}
	holdGolden(t, "explain.json", text.Bytes())
}

// TestExplainKeepsToTheLink proves that nothing of a record is told but its id, name, identifier and links.
func TestExplainKeepsToTheLink(t *testing.T) {
	t.Parallel()
	config := published(t)
	for _, id := range []string{"88272786", "0015g00000M8uTLAAZ", "0035g00000AJzk6AAD"} {
		explained, err := Explain(t.Context(), config, id, ExplainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(explained)
		if err != nil {
			t.Fatal(err)
		}
		for _, private := range []string{"+44 20 7946 0552", "GB000158176", "Brackwater Works", "SY8 2AZ", "@", "30 days net"} {
			if strings.Contains(string(text), private) {
				t.Errorf("%s: tells %q", id, private)
			}
		}
	}
}

func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	config := shippedFixtures(t)
	ask := func(id string, options ExplainOptions) error {
		_, err := Explain(t.Context(), config, id, options)
		return err
	}
	if err := ask("88272786", ExplainOptions{}); ExitCode(err) != 2 || !strings.Contains(Hint(err), "crosswalk run") {
		t.Errorf("nothing published: %v, hint %q", err, Hint(err))
	}
	config = published(t)
	for _, test := range []struct {
		why, id string
		options ExplainOptions
		code    int
		hint    string
	}{
		{"nobody has it", "nope", ExplainOptions{}, 2, "customers.csv"},
		{"no UTF-8", "K\xd6LN", ExplainOptions{}, 2, "copy it"},
		{"a query in an id", "' OR 1=1 --", ExplainOptions{}, 2, "customers.csv"},
		{"wrong check characters", "0015g00000Lnzc6AAA", ExplainOptions{}, 2, "0015g00000Lnzc6AAB"},
		{"a date that is not published", "88272786", ExplainOptions{RunDate: "2026-01-01"}, 6, ""},
		{"no date", "88272786", ExplainOptions{RunDate: "../.."}, 2, "YYYY-MM-DD"},
	} {
		err := ask(test.id, test.options)
		if ExitCode(err) != test.code || !strings.Contains(Hint(err), test.hint) {
			t.Errorf("%s: exit code %d (%v), hint %q; want %d and %q", test.why, ExitCode(err), err, Hint(err), test.code, test.hint)
		}
	}
	if err := os.WriteFile(filepath.Join(config.Output.Directory, "run_date=2026-11-23", "accounts.parquet"), []byte("no parquet"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ask("88272786", ExplainOptions{}); ExitCode(err) != 6 {
		t.Errorf("a damaged publication: exit code %d, %v", ExitCode(err), err)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "crosswalk-explain-*")); err != nil || len(left) > 4 {
		t.Errorf("left %v behind (%v)", left, err)
	}
}

// TestExplainTakenByAnotherRule: the account that a customer's identifier meets was linked by a rule before it. Only a
// person knows which of the two customers it is, so nobody is told to create an account or to copy the identifier.
func TestExplainTakenByAnotherRule(t *testing.T) {
	t.Parallel()
	org, err := filepath.Abs("../fixtures/org")
	if err != nil {
		t.Fatal(err)
	}
	snapshot := filepath.Join(t.TempDir(), "customers.csv")
	rows := "customer_id,customer_name,sf_account_id\nOLD-1,Brackwater Tools,0015g00000M8uTLAAZ\n88272786,Brackwater Tools Ltd,\nOTHER-7,Nobody,\n"
	if err := os.WriteFile(snapshot, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	config := fixtureConfig(t, org, snapshot, "link:\n"+
		"  - {salesforce: Account.Id, erp: sf_account_id, key: [salesforce_id]}\n"+
		"  - {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}\n")
	options := Options{RunDate: "2026-11-23", Version: "test", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Force: true}
	if _, err := Run(t.Context(), config, options); err != nil {
		t.Fatal(err)
	}
	explained, err := Explain(t.Context(), config, "88272786", ExplainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := explained.Records[0]
	if r.Status != "not_found" || r.Candidate == nil || r.Candidate.ID != "0015g00000M8uTLAAZ" || !strings.Contains(r.Fix, "find out which of the two it is") {
		t.Errorf("%s, candidate %+v, fix %q", r.Status, r.Candidate, r.Fix)
	}
	if explained, err = Explain(t.Context(), config, "OTHER-7", ExplainOptions{}); err != nil {
		t.Fatal(err)
	}
	if r := explained.Records[0]; r.Candidate != nil && r.Candidate.ID != "" || !strings.Contains(r.Fix, "create the account") {
		t.Errorf("a customer that nobody meets: candidate %+v, fix %q", r.Candidate, r.Fix)
	}
}
