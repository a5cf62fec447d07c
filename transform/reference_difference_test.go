package transform_test

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"crosswalk/transform"
)

// loosened are the loosest keys of a text: leading zeros go after its letters are read as digits, or before.
func loosened(plain string) []string {
	after := strings.ReplaceAll(plain, "-", "")
	for _, cause := range []int{6, 9, 11, 9, 7} {
		after = withoutCause(cause, after)
	}
	if isASCII(plain) && !strings.ContainsAny(plain, "oil|") {
		return []string{after}
	}
	before := withoutCause(8, withoutCause(11, withoutCause(7, plain)))
	return []string{after, withoutCause(6, strings.ReplaceAll(before, "-", ""))}
}

// meeting are the loosest keys that two texts share.
func meeting(own, other string) []string {
	var shared []string
	for _, key := range loosened(plainText(own)) {
		if slices.Contains(loosened(plainText(other)), key) && key != "" && !slices.Contains(shared, key) {
			shared = append(shared, key)
		}
	}
	return shared
}

// cut is what is left of a text without letters at an end; bare has none left in front.
type cut struct {
	rest string
	bare bool
}

const longestCut = 29

const signs = `[\p{P}\p{Z}\p{C}\x{34F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{2212}\x{3164}\x{FE00}-\x{FE0F}\x{FFA0}$+<=>^\x60|~]+`

var (
	firstSigns = regexp.MustCompile("^" + signs)
	lastSigns  = regexp.MustCompile(signs + "$")
)

// cuts are all ways to take letters and separators off a text.
func cuts(base string) []cut {
	var found []cut
	text := []rune(base)
	isDigit := func(r rune) bool { return unicode.Is(unicode.Nd, r) }
	isInWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
	head := slices.IndexFunc(text, isDigit)
	if head >= 0 {
		reversed := slices.Clone(text)
		slices.Reverse(reversed)
		tail := slices.IndexFunc(reversed, isDigit)
		headSigns := len([]rune(firstSigns.FindString(base)))
		tailSigns := len([]rune(lastSigns.FindString(base)))
		for i := headSigns + 1; i <= min(head, longestCut); i++ {
			if isInWord(text[i]) {
				found = append(found, cut{string(text[i:]), i == head})
			}
		}
		for i := tailSigns + 1; i <= min(tail, longestCut); i++ {
			if isInWord(text[len(text)-i-1]) {
				found = append(found, cut{string(text[:len(text)-i]), false})
			}
		}
		if head > 0 && tail > 0 && (head > headSigns || tail > tailSigns) {
			found = append(found, cut{string(text[head : len(text)-tail]), true})
		}
	}
	if parts := firstWord.FindStringSubmatch(base); parts != nil {
		found = append(found, cut{parts[1], false})
	}
	if parts := lastWord.FindStringSubmatch(base); parts != nil {
		found = append(found, cut{parts[1], false})
	}
	if parts := accountWithin.FindStringSubmatch(base); parts != nil && parts[1] != base && len(text) > 15 {
		found = append(found, cut{parts[1], false})
	}
	return found
}

func isLongAccountID(value string) bool {
	long, ok := salesforceID(value)
	return ok && long == value && likeAccountID.MatchString(value)
}

// rekeyed takes the steps of a rule again; a text that they refuse stays as it is.
func rekeyed(key []string, value string) string {
	steps, err := transform.KeySteps(key...)
	if err != nil {
		panic(err)
	}
	taken := value
	for _, step := range steps {
		next, ok := stepMeaning(step, taken)
		if !ok {
			return value
		}
		taken = next
	}
	return taken
}

// difference names the smallest causes that make two texts one: none, one, or two; ok is false where none do.
func difference(key []string, own, other string, ends int, isRaw bool) (first, second int, ok bool) {
	if own == other {
		return 0, 0, true
	}
	without := func(text string, causes ...int) string {
		value := text
		for _, cause := range causes {
			value = withoutCause(cause, value)
		}
		if value == "" || value == text && ends == 0 && !isRaw && !likeAccountID.MatchString(text) && !likeDecimal.MatchString(text) && !likeMisspelt.MatchString(text) {
			return value
		}
		return rekeyed(key, value)
	}
	same := func(causes ...int) bool {
		value := without(own, causes...)
		return value != "" && value == without(other, causes...)
	}
	if ends > 0 && same() {
		return 0, 0, true
	}
	for _, cause := range differences {
		if same(cause) {
			return cause, 0, true
		}
	}
	if ends > 0 {
		return 0, 0, false
	}
	for _, one := range differences {
		for _, two := range differences {
			if two > one && (same(one, two) || same(two, one)) {
				return one, two, true
			}
		}
	}
	return 0, 0, false
}

// byDifference finds the causes between two identifiers, each side's letters taken off or not. Letters of one that is
// not open come off only where its digits are those of an open one: digits are what an open record of the other side has.
// Where a rule strips a prefix, two that letters set apart are compared as they are written as well.
func byDifference(key []string, own, other, ownWritten, otherWritten string, isOpen bool, digits map[string]bool) []refNear {
	var found []refNear
	lettered := 0
	consider := func(a, b string, ends int) {
		for _, loose := range meeting(a, b) {
			length := utf8.RuneCountInString(loose)
			if a == "" || b == "" || ends > 0 && length < 3 || ends == 2 && length < 4 {
				continue
			}
			if ends > 0 {
				lettered = max(lettered, length)
			}
			if c, ok := judged(key, a, b, ends, false); ok {
				c.length, c.ends = length, ends
				found = append(found, c)
			}
		}
	}
	if own != other {
		consider(own, other, 0)
	}
	others := cuts(other)
	if !isOpen && !digits[digitsOf(other)] {
		others = nil
	}
	for _, a := range cuts(own) {
		consider(a.rest, other, 1)
		for _, b := range others {
			if a.bare && b.bare {
				consider(a.rest, b.rest, 2)
			}
		}
	}
	for _, b := range others {
		consider(own, b.rest, 1)
	}
	if lettered > 0 && slices.ContainsFunc(key, func(step string) bool { return strings.HasPrefix(step, "strip_prefix:") }) {
		if c, ok := judged(key, ownWritten, otherWritten, 0, true); ok {
			c.length = lettered
			found = append(found, c)
		}
	}
	return found
}

func digitsOf(base string) string { return withoutCause(7, takeStep("digits_only", plainText(base))) }

// judged names the causes between two texts and how much they weigh.
func judged(key []string, own, other string, ends int, isRaw bool) (refNear, bool) {
	if !isRaw && isLongAccountID(own) && isLongAccountID(other) {
		own, other = own[:15], other[:15]
	}
	first, second, ok := difference(key, own, other, ends, isRaw)
	if !ok || ends == 0 && first == 0 {
		return refNear{}, false
	}
	weak := ends > 0 || (first == 11 || second == 11) && isASCII(own) && isASCII(other) ||
		first == 1 && likeAccountID.MatchString(own) && likeAccountID.MatchString(other) || wrongAccountID(own) || wrongAccountID(other)
	switch {
	case ends > 0 && first == 0:
		first = 10
	case ends > 0 && first > 10:
		first, second = 10, first
	case ends > 0:
		second = 10
	}
	rank := first
	switch {
	case ends == 2:
		rank = 1900 + first
	case second > 0:
		rank = first*100 + second
	case first == 10:
		rank = 11
	case first == 11:
		rank = 10
	}
	return refNear{rank: rank, first: first, second: second, weak: weak}, true
}
