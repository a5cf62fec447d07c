package pipeline

import (
	"fmt"
	"strings"
	"unicode"
)

// longestShown is how much of a value is shown, in characters.
const longestShown = 120

// visible makes what cannot be seen in a value visible: <U+200B> for a zero-width space, <U+00A0> for a no-break space,
// <U+0020> for a plain space at an end or after another, and so for everything that would move a cursor or leaves no mark on
// paper. A long value is cut.
func visible(value string) string {
	letters := []rune(strings.ToValidUTF8(value, "\ufffd"))
	first, last := 0, len(letters)
	for first < last && letters[first] == ' ' {
		first++
	}
	for last > first && letters[last-1] == ' ' {
		last--
	}
	var shown strings.Builder
	for i, r := range letters {
		if i == longestShown {
			fmt.Fprintf(&shown, "... (%s characters)", thousands(int64(len(letters))))
			break
		}
		if i < first || i >= last || !isSeen(r) || isSpaceAfterSpace(letters, i) {
			fmt.Fprintf(&shown, "<U+%04X>", r)
			continue
		}
		shown.WriteRune(r)
	}
	return shown.String()
}

// visibleWords does the same for the words of a sentence that a value may stand in, so that breaking it into lines loses
// nothing. It is not cut, and what was made visible before stays as it is.
func visibleWords(words string) string {
	letters := []rune(strings.ToValidUTF8(words, "\ufffd"))
	var shown strings.Builder
	for i, r := range letters {
		if !isSeen(r) || isSpaceAfterSpace(letters, i) {
			fmt.Fprintf(&shown, "<U+%04X>", r)
			continue
		}
		shown.WriteRune(r)
	}
	return shown.String()
}

// isSpaceAfterSpace tells the spaces that would look like one.
func isSpaceAfterSpace(letters []rune, i int) bool {
	return i > 0 && letters[i] == ' ' && letters[i-1] == ' '
}

// isSeen tells a character that stands on paper as it is: no control or format character, no space but the plain one, no
// filler, no combining mark that sits on nothing of its own.
func isSeen(r rune) bool {
	switch {
	case r == ' ':
		return true
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Bidi_Control, unicode.Co, unicode.Cs):
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r)
}
