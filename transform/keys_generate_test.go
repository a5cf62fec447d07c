package transform

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

// span is a run of characters that map to a run of single characters at a fixed distance, or one character.
type span struct {
	first, last rune
	to          string
}

func (s span) distance() rune { to, _ := utf8.DecodeRuneInString(s.to); return to - s.first }

func spans(mappings []mapping) []span {
	var found []span
	for _, m := range mappings {
		single := utf8.RuneCountInString(m.to) == 1
		to, _ := utf8.DecodeRuneInString(m.to)
		if n := len(found); n > 0 && single && utf8.RuneCountInString(found[n-1].to) == 1 &&
			found[n-1].last+1 == m.from && to-m.from == found[n-1].distance() {
			found[n-1].last = m.from
			continue
		}
		found = append(found, span{m.from, m.from, m.to})
	}
	return found
}

// branches is how many comparisons a character meets on either level of the two-level CASE: about the square root.
const branches = 40

func compatibleCharacter() string {
	var text strings.Builder
	text.WriteString(`-- purpose: replace one character by its compatibility decomposition, composed: full-width, circled, ligatures and so on
-- reads: none; writes: key_compatible_character
--
-- Generated from Unicode ` + norm.Version + ` by go test ./transform -run TestGeneratedMacros -update. Runs of characters that map to runs
-- at a fixed distance are one line. Two levels of CASE keep the comparisons few.
CREATE MACRO key_compatible_character(value) AS
    CASE
        WHEN value < chr(160) THEN value
`)
	all := spans(compatible())
	for len(all) > 0 {
		group := all[:min(branches, len(all))]
		all = all[len(group):]
		fmt.Fprintf(&text, "        WHEN value <= %s THEN CASE\n", literal(string(group[len(group)-1].last)))
		for _, s := range group {
			if s.first == s.last {
				fmt.Fprintf(&text, "            WHEN value = %s THEN %s\n", literal(string(s.first)), literal(s.to))
			} else {
				fmt.Fprintf(&text, "            WHEN value BETWEEN %s AND %s THEN chr(unicode(value) + (%d))\n",
					literal(string(s.first)), literal(string(s.last)), s.distance())
			}
		}
		text.WriteString("            ELSE value\n        END\n")
	}
	text.WriteString("        ELSE value\n    END\n")
	return text.String()
}

// literal writes text as an SQL literal, with the characters that an editor would not show by their code points.
func literal(text string) string {
	var parts []string
	var visible strings.Builder
	flush := func() {
		if visible.Len() > 0 {
			parts = append(parts, quoteText(visible.String()))
			visible.Reset()
		}
	}
	for _, r := range text {
		if r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Cf, r) {
			visible.WriteRune(r)
			continue
		}
		flush()
		parts = append(parts, fmt.Sprintf("chr(%d)", r))
	}
	flush()
	return strings.Join(parts, " || ")
}

func hasCompatibleCharacter() string {
	runes := make([]rune, 0, 4000)
	for _, m := range compatible() {
		runes = append(runes, m.from)
	}
	return `-- purpose: tell whether text holds a character that nfkc replaces and that composition alone leaves
-- reads: none; writes: key_has_compatible_character
--
-- Generated from Unicode ` + norm.Version + ` by go test ./transform -run TestGeneratedMacros -update.
CREATE MACRO key_has_compatible_character(value) AS
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
