package faults

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Canaries are planted where secrets and personal data are; whatever finds one of them outside has found a leak. Their
// cores are plain letters and digits, so that no way of escaping hides them.
const (
	canaryClient = "3MVG9c4naryclient.crosswalk.faults"
	canarySecret = "C4NARYs3cretQ7/+=%&\"x"
	secretCore   = "C4NARYs3cretQ7"

	canaryPerson   = "Piicanarova"
	canaryEmail    = "piicanary.person@canary.example"
	canaryPhone    = "+44 1632 9604747"
	canaryAccount  = "Piicanary Holdings"
	canaryCustomer = "Piicanary Wholesale"
	canaryStreet   = "47 Piicanary Lane"
	canaryNumber   = "PIICANARYID47"
)

// secretForms are what a leaked secret looks like: ours, and the tokens, codes and keys that any server here gives out.
var secretForms = regexp.MustCompile(strings.Join([]string{
	secretCore,
	regexp.QuoteMeta(base64.StdEncoding.EncodeToString([]byte(canarySecret))[:18]),
	regexp.QuoteMeta(base64.RawURLEncoding.EncodeToString([]byte(canaryClient + ":" + canarySecret))[:60]),
	hex.EncodeToString([]byte(secretCore)),
	`00D[0-9A-Za-z]{12}(!|%21|\\u0021)[0-9A-Za-z._-]{4}`, // an access token
	`5Aep861[0-9A-Za-z_-]{4}`,                                // a refresh token
	`aPrx[0-9A-Za-z_-]{8}`,                                   // an authorization code
	`-----BEGIN [A-Z ]*PRIVATE KEY`, `MIIE[0-9A-Za-z+/]{20}`, // a private key, or its first line
}, "|"))

// personForms are personal data, and the content of records, in any case and however escaped.
var personForms = regexp.MustCompile(`(?i)p\s*i\s*i\s*canar|` + regexp.QuoteMeta(url.QueryEscape(canaryPhone)) + `|9604747`)

// leak is the first canary in a text, with a little of what stands before it; "" where there is none.
func leak(text string, forms *regexp.Regexp) string {
	at := forms.FindStringIndex(text)
	if at == nil {
		return ""
	}
	return text[max(0, at[0]-60):min(len(text), at[1]+4)]
}

// plantedOrg copies the fixtures' org to dir, with a canary account and contact, and the ERP snapshot that goes with it
// to erp, with a canary customer. The canary customer is linked, so that its rows go the whole way.
func plantedOrg(t *testing.T, dir, erp string) {
	t.Helper()
	files, err := filepath.Glob("../../fixtures/org/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(file)), text, 0o600)
	}
	const moment = "2024-05-06T07:08:09.000Z"
	account, owner := recordID("001000000CANARY"), "0055g00000FcxIxAAJ"
	plant(t, filepath.Join(dir, "Account.csv"), filepath.Join(dir, "Account.csv"), map[string]string{
		"Id": account, "IsDeleted": "false", "Name": canaryAccount, "AccountNumber": "AC-PIICANARY", "OwnerId": owner, "Phone": canaryPhone,
		"BillingStreet": canaryStreet, "ERP_Customer_ID__c": canaryNumber, "Is_Active__c": "true",
		"CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment,
	})
	plant(t, filepath.Join(dir, "Contact.csv"), filepath.Join(dir, "Contact.csv"), map[string]string{
		"Id": recordID("003000000CANARY"), "IsDeleted": "false", "AccountId": account, "OwnerId": owner, "FirstName": "Piicanary",
		"LastName": canaryPerson, "Name": "Piicanary " + canaryPerson, "Email": canaryEmail, "Phone": canaryPhone,
		"CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment,
	})
	plant(t, "../../fixtures/erp/customers.csv", erp, map[string]string{
		"customer_id": canaryNumber, "customer_name": canaryCustomer, "street": canaryStreet, "phone": canaryPhone, "country": "GB",
		"tax_number": "PIICANARYTAX", "credit_limit": "4747.47", "since": "2020-02-02", "sf_account_id": account,
	})
}

// plant writes the CSV at from to the path to, with one row more.
func plant(t *testing.T, from, to string, row map[string]string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	header, err := csv.NewReader(strings.NewReader(string(text))).Read()
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]string, len(header))
	for i, name := range header {
		cells[i] = row[name]
		delete(row, name)
	}
	if len(row) != 0 {
		t.Fatalf("%s has no columns %v", from, row)
	}
	write(t, to, append(text, strings.Join(cells, ",")+"\n"...), 0o600)
}

// recordID makes 18 characters of 15: bit i of each check character is set where character i of its five is a capital.
func recordID(short string) string {
	id := short
	for group := 0; group < len(short); group += 5 {
		bits := 0
		for i, c := range short[group : group+5] {
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		id += string("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits])
	}
	return id
}

func write(t *testing.T, path string, text []byte, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
