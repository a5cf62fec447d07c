package pipeline

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// How much of a value the page shows, in characters; the files have all of it.
const (
	shownValue    = 120
	shownSentence = 400
	marksInARow   = 3 // accents that one letter may carry; more of them would cover other lines
)

// shown is a value of a source as the page tells it: one line, of at most limit characters, with what nobody could see,
// or what would turn the text around, by its code point.
func shown(text string, limit int) string {
	var told strings.Builder
	characters, marks := []rune(strings.ToValidUTF8(text, "\uFFFD")), 0
	written := 0
	for i, character := range characters {
		piece := string(character)
		switch marks = follows(marks, character); {
		case character == ' ' && (i == 0 || i == len(characters)-1 || characters[i-1] == ' '):
			piece = "␣"
		case marks > marksInARow, !unicode.IsGraphic(character), unicode.Is(unicode.Zs, character) && character != ' ', isHiding(character):
			piece = fmt.Sprintf("[U+%04X]", character)
		}
		if written += len([]rune(piece)); written > limit {
			return told.String() + "…"
		}
		told.WriteString(piece)
	}
	return told.String()
}

// follows counts the combining marks in a row.
func follows(marks int, character rune) int {
	if unicode.Is(unicode.M, character) {
		return marks + 1
	}
	return 0
}

// isHiding tells the characters that count as graphic and yet show nothing: fillers, blanks, variation selectors.
func isHiding(character rune) bool {
	switch {
	case character == 0x034F, character == 0x115F, character == 0x1160, character == 0x17B4, character == 0x17B5,
		character == 0x2800, character == 0x3164, character == 0xFFA0, character >= 0xFE00 && character <= 0xFE0F:
		return true
	}
	return character >= 0xE0100 && character <= 0xE01EF
}

// percent is a share with one decimal. It never says 100 % of what is not whole, nor 0 % of what is not nothing.
func percent(part, whole int64) string {
	if whole <= 0 {
		return "–"
	}
	switch tenths := (part*2000/whole + 1) / 2; {
	case tenths >= 1000 && part < whole:
		return "99.9%"
	case tenths <= 0 && part > 0:
		return "0.1%"
	default:
		return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10)
	}
}

// signed is a difference, with a sign that is as wide as a digit.
func signed(difference int64) string {
	switch {
	case difference > 0:
		return "+" + thousands(difference)
	case difference < 0:
		return "−" + thousands(-difference)
	}
	return "0"
}

// counted is a number and what it counts: 1 row, 2 rows.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// longDate is 23 November 2026; what is no date stays as it is.
func longDate(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format("2 January 2006")
}

// sentence begins with a capital; what follows stays, for it may quote a record.
func sentence(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// within is a name as it reads inside of a sentence.
func within(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// weight is about how many bytes of the page a value takes.
func weight(text string) int { return len(html.EscapeString(text)) }

var recordID = regexp.MustCompile(`^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$`)
