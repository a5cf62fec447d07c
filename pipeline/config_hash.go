package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// SHA256 is the hash, in hexadecimal, of what in the configuration changes the result: what is read, how it is linked,
// what stops a publication, what is written. Where it runs, as whom, and with how much memory is not in it; nor is a
// difference that has no effect, such as a default written out or the order of output.formats.
func (c *Config) SHA256() string {
	rules := make([]map[string]any, len(c.Link))
	for i, rule := range c.Link {
		rules[i] = map[string]any{"salesforce": rule.Salesforce, "erp": rule.ERP, "steps": listOf(rule.Key), "many": rule.Many}
	}
	text, _ := json.Marshal(map[string]any{ // sorts its keys; texts, whole numbers and booleans cannot fail
		"version": 1,
		"salesforce": map[string]any{
			"api_version": c.Salesforce.APIVersion, "api": c.Salesforce.API, "notes": c.Salesforce.Notes,
			"account": listOf(c.Salesforce.Objects[objectAccount].Fields), "contact": listOf(c.Salesforce.Objects[objectContact].Fields),
		},
		"erp": map[string]any{
			"format": c.ERP.Source.Format, "delimiter": c.ERP.Source.Delimiter, "encoding": c.ERP.Source.Encoding,
			"decimal_comma": c.ERP.Source.DecimalComma, "customer_id": c.ERP.CustomerID, "customer_name": c.ERP.CustomerName,
			"types": entryList(c.ERP.Types), "attributes": entryList(c.ERP.Attributes),
		},
		"link":              rules,
		"blank_identifiers": setOf(c.BlankIdentifiers),
		"contacts": map[string]any{
			"owner": c.Contacts.Owner, "lookups": listOf(c.Contacts.Lookups), "child_accounts": c.Contacts.ChildAccounts,
			"primary": listOf(c.Contacts.Primary),
		},
		"guards": map[string]any{
			"min_link_rate": share(c.Guards.MinLinkRate), "max_drop": share(c.Guards.MaxDrop), "max_moved": share(c.Guards.MaxMoved), "allow_empty": c.Guards.AllowEmpty,
			"unchanged_snapshot": c.Guards.UnchangedSnapshot,
		},
		"formats": setOf(c.Output.Formats),
	})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// listOf makes no difference between no list and an empty one.
func listOf(list []string) []string { return append([]string{}, list...) }

// setOf is a list whose order and repetitions mean nothing.
func setOf(list []string) []string {
	set := listOf(list)
	slices.Sort(set)
	return slices.Compact(set)
}

func entryList(entries map[string]string) [][2]string {
	list := [][2]string{}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		list = append(list, [2]string{name, entries[name]})
	}
	return list
}

func share(rate float64) string { return strconv.FormatFloat(rate, 'g', -1, 64) }
