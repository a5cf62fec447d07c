package transform_test

import (
	"slices"
	"strings"
)

// refContact is a contact of a customer, with the account and the source that bring it.
type refContact struct {
	account, source string
	contact         map[string]*string
}

// contactsOf are all contacts of a customer, given its links in the order of their rank: each person once, by the
// first source that knows it.
func (w *refWorld) contactsOf(links []refLink) []refContact {
	var found []refContact
	seen := map[string]bool{}
	take := func(link refLink, source string, contact map[string]*string) {
		if id := *contact["Id"]; !seen[id] {
			seen[id] = true
			found = append(found, refContact{*w.accounts[link.account].id, source, contact})
		}
	}
	for _, link := range links {
		for _, contact := range w.published[*w.accounts[link.account].id] {
			take(link, "account", contact)
		}
	}
	for _, link := range links {
		for _, contact := range w.contacts {
			if w.comesUpTo(contact["AccountId"]) == link.account {
				take(link, "child_account", contact)
			}
		}
	}
	for _, field := range w.plan.Lookups {
		for _, link := range links {
			named := w.accounts[link.account].cells[field]
			for _, contact := range w.contacts {
				if named != nil && *named == *contact["Id"] {
					take(link, "lookup:"+field, contact)
				}
			}
		}
	}
	for _, link := range links {
		owner := w.accounts[link.account].cells["OwnerId"]
		for _, user := range w.users {
			if owner != nil && *owner == *user["Id"] {
				take(link, "owner", user)
			}
		}
	}
	return found
}

// comesUpTo climbs from an account that is not linked to the first one that is, as many levels as are configured; -1
// where it meets none.
func (w *refWorld) comesUpTo(id *string) int {
	for level := 0; level <= w.plan.ChildLevels && id != nil; level++ {
		a := slices.IndexFunc(w.accounts, func(r refRecord) bool { return *r.id == *id })
		if a < 0 {
			return -1
		}
		if slices.ContainsFunc(w.links, func(l refLink) bool { return l.account == a }) {
			if level == 0 {
				return -1
			}
			return a
		}
		id = w.accounts[a].parent
	}
	return -1
}

// publishedOf counts the contacts of an account that is not linked which come to a customer all the same.
func (w *refWorld) publishedOf(account refRecord) int {
	people := map[string]bool{}
	for c := range w.customers {
		for _, candidate := range w.contactsOf(w.ranked(c)) {
			own := candidate.contact["AccountId"]
			if own != nil && *own == *account.id && !strings.HasPrefix(candidate.source, "owner") {
				people[*candidate.contact["Id"]] = true
			}
		}
	}
	return len(people)
}
