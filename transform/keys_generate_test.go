package transform

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var update = flag.Bool("update", false, "write the generated SQL files and the goldens anew")

// TestGeneratedMacros holds the macros that are Unicode tables against the tables of Go. With -update it writes them.
func TestGeneratedMacros(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"01_compatible_character.sql":     compatibleCharacter(),
		"02_has_compatible_character.sql": hasCompatibleCharacter(),
		"03_folded_part.sql":              foldedPart(),
	} {
		path := filepath.Join("..", "sql", "keys", name)
		if *update {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		found, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(found, []byte(text)) {
			t.Errorf("%s: differs from Unicode %s; run go test ./transform -run TestGeneratedMacros -update", name, norm.Version)
		}
	}
}

// compatible are the characters that NFKC replaces and NFC does not, ascending, with what NFKC makes of them.
func compatible() []mapping {
	var found []mapping
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if text := string(r); utf8.ValidRune(r) && norm.NFKD.String(text) != norm.NFD.String(text) {
			found = append(found, mapping{r, norm.NFKC.String(text)})
		}
	}
	return found
}

type mapping struct {
	from rune
	to   string
}

// span is a block of characters: a long run that maps to a run of single characters at a fixed distance, or a list.
type span struct {
	mappings []mapping
	isRun    bool
}

func (s span) last() string { return string(s.mappings[len(s.mappings)-1].from) }

const (
	blockLength = 24 // characters in a list: short lists are found fast, few lists keep the statement small
	runLength   = 10 // shorter runs are cheaper as a part of a list

	// A character meets as many comparisons as there are groups and blocks in a group: about the root of all blocks.
	blocksInGroup = 12
)

// spans cuts the mappings, which ascend, into blocks.
func spans(mappings []mapping) []span {
	var found []span
	var list []mapping
	flush := func() {
		for chunk := range slices.Chunk(list, blockLength) {
			found = append(found, span{mappings: chunk})
		}
		list = nil
	}
	for len(mappings) > 0 {
		run := 1
		for run < len(mappings) && continues(mappings[0], mappings[run], rune(run)) {
			run++
		}
		if run < runLength {
			run = 1
			list = append(list, mappings[0])
		} else {
			flush()
			found = append(found, span{mappings: mappings[:run], isRun: true})
		}
		mappings = mappings[run:]
	}
	flush()
	return found
}

// continues tells whether a mapping is the one that stands offset characters after the first of a run.
func continues(first, next mapping, offset rune) bool {
	from, _ := utf8.DecodeRuneInString(first.to)
	return next.from == first.from+offset && string(from) == first.to && string(from+offset) == next.to
}

// separator stands between the decompositions of a list; it is in none of them.
const separator = "␟"

func compatibleCharacter() string {
	var text strings.Builder
	text.WriteString(`-- purpose: replace one character by its compatibility decomposition: full-width, circled, ligatures and so on
-- reads: none; writes: key_compatible_character
--
-- Generated from Unicode ` + norm.Version + ` by go test ./transform -run TestGeneratedMacros -update. The blocks ascend. One is a run of
-- characters at a fixed distance from their decompositions, or a list of characters and a list of decompositions; the
-- place in the first list, or 0, picks from the second, which begins with the character itself.
CREATE MACRO key_compatible_character(value) AS
    CASE
        WHEN value < chr(160) OR value = ` + quoteText(separator) + ` THEN value
`)
	for group := range slices.Chunk(spans(compatible()), blocksInGroup) {
		fmt.Fprintf(&text, "        WHEN value <= %s THEN CASE\n", literal(group[len(group)-1].last()))
		for _, s := range group {
			fmt.Fprintf(&text, "            WHEN value <= %s\n                THEN %s\n", literal(s.last()), s.expression())
		}
		text.WriteString("        END\n")
	}
	text.WriteString("        ELSE value\n    END\n")
	return text.String()
}

func (s span) expression() string {
	if s.isRun {
		first, _ := utf8.DecodeRuneInString(s.mappings[0].to)
		return fmt.Sprintf("CASE WHEN value >= %s THEN chr(unicode(value) + (%d)) ELSE value END",
			literal(string(s.mappings[0].from)), first-s.mappings[0].from)
	}
	var from, to strings.Builder
	for _, m := range s.mappings {
		from.WriteRune(m.from)
		to.WriteString(separator + m.to)
	}
	return fmt.Sprintf("split_part(value || %s, %s, instr(%s, value) + 1)",
		literal(to.String()), literal(separator), literal(from.String()))
}

// literal writes text as an SQL literal, with the spaces that look like a plain one by their code points.
func literal(text string) string {
	var parts []string
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, quoteText(plain.String()))
			plain.Reset()
		}
	}
	for _, r := range text {
		if r == ' ' || !unicode.IsSpace(r) {
			plain.WriteRune(r)
			continue
		}
		flush()
		parts = append(parts, fmt.Sprintf("chr(%d)", r))
	}
	flush()
	return strings.Join(parts, " || ")
}

func hasCompatibleCharacter() string {
	var runes []rune
	for _, m := range compatible() {
		runes = append(runes, m.from)
	}
	return characterTest("key_has_compatible_character", "that nfkc replaces and that composition alone leaves", runes)
}

func characterTest(macro, what string, runes []rune) string {
	return `-- purpose: tell whether text holds a character ` + what + `
-- reads: none; writes: ` + macro + `
--
-- Generated from Unicode ` + norm.Version + ` by go test ./transform -run TestGeneratedMacros -update.
CREATE MACRO ` + macro + `(value) AS
    regexp_matches(
        value,
        '[` + class(runes) + `]'
    )
`
}

// class writes characters as the inside of a character class of a regular expression.
func class(runes []rune) string {
	var text strings.Builder
	for i := 0; i < len(runes); {
		j := i
		for j+1 < len(runes) && runes[j+1] == runes[j]+1 {
			j++
		}
		if i == j {
			fmt.Fprintf(&text, `\x{%X}`, runes[i])
		} else {
			fmt.Fprintf(&text, `\x{%X}-\x{%X}`, runes[i], runes[j])
		}
		i = j + 1
	}
	return text.String()
}

// simpleFold is the folding of CaseFolding.txt with status C or S: the small letter of the capital, except that
// Cherokee folds to the capitals (which are older there) and that a letter that is alone in its orbit, such as İ, stays.
func simpleFold(r rune) rune {
	switch {
	case unicode.SimpleFold(r) == r:
		return r
	case r >= 0xAB70 && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case r >= 0x13F8 && r <= 0x13FD:
		return r - 8
	case r >= 0x13A0 && r <= 0x13F5:
		return r
	default:
		return unicode.ToLower(unicode.ToUpper(r))
	}
}

func foldedPart() string {
	var from, to []rune
	for r := rune(1); r <= unicode.MaxRune; r++ {
		// A capital that is put right after lower() is seen as its small letter.
		if lower := unicode.ToLower(r); r == lower && simpleFold(r) != r {
			from, to = append(from, r), append(to, simpleFold(r))
		}
	}
	return `-- purpose: fold each character of a text that holds no İ: lower case, then the letters that fold to another one
-- reads: none; writes: key_folded_part
--
-- Generated from Unicode ` + unicode.Version + ` by go test ./transform -run TestGeneratedMacros -update.
CREATE MACRO key_folded_part(value) AS
    CASE
        WHEN
            regexp_matches(lower(value), '[` + class(from) + `]')
            THEN translate(
                lower(value),
                ` + literal(string(from)) + `,
                ` + literal(string(to)) + `
            )
        ELSE lower(value)
    END
`
}
