package transform_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nearMiss is what the reference finds for a record: the rule, the cause and the candidate's id. A record whose key is
// taken has the candidate and no cause.
type nearMiss struct {
	rule             int
	cause, candidate string
}

// refNear is a pair under judgement.
type refNear struct {
	own, other    int // places in their sides
	rule, rank    int
	first, second int
	length        int
	weak          bool
	similarity    float64
	linked        bool
}

var causeNames = []string{
	"", "case", "space", "invisible_character", "width", "unicode_form", "punctuation", "leading_zeros", "trailing_decimal",
	"salesforce_id_length", "prefix", "look_alike", "other_field", "deleted", "merged", "typo",
}

// refSide is one side seen from the other.
type refSide struct {
	records    []refRecord
	linked     func(int) bool
	share      func(many string) bool
	isAccounts bool
	open       []bool
	misses     []nearMiss
}

// nearMisses judges every pair of records with loops: what the statements find by joins.
func (w *refWorld) nearMisses() (customers, accounts []nearMiss) {
	c := &refSide{records: w.customers, linked: func(i int) bool { return slices.ContainsFunc(w.links, func(l refLink) bool { return l.customer == i }) },
		share: func(many string) bool { return many == "customers" || many == "both" }}
	a := &refSide{records: w.accounts, isAccounts: true, linked: func(i int) bool { return slices.ContainsFunc(w.links, func(l refLink) bool { return l.account == i }) },
		share: func(many string) bool { return many == "accounts" || many == "both" }}
	w.openUp(c, a)
	w.openUp(a, c)
	typos := w.typos(c, a)
	w.judge(c, a, typos)
	w.judge(a, c, typos)
	return c.misses, a.misses
}

// openUp finds the records to look for, and those whose key is taken.
func (w *refWorld) openUp(own, other *refSide) {
	own.open, own.misses = make([]bool, len(own.records)), make([]nearMiss, len(own.records))
	for i, record := range own.records {
		if own.linked(i) || slices.ContainsFunc(record.keysByRule(), func(k ruleKey) bool { return w.isRefused(k) }) {
			continue
		}
		taken := slices.IndexFunc(record.keysByRule(), func(k ruleKey) bool {
			return k.key != "" && slices.ContainsFunc(other.records, func(r refRecord) bool { return r.keys[k.rule] == k.key })
		})
		if taken >= 0 {
			var candidate *string
			for j, r := range other.records {
				if r.keys[taken] == record.keys[taken] && (candidate == nil || nullLast(r.id, candidate) < 0) {
					candidate = other.records[j].id
				}
			}
			own.misses[i] = nearMiss{rule: -1, candidate: shown(candidate)}
			continue
		}
		own.open[i] = own.isAccounts || slices.Contains(record.blank, false)
	}
}

type ruleKey struct {
	rule int
	key  string
}

func (r refRecord) keysByRule() []ruleKey {
	keys := make([]ruleKey, 0, len(r.keys))
	for rule, key := range r.keys {
		keys = append(keys, ruleKey{rule, key})
	}
	return keys
}

func (w *refWorld) isRefused(k ruleKey) bool {
	_, refused := w.refused[k.rule][k.key]
	return k.key != "" && refused
}

// base is the text of an identifier that is compared; ok is false where it has none, or a refused one.
func (w *refWorld) base(record refRecord, rule int) (string, bool) {
	if record.blank[rule] || w.isRefused(ruleKey{rule, record.keys[rule]}) {
		return "", false
	}
	if record.keys[rule] != "" {
		return record.keys[rule], true
	}
	return *record.identifiers[rule], true
}

var (
	firstZeros     = regexp.MustCompile(`^([^0-9]*)0+([0-9])`)
	wholeDecimal   = regexp.MustCompile(`^([0-9]+)(\.0+|,00?)$`)
	longAccountID  = regexp.MustCompile(`^001[0-9A-Za-z]{12}[A-Za-z0-5]{3}$`)
	likeAccountID  = regexp.MustCompile(`^\s*001[0-9A-Za-z]{12}([0-9A-Za-z]{3})?\s*$`)
	likeIdentifier = regexp.MustCompile(`[0-9]`)
	manySpaces     = regexp.MustCompile(`[\s].*[\s].*[\s]|@|://`)
	strips         = []struct{ when, replace, with string }{
		{`^[^0-9].*[0-9]`, `^[^0-9]+`, ""},
		{`^\p{L}+[\p{P}\p{S}\p{Z}]+\p{L}`, `^\p{L}+[\p{P}\p{S}\p{Z}]+(\p{L})`, "$1"},
		{`[0-9].*[^0-9]$`, `[^0-9]+$`, ""},
		{`\p{L}[\p{P}\p{S}\p{Z}]+\p{L}+$`, `(\p{L})[\p{P}\p{S}\p{Z}]+\p{L}+$`, "$1"},
		{`^[^0-9].*[0-9].*[^0-9]$`, `^[^0-9]+|[^0-9]+$`, ""},
	}
)

func takeStep(step, value string) string {
	value, _ = stepMeaning(step, value)
	return value
}

// withoutCause takes the difference of a cause out of text. Of the look-alikes those of ASCII do: a world has no other.
func withoutCause(cause int, value string) string {
	switch causeNames[cause] {
	case "case":
		return takeStep("casefold", value)
	case "space":
		return without(unicode.IsSpace)(value)
	case "invisible_character":
		return takeStep("strip_invisible", value)
	case "width":
		return strings.Map(func(r rune) rune {
			if r >= 0xFF01 && r <= 0xFF5E {
				return r - 0xFEE0
			}
			return r
		}, value)
	case "unicode_form":
		return takeStep("nfkc", value)
	case "punctuation":
		return takeStep("strip_punctuation", value)
	case "leading_zeros":
		return firstZeros.ReplaceAllString(value, "$1$2")
	case "trailing_decimal":
		return wholeDecimal.ReplaceAllString(value, "$1")
	case "salesforce_id_length":
		if longAccountID.MatchString(value) {
			return value[:15]
		}
		return value
	default:
		return strings.NewReplacer("O", "0", "o", "0", "I", "1", "i", "1", "l", "1", "|", "1").Replace(value)
	}
}

var differences = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 11}

func isASCII(value string) bool { return utf8.RuneCountInString(value) == len(value) }

func plainText(base string) string {
	if !isASCII(base) {
		base = takeStep("strip_invisible", takeStep("nfkc", base))
	}
	for _, cause := range []int{2, 9, 1, 8} {
		base = withoutCause(cause, base)
	}
	return base
}

func loosened(plain string) string {
	plain = strings.ReplaceAll(plain, "-", "")
	for _, cause := range []int{6, 11, 7} {
		plain = withoutCause(cause, plain)
	}
	return plain
}

// difference names the smallest causes that make two texts one: none, one, or two; ok is false where none do.
func difference(own, other string) (first, second int, ok bool) {
	if own == other {
		return 0, 0, true
	}
	for _, cause := range differences {
		if value := withoutCause(cause, own); value != "" && value == withoutCause(cause, other) {
			return cause, 0, true
		}
	}
	for _, one := range differences {
		for _, two := range differences {
			if value := withoutCause(two, withoutCause(one, own)); two > one && value != "" && value == withoutCause(two, withoutCause(one, other)) {
				return one, two, true
			}
		}
	}
	return 0, 0, false
}

// byDifference finds the causes between two identifiers, each side's letters taken off or not.
func byDifference(own, other string) []refNear {
	var found []refNear
	consider := func(a, b, ownLoose, otherLoose string, stripped bool) {
		first, second, ok := difference(a, b)
		if !ok || a == "" || b == "" || ownLoose != otherLoose || ownLoose == "" {
			return
		}
		weak := stripped || (first == 11 || second == 11) && isASCII(a) && isASCII(b) ||
			first == 1 && likeAccountID.MatchString(a) && likeAccountID.MatchString(b) || wrongAccountID(a) || wrongAccountID(b)
		switch {
		case !stripped && first == 0 || stripped && (second > 0 || utf8.RuneCountInString(ownLoose) < 3):
			return
		case stripped && first == 0:
			first = 10
		case stripped && first > 10:
			first, second = 10, first
		case stripped:
			second = 10
		}
		rank := first
		if second > 0 {
			rank = first*100 + second
		}
		found = append(found, refNear{rank: rank, first: first, second: second, length: utf8.RuneCountInString(ownLoose), weak: weak})
	}
	ownPlain, otherPlain := plainText(own), plainText(other)
	consider(own, other, loosened(ownPlain), loosened(otherPlain), false)
	for _, strip := range strips {
		when, replace := regexp.MustCompile(strip.when), regexp.MustCompile(strip.replace)
		if when.MatchString(ownPlain) {
			consider(replace.ReplaceAllString(own, strip.with), other, loosened(replace.ReplaceAllString(ownPlain, strip.with)), loosened(otherPlain), true)
		}
		if when.MatchString(otherPlain) {
			consider(own, replace.ReplaceAllString(other, strip.with), loosened(ownPlain), loosened(replace.ReplaceAllString(otherPlain, strip.with)), true)
		}
	}
	return found
}

func wrongAccountID(value string) bool {
	_, ok := salesforceID(value)
	return len(value) == 18 && likeAccountID.MatchString(value) && value != strings.ToLower(value) && !ok
}

// judge chooses the near miss of each open record of a side.
func (w *refWorld) judge(own, other *refSide, typos []refNear) {
	var all []refNear
	for i := range own.records {
		for j := range other.records {
			if own.open[i] {
				all = append(all, w.best(own, other, i, j)...)
			}
		}
	}
	all = append(all, w.places(own, other)...)
	for _, typo := range typos {
		if own.isAccounts {
			typo.own, typo.other = typo.other, typo.own
		}
		all = append(all, typo)
	}
	if !own.isAccounts {
		all = append(all, w.deletedHolders(own)...)
	}
	all = oneEach(all)
	for i, c := range all {
		all[i].similarity, all[i].linked = w.likeness(own, other, c)
	}
	for i := range own.records {
		if miss, ok := w.choose(own, other, i, all); ok {
			own.misses[i] = miss
		}
	}
}

func (w *refWorld) best(own, other *refSide, i, j int) []refNear {
	var found []refNear
	for rule := range w.plan.Rules {
		a, ownOK := w.base(own.records[i], rule)
		b, otherOK := w.base(other.records[j], rule)
		if !ownOK || !otherOK {
			continue
		}
		for _, c := range byDifference(a, b) {
			c.own, c.other, c.rule = i, j, rule
			found = append(found, c)
		}
	}
	return found
}

// oneEach keeps the first cause of each pair under each rule.
func oneEach(all []refNear) []refNear {
	slices.SortStableFunc(all, func(x, y refNear) int {
		return cmp.Or(cmp.Compare(x.own, y.own), cmp.Compare(x.other, y.other), cmp.Compare(x.rule, y.rule), cmp.Compare(x.rank, y.rank), cmp.Compare(y.length, x.length), trueFirst(!x.weak, !y.weak))
	})
	return slices.CompactFunc(all, func(x, y refNear) bool { return x.own == y.own && x.other == y.other && x.rule == y.rule })
}
