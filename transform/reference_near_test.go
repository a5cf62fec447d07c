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
	length, ends  int
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

// isLostDecimal tells whether the steps took the point of decimals and left their zeros.
func isLostDecimal(identifier, key string) bool {
	return likeDecimal.MatchString(identifier) && !likeDecimal.MatchString(key) && strings.HasSuffix(takeStep("digits_only", identifier), takeStep("digits_only", key))
}

// isLostLetter tells whether the steps took a letter that was typed for a digit out of a number.
func isLostLetter(identifier, key string) bool {
	return utf8.RuneCountInString(key) < utf8.RuneCountInString(identifier) && key == takeStep("digits_only", key) && likeMisspelt.MatchString(identifier)
}

// base is the text of an identifier that is compared; ok is false where it has none, or a refused one.
func (w *refWorld) base(record refRecord, rule int) (string, bool) {
	if record.blank[rule] || w.isRefused(ruleKey{rule, record.keys[rule]}) {
		return "", false
	}
	identifier, key := *record.identifiers[rule], record.keys[rule]
	if key == "" || likeAccountID.MatchString(identifier) && !isLongAccountID(key) || isLostDecimal(identifier, key) || isLostLetter(identifier, key) {
		return identifier, true
	}
	return key, true
}

var (
	firstZeros     = regexp.MustCompile(`^([^0-9]*)0+([0-9])`)
	likeDecimal    = regexp.MustCompile(`[0-9](\.0+|,00?)$`)
	wholeDecimal   = regexp.MustCompile(`^([0-9]+)(\.0+|,00?)$`)
	pointDecimal   = regexp.MustCompile(`^([^.]*[0-9])\.00?$`)
	commaDecimal   = regexp.MustCompile(`^([^,]*[0-9]),00?$`)
	longAccountID  = regexp.MustCompile(`^[0Oo][0Oo][1IiLl][0-9A-Za-z]{12}[A-Za-z0-5]{3}$`)
	likeAccountID  = regexp.MustCompile(`^\s*001[0-9A-Za-z]{12}([0-9A-Za-z]{3})?\s*$`)
	likeMisspelt   = regexp.MustCompile(`(^|[^A-Za-z])[OoIil|]+[0-9]|[0-9][OoIil|]+([^A-Za-z]|$)|[\x{370}-\x{52F}][0-9]|[0-9][\x{370}-\x{52F}]`)
	likeIdentifier = regexp.MustCompile(`[0-9]`)
	manySpaces     = regexp.MustCompile(`[\s].*[\s].*[\s]|@|://`)
	firstWord      = regexp.MustCompile(`^\p{L}+[\p{P}\p{S}\p{Z}]+(\p{L}[^\p{Nd}]*)$`)
	lastWord       = regexp.MustCompile(`^([^\p{Nd}]*\p{L})[\p{P}\p{S}\p{Z}]+\p{L}+$`)
	accountWithin  = regexp.MustCompile(`(?:^|[^0-9A-Za-z])(001[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)(?:[^0-9A-Za-z]|$)`)
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
		return takeStep("strip_punctuation", strings.ReplaceAll(value, "−", "-"))
	case "leading_zeros":
		return firstZeros.ReplaceAllString(value, "$1$2")
	case "trailing_decimal":
		for _, decimal := range []*regexp.Regexp{wholeDecimal, pointDecimal, commaDecimal} {
			if decimal.MatchString(value) {
				return decimal.ReplaceAllString(value, "$1")
			}
		}
		return value
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
	for rule, r := range w.plan.Rules {
		a, ownOK := w.base(own.records[i], rule)
		b, otherOK := w.base(other.records[j], rule)
		if !ownOK || !otherOK {
			continue
		}
		digits := map[string]bool{}
		for k, record := range own.records {
			if base, ok := w.base(record, rule); ok && own.open[k] {
				digits[digitsOf(base)] = true
			}
		}
		for _, c := range byDifference(r.Steps, a, b, *own.records[i].identifiers[rule], *other.records[j].identifiers[rule], other.open[j], digits) {
			c.own, c.other, c.rule = i, j, rule
			found = append(found, c)
		}
	}
	return found
}

// oneEach keeps the first cause of each pair under each rule.
func oneEach(all []refNear) []refNear {
	slices.SortStableFunc(all, func(x, y refNear) int {
		return cmp.Or(cmp.Compare(x.own, y.own), cmp.Compare(x.other, y.other), cmp.Compare(x.rule, y.rule), cmp.Compare(x.rank, y.rank), cmp.Compare(x.ends, y.ends), cmp.Compare(y.length, x.length), trueFirst(!x.weak, !y.weak))
	})
	return slices.CompactFunc(all, func(x, y refNear) bool { return x.own == y.own && x.other == y.other && x.rule == y.rule })
}
