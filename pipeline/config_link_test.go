package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRuleDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule string
		want Rule
		why  string
	}{
		{"{salesforce: Account.ERP__c, erp: id}", Rule{"Account.ERP__c", "id", standardSteps, "accounts"}, "the ERP's id in Salesforce"},
		{"{salesforce: Account.Id, erp: sf}", Rule{"Account.Id", "sf", Key{"salesforce_id"}, "customers"}, "Salesforce's id in the ERP"},
		{"{salesforce: Account.ID, erp: sf}", Rule{"Account.Id", "sf", Key{"salesforce_id"}, "customers"}, "spelt in another way"},
		{"{salesforce: Account.Id, erp: sf, key: standard, many: none}", Rule{"Account.Id", "sf", standardSteps, "none"}, "what is said counts"},
		{"{salesforce: Account.ERP__c, erp: id, key: exact, many: both}", Rule{"Account.ERP__c", "id", Key{}, "both"}, "exact has no step"},
		{"{salesforce: Account.ERP__c, erp: id, key: salesforce_id}", Rule{"Account.ERP__c", "id", Key{"salesforce_id"}, "accounts"}, "a custom field with Salesforce ids"},
		{`{salesforce: Account.ERP__c, erp: id, key: [trim, "strip_prefix:K: #"]}`, Rule{"Account.ERP__c", "id", Key{"trim", "strip_prefix:K: #"}, "accounts"}, "steps keep their order, a prefix its text"},
		{"{salesforce: Account.ERP__c, erp: id, key: [nfkc, strip_punctuation, strip_leading_zeros, strip_decimal, digits_only]}", Rule{"Account.ERP__c", "id", Key{"nfkc", "strip_punctuation", "strip_leading_zeros", "strip_decimal", "digits_only"}, "accounts"}, "every other step"},
	} {
		config, err := readText(t, "erp: {source: {path: c.csv}, customer_id: id}\nlink:\n  - "+c.rule+"\n", nil)
		if err != nil {
			t.Errorf("%s: %s: %v", c.rule, c.why, err)
			continue
		}
		if diff := cmp.Diff([]Rule{c.want}, config.Link); diff != "" {
			t.Errorf("%s: %s: %s", c.rule, c.why, diff)
		}
	}
}

func TestSeveralRules(t *testing.T) {
	t.Parallel()
	config, err := readText(t, `
erp: {source: {path: c.csv}, customer_id: Kunden-Nr., types: {"Limit (€)": "decimal(18,2)", sf: text}}
link:
  - {salesforce: Account.ERP__c, erp: Kunden-Nr.}
  - {salesforce: Account.Id, erp: sf}
  - {salesforce: Account.ERP__c, erp: Alte Nr.}
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, rule := range config.Link {
		got = append(got, rule.Salesforce+"="+rule.ERP)
	}
	if diff := cmp.Diff([]string{"Account.ERP__c=Kunden-Nr.", "Account.Id=sf", "Account.ERP__c=Alte Nr."}, got); diff != "" {
		t.Error(diff)
	}
}
