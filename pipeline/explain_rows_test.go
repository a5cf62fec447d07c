package pipeline

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// smallOrg is a folder of the fixtures whose accounts are these: a name, an AccountNumber and an ERP_Customer_ID__c each.
// It returns their ids too, which are those of the fixtures in their order.
func smallOrg(t *testing.T, accounts ...[3]string) (folder string, ids []string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../fixtures/org")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "Account.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := rows[0]
	at := func(column string) int { return slices.Index(header, column) }
	made := [][]string{header}
	for _, row := range rows[1:] {
		if len(ids) == len(accounts) {
			break
		}
		if row[at("IsDeleted")] == "true" {
			continue
		}
		account := accounts[len(ids)]
		for _, column := range []string{"ParentId", "MasterRecordId", "Legacy_Number__c", "Billing_Contact__c"} {
			row[at(column)] = ""
		}
		row[at("Name")], row[at("AccountNumber")], row[at("ERP_Customer_ID__c")] = account[0], account[1], account[2]
		made, ids = append(made, row), append(ids, row[at("Id")])
	}
	var written bytes.Buffer
	if err := csv.NewWriter(&written).WriteAll(made); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, written.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, ids
}

// publishRows publishes the customers of an ERP file that is written here, on each of the dates.
func publishRows(t *testing.T, org, rules, rows string, dates ...string) *Config {
	t.Helper()
	snapshot := filepath.Join(t.TempDir(), "customers.csv")
	if err := os.WriteFile(snapshot, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	config := fixtureConfig(t, org, snapshot, rules)
	publishAgain(t, config, dates...)
	return config
}

func publishAgain(t *testing.T, config *Config, dates ...string) {
	t.Helper()
	for _, date := range dates {
		options := Options{RunDate: date, Version: "test", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Force: true}
		if _, err := Run(t.Context(), config, options); err != nil {
			t.Fatal(err)
		}
	}
}

// explained asks for an id, and gives its records and the text that is printed, its lines as one.
func explained(t *testing.T, config *Config, id string) (*Explained, string) {
	t.Helper()
	found, err := Explain(t.Context(), config, id, ExplainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := found.Print(&text); err != nil {
		t.Fatal(err)
	}
	return found, strings.Join(strings.Fields(text.String()), " ")
}

// byIdentifier is the record whose first identifier is that.
func byIdentifier(t *testing.T, found *Explained, identifier string) ExplainedRecord {
	t.Helper()
	i := slices.IndexFunc(found.Records, func(r ExplainedRecord) bool { return r.Identifiers[0].Raw == identifier })
	if i < 0 {
		t.Fatalf("no record has the identifier %q: %+v", identifier, found.Records)
	}
	return found.Records[i]
}

const refRule = "link: [{salesforce: Account.ERP_Customer_ID__c, erp: ref, key: standard}]\n"

// TestExplainRowsOfOneName: customers may share id and name. What is told of one, its candidate, its links, its contacts
// and its history, is its own.
func TestExplainRowsOfOneName(t *testing.T) {
	t.Parallel()
	org, ids := smallOrg(t, [3]string{"One", "", "1000001"}, [3]string{"Two", "", "2000002"}, [3]string{"Three", "", "3000003"}, [3]string{"Six", "", "6000006"}, [3]string{"Seven", "", "7000007"}, [3]string{"Eight", "", "8000008"})
	config := publishRows(t, org, refRule, "customer_id,customer_name,ref\n"+
		"C1,\"\",01000001\nC2,Two,2000002\nC2,Two,03000003\nC2,Two,08000008\nC2,Two,7000007\nC3,dup,04000004\nC3,dup,99999\nC3,dup,6-000006\nC4,Four,88888\nC5,Five,55555\n",
		"2026-11-22")
	// The night after, C4 has its identifier corrected, and C5 has a second row.
	rows, err := os.ReadFile(config.ERP.Source.Path)
	if err != nil {
		t.Fatal(err)
	}
	rows = append(bytes.Replace(rows, []byte("88888"), []byte("77777"), 1), "C5,Five,66666\n"...)
	if err := os.WriteFile(config.ERP.Source.Path, rows, 0o600); err != nil {
		t.Fatal(err)
	}
	publishAgain(t, config, "2026-11-23")
	for _, test := range []struct {
		why, id, identifier, status, candidate, link string
		history                                      [2]string
	}{
		{"a name that is empty", "C1", "01000001", "near_miss", ids[0], "", [2]string{"near_miss", "near_miss"}},
		{"linked beside others", "C2", "2000002", "linked", "", ids[1], [2]string{"linked", "linked"}},
		{"linked elsewhere", "C2", "7000007", "linked", "", ids[4], [2]string{"linked", "linked"}},
		{"a near miss beside one that is linked", "C2", "03000003", "near_miss", ids[2], "", [2]string{"near_miss", "near_miss"}},
		{"another of the same cause", "C2", "08000008", "near_miss", ids[5], "", [2]string{"near_miss", "near_miss"}},
		{"not found beside a near miss", "C3", "04000004", "not_found", "", "", [2]string{"not_found", "not_found"}},
		{"another of these", "C3", "99999", "not_found", "", "", [2]string{"not_found", "not_found"}},
		{"a near miss beside two not found", "C3", "6-000006", "near_miss", ids[3], "", [2]string{"near_miss", "near_miss"}},
		{"corrected since", "C4", "77777", "not_found", "", "", [2]string{"not_found", "not_found"}},
		{"a second row since", "C5", "66666", "not_found", "", "", [2]string{"not_found", "absent"}},
		{"the first row", "C5", "55555", "not_found", "", "", [2]string{"not_found", "not_found"}},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			found, _ := explained(t, config, test.id)
			r := byIdentifier(t, found, test.identifier)
			candidate, link := "", ""
			if r.Candidate != nil {
				candidate = r.Candidate.ID
			}
			for _, l := range r.Links {
				link += l.AccountID
			}
			if r.Status != test.status || candidate != test.candidate || link != test.link {
				t.Errorf("is %s, candidate %q, linked to %q; want %s, %q, %q", r.Status, candidate, link, test.status, test.candidate, test.link)
			}
			if history := [2]string{r.History[0].Status, r.History[1].Status}; history != test.history || r.History[0].LinkedTo != test.link {
				t.Errorf("the history is %+v, want %v", r.History, test.history)
			}
			if strings.Contains(r.Plain, "qualifies") || (r.Status == "near_miss") != strings.HasPrefix(r.Fix, "set ERP_Customer_ID__c of account "+test.candidate) {
				t.Errorf("says %q, fix %q", r.Plain, r.Fix)
			}
			for _, contact := range r.Contacts {
				if contact.AccountID != test.link {
					t.Errorf("contact %s comes by account %s, which is not its own", contact.ID, contact.AccountID)
				}
			}
			if r.ContactCount != int64(len(r.Contacts)) {
				t.Errorf("%d contacts of %d", len(r.Contacts), r.ContactCount)
			}
		})
	}
}

// TestExplainShowsSpaces: two identifiers that differ in a space after a space do not look alike, wherever they are told.
func TestExplainShowsSpaces(t *testing.T) {
	t.Parallel()
	org, _ := smallOrg(t, [3]string{"One", "", "AB  12345"}, [3]string{"Four", "", "EF 4444"}, [3]string{"Two", "", "CD\u00a0 777"})
	config := publishRows(t, org, "link: [{salesforce: Account.ERP_Customer_ID__c, erp: ref, key: exact}]\n",
		"customer_id,customer_name,ref\nC1,One  or two,AB 12345\n\"C  2\",Two,CD 777\n\"C  4\",Four,EF  4444\nC3,Three,XY 99  345\n", "2026-11-23")
	for _, test := range []struct {
		id     string
		shows  []string
		hidden string
	}{
		{"C1", []string{`"AB 12345" in ref`, `whose identifier is "AB <U+0020>12345"`, `Customer C1, "One <U+0020>or two", is not linked`}, ""},
		{"C  2", []string{`Customer C <U+0020>2, "Two"`, `whose identifier is "CD<U+00A0> 777"`, `of account`}, "customer C 2"},
		{"C  4", []string{`"EF <U+0020>4444" in ref`, `whose identifier is "EF 4444"`, `to "EF <U+0020>4444".`}, "customer C 4"},
		{"C3", []string{`"XY 99 <U+0020>345" in ref`, `the key is "XY 99 <U+0020>345"`}, ""},
	} {
		_, text := explained(t, config, test.id)
		for _, shows := range test.shows {
			if !strings.Contains(text, shows) {
				t.Errorf("%s: does not show %s:\n%s", test.id, shows, text)
			}
		}
		if test.hidden != "" && strings.Contains(text, test.hidden) {
			t.Errorf("%s: shows %s:\n%s", test.id, test.hidden, text)
		}
	}
}

func TestVisibleSpaces(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"AB 1": "AB 1", "AB  1": "AB <U+0020>1", "AB   1": "AB <U+0020><U+0020>1", " a  b ": "<U+0020>a <U+0020>b<U+0020>",
	} {
		if got := visible(value); got != want {
			t.Errorf("visible(%q) is %q, want %q", value, got, want)
		}
	}
	told := `set ref of customer C1 to "AB  1` + "\u00a0\u200b" + `", or "x <U+0020>y"`
	if got, want := visibleWords(told), `set ref of customer C1 to "AB <U+0020>1<U+00A0><U+200B>", or "x <U+0020>y"`; got != want {
		t.Errorf("visibleWords is %q, want %q", got, want)
	}
}

// TestExplainFixNamesTheRule: of several rules the fix names the field and the column of the one that the reason is about,
// and nobody is told to write an account's Id.
func TestExplainFixNamesTheRule(t *testing.T) {
	t.Parallel()
	org, ids := smallOrg(t, [3]string{"One", "555", ""}, [3]string{"Two", "555", ""}, [3]string{"Alone", "", "A-1"})
	several := publishRows(t, org, "link:\n"+
		"  - {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}\n"+
		"  - {salesforce: Account.Id, erp: ref}\n"+
		"  - {salesforce: Account.AccountNumber, erp: ref, many: none}\n",
		"customer_id,customer_name,ref\nC1,One,777\nC2,Two,777\nC3,Three,ab1\nC4,Four,AB1\nC5,Five,555\nC6,Six,\n", "2026-11-23")
	alone := publishRows(t, org, "link: [{salesforce: Account.Id, erp: ref}]\n", "customer_id,customer_name,ref\nC1,One,777\nC2,Two,0015g00000Pf1KAAAZ\nC3,Three,\n", "2026-11-23")
	twice := publishRows(t, org, "link:\n"+
		"  - {salesforce: Account.ERP_Customer_ID__c, erp: ref, many: both}\n"+
		"  - {salesforce: Account.AccountNumber, erp: ref, many: none}\n",
		"customer_id,customer_name,ref\nC5,Five,555\n", "2026-11-23")
	for _, test := range []struct {
		why    string
		config *Config
		id     string
		status string
		fix    string
	}{
		{"customers share the second rule's column", several, "C1", "duplicate_identifier", "find out which of the customers it is, and give the others their own ref in the ERP"},
		{"a collision of the second rule", several, "C3", "key_collision", "correct the one of the identifiers above that is wrong, or take the step casefold out of the rule's key if both are right"},
		{"accounts share the third rule's field", several, "C5", "duplicate_identifier", "merge the accounts that are one, or give the others their own Account.AccountNumber in Salesforce"},
		{"these accounts", several, ids[0], "duplicate_identifier", "merge the accounts that are one, or give the others their own Account.AccountNumber in Salesforce"},
		{"accounts share the field of the second rule that reads the column", twice, "C5", "duplicate_identifier", "merge the accounts that are one, or give the others their own Account.AccountNumber in Salesforce"},
		{"the first rule's column", several, "C6", "not_found", "find the customer's account in Salesforce and put the identifier into Account.ERP_Customer_ID__c, or create the account"},
		{"the first rule's field", several, ids[2], "not_found", "find the customer in the ERP and put its customer_id into Account.ERP_Customer_ID__c, or empty the field if it is no customer any more"},
		{"what is no id of an account", alone, "C1", "not_found", "find the customer's account in Salesforce, or create it, and put the account's id into ref of the customer in the ERP"},
		{"the id of an account that is not there", alone, "C2", "not_found", "find the customer's account in Salesforce, or create it, and put the account's id into ref of the customer in the ERP"},
		{"no id of an account", alone, "C3", "blank_identifier", "put the account's id into ref of the customer in the ERP"},
		{"an account that nobody names", alone, ids[0], "not_found", "find the customer in the ERP, if the account is one at all, and put the account's id into ref of the customer in the ERP"},
	} {
		found, _ := explained(t, test.config, test.id)
		if r := found.Records[0]; r.Status != test.status || r.Fix != test.fix {
			t.Errorf("%s: %s, fix %q; want %s, %q", test.why, r.Status, r.Fix, test.status, test.fix)
		}
	}
}

// TestExplainCountsAll: what is told of many is their number, and not how many of them are shown; nobody is counted twice.
func TestExplainCountsAll(t *testing.T) {
	t.Parallel()
	accounts := [][3]string{{"Björkhult", "", "ONE"}, {"Shared", "", "SHARED"}}
	for i := range 25 {
		accounts = append(accounts, [3]string{fmt.Sprintf("Many %d", i), "", "MANY"})
	}
	org, ids := smallOrg(t, accounts...)
	var rows strings.Builder
	rows.WriteString("customer_id,customer_name,ref,note\nM1,Many,MANY,1\n")
	for i := range 30 {
		fmt.Fprintf(&rows, "R1,Rows,nobody,%d\n", i)     // alike but for a column
		fmt.Fprintf(&rows, "D1,Ids,other-%d,\n", i)      // of one id
		fmt.Fprintf(&rows, "S%d,Shares,SHARED,\n", 10+i) // of one account
	}
	rows.WriteString("O1,Twice,ONE,1\nO1,Twice,ONE,2\n")
	config := publishRows(t, org, "link: [{salesforce: Account.ERP_Customer_ID__c, erp: ref, many: both}]\n", rows.String(), "2026-11-23")
	for _, test := range []struct {
		why, id                              string
		rows                                 int
		linkCount, links, recordCount, shown int64
		says                                 string
	}{
		{"accounts", "M1", 1, 25, 20, 1, 1, "is linked to 25 accounts, the primary one first; the first 20 are: account"},
		{"customers", ids[1], 1, 30, 20, 1, 1, `is linked to 30 customers; the first 20 are: customer "S10", "Shares"; customer "S11"`},
		{"rows", "R1", 30, 0, 0, 1, 1, "rows 30 rows of the ERP have this id and name"},
		{"records", "D1", 1, 0, 0, 30, 20, "note 30 records have this id, and 20 are told"},
		{"an account of two rows", "O1", 2, 1, 1, 1, 1, "is linked to account " + ids[0] + `, "Björkhult".`},
		{"a customer of two rows", ids[0], 1, 1, 1, 1, 1, `is linked to customer "O1", "Twice".`},
	} {
		found, text := explained(t, config, test.id)
		r := found.Records[0]
		if r.Rows != test.rows || r.LinkCount != test.linkCount || int64(len(r.Links)) != test.links || found.RecordCount != test.recordCount || int64(len(found.Records)) != test.shown {
			t.Errorf("%s: %d rows, %d links of %d, %d records of %d", test.why, r.Rows, len(r.Links), r.LinkCount, len(found.Records), found.RecordCount)
		}
		if !strings.Contains(text, test.says) {
			t.Errorf("%s: does not say %q:\n%s", test.why, test.says, text)
		}
	}
	contact := publishedContact(t, config, ids[1])
	found, text := explained(t, config, contact)
	if r := found.Records[0]; r.ContactCount != 30 || len(r.Contacts) != 20 || !strings.Contains(text, "and with 29 customers more.") {
		t.Errorf("a contact: %d places of %d:\n%s", len(r.Contacts), r.ContactCount, text)
	}
}

// publishedContact is a contact of the account.
func publishedContact(t *testing.T, config *Config, account string) string {
	t.Helper()
	found, _ := explained(t, config, account)
	if len(found.Records[0].Contacts) == 0 {
		t.Fatalf("account %s has no contact", account)
	}
	return found.Records[0].Contacts[0].ID
}

// TestExplainEmptyIdentifier: an empty text is blank where blank_identifiers lists it, as for the link.
func TestExplainEmptyIdentifier(t *testing.T) {
	t.Parallel()
	org, _ := smallOrg(t, [3]string{"One", "", "1000001"})
	rows := "customer_id,customer_name,ref\nC1,Empty,\"\"\nC2,Nothing,\n"
	listed := publishRows(t, org, refRule, rows, "2026-11-23")
	unlisted := publishRows(t, org, refRule+"blank_identifiers: [\"-\"]\n", rows, "2026-11-23")
	for _, test := range []struct {
		why, id, status string
		config          *Config
		blank           bool
		says            string
	}{
		{"empty, which is listed", "C1", "blank_identifier", listed, true, "ref is empty; it would be compared with"},
		{"empty, which is not listed", "C1", "not_found", unlisted, false, `identifier "" in ref, compared with Account.ERP_Customer_ID__c. It is an empty text, which is none of blank_identifiers.`},
		{"nothing", "C2", "blank_identifier", unlisted, true, "ref is empty; it would be compared with"},
	} {
		found, text := explained(t, test.config, test.id)
		if r := found.Records[0]; r.Status != test.status || r.Identifiers[0].Blank != test.blank || !strings.Contains(text, test.says) {
			t.Errorf("%s: %s, blank %t; does not say %q:\n%s", test.why, r.Status, r.Identifiers[0].Blank, test.says, text)
		}
	}
}
