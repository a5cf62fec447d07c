package transform_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// verdict is the status of a record that is not linked: the first of the list under any rule.
func (w *refWorld) verdict(record refRecord) (rule int, status, reason string) {
	best := 5
	for number := range w.plan.Rules {
		precedence, s, why := 3, "not_found", ""
		conflict, isRefused := w.refused[number][record.keys[number]]
		switch {
		case isRefused && record.keys[number] != "":
			precedence, s, why = 2, conflict.status, conflict.reason
			if s == "key_collision" {
				precedence = 1
			}
		case record.blank[number]:
			precedence, s = 4, "blank_identifier"
		case record.rejected[number]:
			why = "bad_salesforce_id"
		}
		if precedence < best {
			best, rule, status, reason = precedence, number, s, why
		}
	}
	return rule, status, reason
}

func (r refRecord) shownKey(rule int) string {
	if r.keys[rule] == "" {
		return ""
	}
	return r.keys[rule]
}

// outputs are the rows of every output, as dump writes them, in no order.
func (w *refWorld) outputs() map[string][][]string {
	found := map[string][][]string{}
	for c, customer := range w.customers {
		found["customers"] = append(found["customers"], w.customerRow(c, customer, found))
	}
	for a, account := range w.accounts {
		found["accounts"] = append(found["accounts"], w.accountRow(a, account, found))
	}
	return found
}

func (w *refWorld) customerRow(c int, customer refRecord, found map[string][][]string) []string {
	links := w.ranked(c)
	if len(links) == 0 {
		rule, status, reason := w.verdict(customer)
		miss := w.customerMisses[c]
		if miss.cause != "" {
			rule, status, reason = miss.rule, "near_miss", miss.cause
		}
		found["exceptions"] = append(found["exceptions"], []string{"erp", "customer", shown(customer.id), shown(customer.name), shown(customer.identifiers[rule]), customer.shownKey(rule), status, reason, miss.candidate})
		return []string{shown(customer.id), shown(customer.name), shown(customer.identifiers[rule]), customer.shownKey(rule), status, reason, "", "", "", "0", "0"}
	}
	status := "linked"
	if len(links) > 1 {
		status = "linked_many"
	}
	rule, ids := links[0].rule, []string{}
	for rank, link := range links {
		id := *w.accounts[link.account].id
		ids = append(ids, id)
		found["links"] = append(found["links"], []string{shown(customer.id), id, customer.keys[rule], w.plan.Rules[rule].Name, strconv.Itoa(rank + 1)})
	}
	contacts := len(w.contactsOf(links))
	w.contactRows(customer, links, found)
	return []string{shown(customer.id), shown(customer.name), shown(customer.identifiers[rule]), customer.shownKey(rule), status, "", w.plan.Rules[rule].Name, ids[0], strings.Join(ids, ";"), strconv.Itoa(len(ids)), strconv.Itoa(contacts)}
}

func (w *refWorld) accountRow(a int, account refRecord, found map[string][][]string) []string {
	var links []refLink
	for _, link := range w.links {
		if link.account == a {
			links = append(links, link)
		}
	}
	if len(links) > 0 {
		first := slices.MinFunc(links, func(x, y refLink) int {
			return cmp.Or(nullLast(w.customers[x.customer].id, w.customers[y.customer].id), cmp.Compare(x.rule, y.rule))
		})
		return []string{*account.id, shown(account.name), shown(account.identifiers[first.rule]), account.shownKey(first.rule), "linked", "", w.plan.Rules[first.rule].Name, shown(w.customers[first.customer].id), strconv.Itoa(len(links)), strconv.Itoa(len(w.published[*account.id]))}
	}
	rule, status, reason := w.verdict(account)
	miss := w.accountMisses[a]
	if miss.cause != "" {
		rule, status, reason = miss.rule, "near_miss", miss.cause
	}
	if status == "blank_identifier" && w.isHeld(account) {
		reason = "parent_holds_it"
	}
	if status != "blank_identifier" {
		found["exceptions"] = append(found["exceptions"], []string{"salesforce", "account", *account.id, shown(account.name), shown(account.identifiers[rule]), account.shownKey(rule), status, reason, miss.candidate})
	}
	return []string{*account.id, shown(account.name), shown(account.identifiers[rule]), account.shownKey(rule), status, reason, "", "", "0", strconv.Itoa(w.publishedOf(account))}
}

// isHeld walks up, and gives up where it has been before.
func (w *refWorld) isHeld(account refRecord) bool {
	for seen := map[string]bool{}; account.parent != nil && !seen[*account.parent]; {
		seen[*account.parent] = true
		a := slices.IndexFunc(w.accounts, func(r refRecord) bool { return *r.id == *account.parent })
		if a < 0 {
			return false
		}
		if slices.ContainsFunc(w.links, func(l refLink) bool { return l.account == a }) {
			return true
		}
		account = w.accounts[a]
	}
	return false
}

func (w *refWorld) contactRows(customer refRecord, links []refLink, found map[string][][]string) {
	candidates, named := w.contactsOf(links), map[string]bool{}
	for _, link := range links {
		for _, id := range w.accounts[link.account].lookups {
			named[id] = true
		}
	}
	criteria := map[string]func(x, y map[string]*string) int{
		"lookup":        func(x, y map[string]*string) int { return trueFirst(named[*x["Id"]], named[*y["Id"]]) },
		"billing_title": func(x, y map[string]*string) int { return trueFirst(handlesInvoices(x), handlesInvoices(y)) },
		"has_email": func(x, y map[string]*string) int {
			return trueFirst(shown(x["Email"]) != "" && *x["Email"] != "", shown(y["Email"]) != "" && *y["Email"] != "")
		},
		"oldest": func(x, y map[string]*string) int { return nullLast(x["CreatedDate"], y["CreatedDate"]) },
	}
	slices.SortFunc(candidates, func(x, y refContact) int {
		for _, criterion := range w.plan.Primary {
			if order := criteria[criterion](x.contact, y.contact); order != 0 {
				return order
			}
		}
		return cmp.Compare(*x.contact["Id"], *y.contact["Id"])
	})
	for i, c := range candidates {
		primary, reason := "false", ""
		if i == 0 {
			primary, reason = "true", "only_contact"
			if len(candidates) > 1 {
				reason = "smallest_id"
				for _, criterion := range slices.Backward(w.plan.Primary) {
					if criteria[criterion](c.contact, candidates[1].contact) != 0 {
						reason = criterion
					}
				}
			}
		}
		found["contacts"] = append(found["contacts"], []string{shown(customer.id), c.account, *c.contact["Id"], c.source, primary, reason})
	}
}

func trueFirst(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	default:
		return 1
	}
}

func handlesInvoices(contact map[string]*string) bool {
	title := shown(contact["Title"])
	return title == "Accounts Payable" || title == "BUCHHALTUNG"
}
