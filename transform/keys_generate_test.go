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
		"02_only_compatible.sql":          onlyCompatible(),
		"03_folded_part.sql":              foldedPart(),
		"23_look_alike.sql":               lookAlikeMacro(lookAlikes(t)),
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

// Full-width forms of ASCII stand at a fixed distance from it. They are the most common of all and come first.
func compatibleCharacter() string {
	var text strings.Builder
	text.WriteString(`-- purpose: hold each character that NFKC replaces and composition alone leaves, with what it becomes
-- reads: none; writes: compatible_character
--
-- Full-width forms, circled letters, ligatures and so on. Generated from Unicode ` + norm.Version + ` by
-- go test ./transform -run TestGeneratedMacros -update.
CREATE TABLE compatible_character AS
SELECT character, replacement
FROM (
    VALUES
`)
	mappings := compatible()
	for i, m := range mappings {
		comma := ","
		if i == len(mappings)-1 {
			comma = ""
		}
		fmt.Fprintf(&text, "        (%s, %s)%s\n", literal(string(m.from)), literal(m.to), comma)
	}
	text.WriteString("    ) AS mapping (character, replacement)\n")
	return text.String()
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
	return characterTest("key_has_compatible_character", "that nfkc replaces and that composition alone leaves", compatibleRunes())
}

func onlyCompatible() string {
	return `-- purpose: leave of text nothing but the characters that nfkc replaces and that composition alone leaves
-- reads: none; writes: key_only_compatible
--
-- Generated from Unicode ` + norm.Version + ` by go test ./transform -run TestGeneratedMacros -update.
CREATE MACRO key_only_compatible(value) AS
    regexp_replace(
        value,
        '[^` + class(compatibleRunes()) + `]+',
        '',
        'g'
    )
`
}

func compatibleRunes() []rune {
	var runes []rune
	for _, m := range compatible() {
		runes = append(runes, m.from)
	}
	return runes
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
