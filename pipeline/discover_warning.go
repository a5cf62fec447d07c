package pipeline

import (
	"fmt"
	"regexp"
	"strings"

	"crosswalk/extract/salesforce"
	"crosswalk/transform"
)

// Warning is something to know of a pair before it is relied on. A Doubt says that it is no identifier at all.
type Warning struct {
	Code  string `json:"code"`
	Text  string `json:"text"`
	Doubt bool   `json:"doubt"`
}

const (
	mostly      = 0.5  // the share of values from which a column is said to hold them
	quiteUnique = 0.98 // the share of different keys under which a side is said to share them
	hardlyKey   = 0.5  // the share under which they tell no records apart
	fewValues   = 10   // different values that tell no records apart either
)

// callable are columns of telephone numbers, which need not look like any.
var callable = regexp.MustCompile(`(?i)phone|telefon|(^|_)tel($|_)|mobile|(^|_)fax`)

// warn lists what speaks against a pair, what denies it first.
func (j *judge) warn(c *Candidate, field salesforce.Field) []Warning {
	account, customer := j.columns["accounts "+c.field], j.columns["customers "+c.ERP]
	warnings := []Warning{}
	add := func(doubt bool, code, text string, args ...any) {
		warnings = append(warnings, Warning{Code: code, Text: fmt.Sprintf(text, args...), Doubt: doubt})
	}
	j.warnOfContent(c, field, account, customer, add)
	j.warnOfSharing(c, account, customer, add)
	j.warnOfField(c, field, customer, add)
	return warnings
}

type warner func(doubt bool, code, text string, args ...any)

// warnOfContent tells values that say something else of a record than which one it is.
func (j *judge) warnOfContent(c *Candidate, field salesforce.Field, account, customer transform.ColumnFacts, add warner) {
	kind := field.Type
	if kind == "picklist" || kind == "combobox" {
		add(true, "picklist", "%s is a picklist: it sorts accounts and does not name them", c.Salesforce)
	}
	if kind == "phone" || callable.MatchString(c.ERP) || max(account.PhoneShare, customer.PhoneShare) >= mostly {
		add(true, "phone", "looks like telephone numbers")
	}
	if max(account.DateShare, customer.DateShare) >= mostly {
		add(true, "date", "looks like dates")
	}
	if kind == "url" || kind == "email" || max(account.AddressShare, customer.AddressShare) >= mostly {
		add(true, "address", "looks like addresses on the internet")
	}
	if max(account.WordsShare, customer.WordsShare) >= mostly {
		add(true, "words", "looks like names or text: most values are words")
	}
	if kind == "currency" || kind == "percent" {
		add(true, "amount", "%s is a %s: it measures an account and does not name it", c.Salesforce, kind)
	}
	if kind == "reference" {
		add(true, "reference", "%s refers to another record: it would link whoever belongs to that record", c.Salesforce)
	}
}

func (j *judge) warnOfSharing(c *Candidate, account, customer transform.ColumnFacts, add warner) {
	if n := min(account.Spellings, customer.Spellings); n <= fewValues && max(account.Filled, customer.Filled) > 5*fewValues && c.Linked*10 < j.looked.Customers {
		add(true, "few_values", "has only %d different values", n)
	}
	for _, side := range []struct {
		name   string
		shares bool
		sided  Sided
	}{{"accounts", c.Many == "accounts", c.Accounts}, {"customers", c.Many == "customers", c.Customers}} {
		switch {
		case side.sided.Filled == 0 || side.sided.Unique >= quiteUnique:
		case side.sided.Unique < hardlyKey:
			add(true, "not_unique_"+side.name, "tells few %s apart: %.0f%% of the values differ", side.name, 100*side.sided.Unique)
		case !side.shares:
			add(false, "not_unique_"+side.name, "not unique: of the %s that carry it, %.1f%% of the values differ, and those that share one are not linked", side.name, 100*side.sided.Unique)
		default:
			add(false, "shared_by_"+side.name, "several %s share a value (%.1f%% of the values differ)", side.name, 100*side.sided.Unique)
		}
	}
	if collided := c.Accounts.Collided + c.Customers.Collided; collided > 0 {
		add(false, "collisions", "%s records carry a key that has several spellings: see key_collision and duplicate_identifier in the exceptions", thousands(collided))
	}
}

// warnOfField tells what the field itself will do to the identifiers.
func (j *judge) warnOfField(c *Candidate, field salesforce.Field, customer transform.ColumnFacts, add warner) {
	switch field.Type {
	case "double", "int", "long":
		if customer.LeadingZeroShare > 0 {
			add(false, "number", "%s is a number field, which loses leading zeros: %.0f%% of the values of %s begin with one", c.Salesforce, 100*customer.LeadingZeroShare, c.ERP)
		} else {
			add(false, "number", "%s is a number field, which loses leading zeros and keeps no letters", c.Salesforce)
		}
	case "string", "textarea", "encryptedstring":
		if field.Length > 0 && !field.Calculated && int64(field.Length) < customer.Longest {
			add(false, "too_short", "%s holds %d characters, %s has values of up to %d: those are cut, and link nobody", c.Salesforce, field.Length, c.ERP, customer.Longest)
		}
	}
	if field.Type == "encryptedstring" || field.Encrypted {
		add(false, "encrypted", "%s is encrypted: a user without the permission reads asterisks", c.Salesforce)
	}
	switch {
	case field.Calculated:
		add(false, "formula", "%s is a formula field: it cannot be filled nor marked External ID, and queries cannot filter on it where it is not deterministic", c.Salesforce)
	case j.ground.described && !field.ExternalID && !strings.EqualFold(field.Name, "Id") && c.Direction == directionSalesforce:
		add(false, "not_external_id", "%s is not marked External ID: nothing indexes it, and imports cannot match on it", c.Salesforce)
	}
	if j.ground.described && !field.Unique && field.ExternalID && c.Many != "accounts" {
		add(false, "not_enforced", "%s is not marked Unique: nothing keeps two accounts from carrying one value", c.Salesforce)
	}
}
