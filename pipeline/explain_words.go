package pipeline

import (
	"fmt"
	"strings"
)

// plain puts the status of a customer or an account and its reason into a sentence that follows its name.
func (e *explanation) plain(r *ExplainedRecord) string {
	other, own := "account", "customer"
	if r.Object == objectOfAccount {
		other, own = "customer", "account"
	}
	switch r.Status {
	case "linked", "linked_many":
		return "is linked to " + linkedWords(r) + "."
	case "blank_identifier":
		if r.Reason == "parent_holds_it" {
			return "is not linked: it carries no identifier, but an account above it does and is linked."
		}
		return "is not linked: it carries no identifier."
	case "key_collision":
		return fmt.Sprintf("is not linked: the step %s makes its identifier the same as a different one, so nobody can tell whose the %s is.", r.Reason, other)
	case "duplicate_identifier":
		if r.Reason == "customers" && r.Object == objectCustomer || r.Reason == "accounts" && r.Object == objectOfAccount {
			return fmt.Sprintf("is not linked: another %s carries the same identifier, which may have only one.", own)
		}
		return fmt.Sprintf("is not linked: several %s carry its identifier, so nobody can tell which one is meant.", r.Reason)
	case "near_miss":
		return "is not linked, but nearly: " + differenceWords(r.Reason) + candidateWords(other, r.Candidate) + "."
	case "not_found":
		if r.Reason == "bad_salesforce_id" {
			return "is not linked: what should be a Salesforce id is none, by its length or its check characters."
		}
		if r.Candidate != nil && r.Candidate.ID != "" {
			return "is not linked: " + r.Candidate.Detail + " (" + candidateWords(other, r.Candidate) + ")."
		}
		return fmt.Sprintf("is not linked: no %s carries its identifier, nor one that is near.", other)
	}
	return "has the status " + r.Status + "."
}

func linkedWords(r *ExplainedRecord) string {
	words := make([]string, 0, len(r.Links))
	for _, link := range r.Links {
		if r.Object == objectCustomer {
			words = append(words, "account "+link.AccountID+", "+quoted(visible(link.AccountName)))
		} else {
			words = append(words, "customer "+quoted(visible(link.CustomerID))+", "+quoted(visible(link.CustomerName)))
		}
	}
	switch len(words) {
	case 0:
		return "the other side"
	case 1:
		return words[0]
	}
	text := counted(r.LinkCount, "customer", "customers")
	if r.Object == objectCustomer {
		text = counted(r.LinkCount, "account", "accounts") + ", the primary one first"
	}
	if r.LinkCount > int64(len(words)) {
		text += fmt.Sprintf("; the first %d are", len(words))
	}
	return text + ": " + strings.Join(words, "; ")
}

func candidateWords(other string, c *ExplainedCandidate) string {
	if c == nil {
		return "the other side"
	}
	text := other + " " + visible(c.ID)
	if c.Name != "" {
		text += ", " + quoted(visible(c.Name))
	}
	return text
}

// differenceWords say what a cause of a near miss is, up to the candidate.
func differenceWords(cause string) string {
	between := map[string]string{
		"case": "the case of letters", "space": "a space", "invisible_character": "a character that cannot be seen", "width": "the width of characters",
		"unicode_form": "the form of characters in Unicode", "punctuation": "punctuation", "leading_zeros": "a leading zero", "trailing_decimal": "a trailing decimal",
		"prefix": "a prefix or suffix", "look_alike": "a character that looks like another", "typo": "a slip of one character",
	}
	if text, found := between[cause]; found {
		return text + " stands between it and "
	}
	sentences := map[string]string{
		"salesforce_id_length": "one of the two has a Salesforce id of 15 characters and the other one of 18; the other is ",
		"other_field":          "the identifier stands in another field or column; it would link it to ",
		"deleted":              "who carries its identifier is in the recycle bin, ",
		"merged":               "the account that carried its identifier was merged; what is left of it is ",
	}
	if text, found := sentences[cause]; found {
		return text
	}
	return cause + " stands between it and "
}

// fix is what to do about a record, "" where there is nothing to do.
func (e *explanation) fix(r *ExplainedRecord) string {
	field, column, _ := strings.Cut(r.decisive().Rule, "=")
	switch r.Status {
	case "near_miss":
		if r.Candidate != nil {
			return r.Candidate.Suggestion
		}
	case "blank_identifier":
		if r.Reason == "parent_holds_it" {
			return ""
		}
		if r.Object == objectOfAccount {
			return fmt.Sprintf("fill %s of the account with the customer's %s, if it is a customer at all", field, column)
		}
		if isAccountID(field) {
			return fmt.Sprintf("put the account's id into %s of the customer in the ERP", column)
		}
		return fmt.Sprintf("fill %s of the customer in the ERP", column)
	case "key_collision":
		return "correct the one of the identifiers above that is wrong, or take the step " + r.Reason + " out of the rule's key if both are right"
	case "duplicate_identifier":
		if r.Reason == "customers" {
			return fmt.Sprintf("find out which of the customers it is, and give the others their own %s in the ERP", column)
		}
		return fmt.Sprintf("merge the accounts that are one, or give the others their own %s in Salesforce", field)
	case "not_found":
		return r.fixNotFound(field, column)
	}
	return ""
}

func (r *ExplainedRecord) fixNotFound(field, column string) string {
	switch {
	case r.Candidate != nil && r.Candidate.ID != "": // somebody else has the link; only a person knows which of the two it is
		return "find out which of the two it is, and correct the identifiers of the other one or join them"
	case r.Object == objectCustomer && isAccountID(field):
		return fmt.Sprintf("find the customer's account in Salesforce, or create it, and put the account's id into %s of the customer in the ERP", column)
	case r.Object == objectCustomer:
		return fmt.Sprintf("find the customer's account in Salesforce and put the identifier into %s, or create the account", field)
	case isAccountID(field):
		return fmt.Sprintf("find the customer in the ERP, if the account is one at all, and put the account's id into %s of the customer in the ERP", column)
	}
	return fmt.Sprintf("find the customer in the ERP and put its %s into %s, or empty the field if it is no customer any more", column, field)
}

// isAccountID tells the field that Salesforce fills and nobody can write.
func isAccountID(field string) bool { return strings.EqualFold(field, accountID) }

// decisive is the identifier that the status and the reason are about: the one that is published, with its key. Where
// several rules read it, it is the first whose key may not be shared and is.
func (r *ExplainedRecord) decisive() ExplainedIdentifier {
	var found ExplainedIdentifier
	best := -1
	for _, identifier := range r.Identifiers {
		fits := 0
		if identifier.Raw == r.row.identifier.String {
			fits += 4
		}
		if identifier.Key == r.row.key.String {
			fits += 2
		}
		if identifier.isRefused(r.Object) {
			fits++
		}
		if fits > best {
			found, best = identifier, fits
		}
	}
	return found
}

// isRefused tells a key that several records carry on a side that may not share it.
func (i *ExplainedIdentifier) isRefused(object string) bool {
	customers, accounts := i.SharedCount+1, i.MetCount
	if object == objectOfAccount {
		customers, accounts = accounts, customers
	}
	isTooMany := func(carriers int64, side string) bool {
		return carriers > 1 && i.rule.Many != side && i.rule.Many != "both"
	}
	return i.Key != "" && (isTooMany(customers, "customers") || isTooMany(accounts, "accounts"))
}
