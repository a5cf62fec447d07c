package transform_test

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"crosswalk/transform"
)

// refDeleted is the place of a candidate that is an account in the recycle bin: its number below this.
const refDeleted = -1

// likeness compares the names of a pair; a world knows two names, which are nothing alike.
func (w *refWorld) likeness(own, other *refSide, c refNear) (similarity float64, linked bool) {
	if c.other <= refDeleted {
		return 0, false
	}
	a, b := own.records[c.own].name, other.records[c.other].name
	if a != nil && b != nil && *a == *b {
		similarity = 1
	}
	return similarity, other.linked(c.other)
}

// choose takes the best candidate of a record whose evidence is good enough.
func (w *refWorld) choose(own, other *refSide, record int, all []refNear) (nearMiss, bool) {
	var fit []refNear
	for _, c := range all {
		if c.own == record && w.isGoodEnough(own, other, c, all) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nearMiss{}, false
	}
	candidate := func(c refNear) refRecord {
		if c.other <= refDeleted {
			return w.deleted[refDeleted-c.other]
		}
		return other.records[c.other]
	}
	isNamedSo := func(c refNear) bool {
		a, b := own.records[record].name, candidate(c).name
		return a != nil && b != nil && *a == *b
	}
	chosen := slices.MinFunc(fit, func(x, y refNear) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.rule, y.rule), cmp.Compare(y.similarity, x.similarity), trueFirst(isNamedSo(x), isNamedSo(y)), nullLast(candidate(x).id, candidate(y).id))
	})
	return nearMiss{rule: chosen.rule, cause: causeNames[chosen.first], candidate: shown(candidate(chosen).id)}, true
}

// isGoodEnough weighs the evidence: a name, or a link that would be legitimate, over enough characters.
func (w *refWorld) isGoodEnough(own, other *refSide, c refNear, all []refNear) bool {
	if c.first >= 13 || c.similarity == 1 && (c.length >= 3 || !c.weak) {
		return true
	}
	candidates, claimants := 0, 0
	for _, d := range all {
		if d.rule == c.rule && d.own == c.own && d.rank == c.rank {
			candidates++
		}
		if d.rule == c.rule && d.other == c.other && d.first == c.first {
			claimants++
		}
	}
	many, least := w.plan.Rules[c.rule].Many, 4
	switch {
	case c.weak:
		least = 8
	case c.second > 0:
		least = 6
	}
	isNamed := own.records[c.own].name != nil && other.records[c.other].name != nil
	return (!c.weak || !isNamed) && c.ends < 2 && c.length >= least &&
		(own.share(many) || !c.linked && claimants == 1) && (other.share(many) || candidates == 1)
}

// deletedHolders are the accounts in the recycle bin that carry an open customer's key. No account of a world was merged.
func (w *refWorld) deletedHolders(customers *refSide) []refNear {
	var found []refNear
	for i, customer := range customers.records {
		for d, account := range w.deleted {
			for rule := range w.plan.Rules {
				if customers.open[i] && customer.keys[rule] != "" && customer.keys[rule] == account.keys[rule] {
					found = append(found, refNear{own: i, other: refDeleted - d, rule: rule, rank: 2001, first: 13, length: 99})
				}
			}
		}
	}
	return found
}

// typos pairs open records one edit apart that are called the same, where each has one other in reach.
func (w *refWorld) typos(customers, accounts *refSide) []refNear {
	var found []refNear
	for rule := range w.plan.Rules {
		for i, customer := range customers.records {
			for j, account := range accounts.records {
				a, ownOK := w.base(customer, rule)
				b, otherOK := w.base(account, rule)
				isMeant := isTypo(plainText(a), plainText(b)) || isLongAccountID(b) && isTypo(plainText(a), strings.ToLower(b))
				isNamed := customer.name != nil && account.name != nil && *customer.name == *account.name
				if ownOK && otherOK && isMeant && isNamed && customers.open[i] && accounts.open[j] {
					found = append(found, refNear{own: i, other: j, rule: rule, rank: 2003, first: 15, length: 99})
				}
			}
		}
	}
	alone := func(c refNear) bool {
		rivals := 0
		for _, d := range found {
			if d.rule == c.rule && (d.own == c.own || d.other == c.other) {
				rivals++
			}
		}
		return rivals == 1
	}
	var kept []refNear
	for _, c := range found {
		if alone(c) {
			kept = append(kept, c)
		}
	}
	return kept
}

// isTypo tells texts one edit apart that are long enough.
func isTypo(a, b string) bool {
	shorter, longer := min(utf8.RuneCountInString(a), utf8.RuneCountInString(b)), max(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	return shorter >= 4 && longer >= 5 && isOneEdit(a, b)
}

// isOneEdit tells texts apart by one character more, less, other, or two that changed places.
func isOneEdit(a, b string) bool {
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return len(x)+len(y) > 0 && len(x) <= 1 && len(y) <= 1 || len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0]
}

// placed is a value that stands in a field or column, as it is compared with identifiers.
type placed struct {
	record       int
	place, value string
}

func placeValue(value string) string {
	for _, cause := range []int{2, 9, 1, 8, 6, 7} {
		value = withoutCause(cause, value)
	}
	return value
}

// placeValues are a value as it is compared with identifiers, and without each prefix that a rule strips.
func (w *refWorld) placeValues(held string) []string {
	values := []string{placeValue(held)}
	text := withoutCause(2, held)
	for _, rule := range w.plan.Rules {
		for _, step := range rule.Steps {
			prefix, found := strings.CutPrefix(step, "strip_prefix:")
			if !found || !strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix)) {
				continue
			}
			if value := placeValue(text[len(prefix):]); !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	return values
}

func bareValue(plain string) string { return withoutCause(7, withoutCause(6, plain)) }

func isIdentifierLike(value string) bool {
	length := utf8.RuneCountInString(value)
	return length >= 4 && length <= 40 && likeIdentifier.MatchString(value) && !manySpaces.MatchString(strings.Trim(value, " "))
}

func isLong(value string) bool { return utf8.RuneCountInString(value) >= 4 }

// places finds identifiers in other fields and columns than the rule's, and accounts' ids in any column.
func (w *refWorld) places(own, other *refSide) []refNear {
	customers, accounts := own, other
	if own.isAccounts {
		customers, accounts = other, own
	}
	type pair struct {
		customer, account, rule int
		place, value            string
	}
	var pairs []pair
	add := func(customer, account, rule int, place, value string) {
		if customers.open[customer] || accounts.open[account] {
			pairs = append(pairs, pair{customer, account, rule, place, value})
		}
	}
	isCustomerID := slices.ContainsFunc(w.plan.Rules, func(r transform.Rule) bool { return r.CustomerColumn == w.plan.CustomerID })
	for number, rule := range w.plan.Rules {
		for c, customer := range customers.records {
			if base, ok := w.base(customer, number); ok {
				if value := bareValue(plainText(base)); isIdentifierLike(plainText(base)) && isLong(value) && w.isRare(customers, number, value) {
					for _, p := range w.accountPlaces(rule.AccountField, value) {
						add(c, p.record, number, "identifier in account "+p.place, value)
					}
				}
			}
			if number == 0 && !isCustomerID && customer.id != nil && isIdentifierLike(*customer.id) {
				for _, value := range w.placeValues(*customer.id) {
					if !isLong(value) || !isIdentifierLike(value) || !w.isRareID(value) {
						continue
					}
					for _, p := range w.accountPlaces(rule.AccountField, value) {
						add(c, p.record, 0, "id in account "+p.place, p.value)
					}
				}
			}
		}
		for a, account := range accounts.records {
			if base, ok := w.base(account, number); ok {
				if value := bareValue(plainText(base)); isIdentifierLike(plainText(base)) && isLong(value) && w.isRare(accounts, number, value) {
					for _, p := range w.customerPlaces(rule.CustomerColumn, value) {
						add(p.record, a, number, "identifier in customer "+p.place, value)
					}
				}
			}
		}
	}
	for c, customer := range customers.records {
		for column := range customer.cells {
			id, ok := accountNamed(customer, column)
			ruled := slices.ContainsFunc(w.plan.Rules, func(r transform.Rule) bool { return r.AccountField == "Id" && r.CustomerColumn == column })
			a := slices.IndexFunc(accounts.records, func(r refRecord) bool { return *r.id == id })
			if ok && !ruled && a >= 0 && w.isRarelyNamed(column, id) {
				add(c, a, w.usableRule(customer), "account id in customer "+column, id)
			}
		}
	}
	var found []refNear
	for _, p := range pairs {
		c := refNear{own: p.customer, other: p.account, rule: p.rule, rank: 2000, first: 12, length: utf8.RuneCountInString(p.value), weak: true}
		if own.isAccounts {
			c.own, c.other = p.account, p.customer
		}
		if own.open[c.own] {
			found = append(found, c)
		}
	}
	return found
}

// usableRule is the first rule by which a customer could be linked to an account whose id it has.
func (w *refWorld) usableRule(customer refRecord) int {
	return max(0, slices.IndexFunc(customer.keysByRule(), func(k ruleKey) bool {
		return w.plan.Rules[k.rule].AccountField == "Id" || !customer.blank[k.rule]
	}))
}

// most is how many records may carry a value before it says nothing of any of them.
const most = 10

// isRare tells whether few records of a side have the value as their identifier of the rule.
func (w *refWorld) isRare(side *refSide, rule int, value string) bool {
	carriers := 0
	for _, record := range side.records {
		if base, ok := w.base(record, rule); ok && isIdentifierLike(plainText(base)) && bareValue(plainText(base)) == value {
			carriers++
		}
	}
	return carriers <= most
}

// isRareID tells whether few customers have the value as their own id.
func (w *refWorld) isRareID(value string) bool {
	carriers := 0
	for _, customer := range w.customers {
		if customer.id != nil && isIdentifierLike(*customer.id) && slices.Contains(w.placeValues(*customer.id), value) {
			carriers++
		}
	}
	return carriers <= most
}

// accountNamed is the account whose id stands in a column of a customer.
func accountNamed(customer refRecord, column string) (string, bool) {
	value := customer.cells[column]
	if value == nil || !likeAccountID.MatchString(*value) {
		return "", false
	}
	return salesforceID(*value)
}

// isRarelyNamed tells whether few customers name the account in the column.
func (w *refWorld) isRarelyNamed(column, account string) bool {
	carriers := 0
	for _, customer := range w.customers {
		if id, ok := accountNamed(customer, column); ok && id == account {
			carriers++
		}
	}
	return carriers <= most
}

// accountPlaces are the accounts that hold a value in a field that may hold an identifier and is not the rule's.
func (w *refWorld) accountPlaces(field, value string) []placed {
	return w.holders(w.accounts, []string{"One__c", "Two__c", "Billing__c"}, field, value)
}

func (w *refWorld) customerPlaces(column, value string) []placed {
	return w.holders(w.customers, []string{"customer_id", "one", "two"}, column, value)
}

// holders are the records that hold a value in another column than the rule's, where few do.
func (w *refWorld) holders(records []refRecord, columns []string, ruled, value string) []placed {
	var found []placed
	for _, column := range columns {
		if column == ruled {
			continue
		}
		var in []placed
		for i, record := range records {
			if held := record.cells[column]; held != nil && isIdentifierLike(*held) && slices.Contains(w.placeValues(*held), value) {
				in = append(in, placed{i, column, value})
			}
		}
		if len(in) <= most {
			found = append(found, in...)
		}
	}
	return found
}
