package transform

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// lookAlikes are the characters that are taken for an ASCII letter or digit. Letters of another alphabet become the
// letter they look like; a small letter whose capital looks like one becomes that one's small letter, for identifiers
// are written in capitals and folded afterwards. Digits of other scripts have a value of their own and are left.
func lookAlikes(t *testing.T) map[rune]rune {
	t.Helper()
	data, err := os.ReadFile("testdata/confusables.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := map[rune]rune{}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		from, rest, _ := strings.Cut(line, " ; ")
		to, _, _ := strings.Cut(rest, " ; ")
		if r := codePoint(t, from); !unicode.Is(unicode.Nd, r) && r > unicode.MaxASCII {
			found[r] = codePoint(t, to)
		}
	}
	for _, capital := range slices.Collect(maps.Keys(found)) {
		if small := unicode.ToLower(capital); small != capital && small > unicode.MaxASCII && found[capital] <= unicode.MaxASCII {
			found[small] = unicode.ToLower(found[capital])
		}
	}
	for r, to := range found {
		found[r] = sameStroke(to)
	}
	for _, r := range "OoIil|" {
		found[r] = sameStroke(r)
	}
	return found
}

// sameStroke makes one of the ASCII characters that are confused with each other: O and zero, I, l and one.
func sameStroke(r rune) rune {
	switch r {
	case 'O', 'o':
		return '0'
	case 'I', 'i', 'l', '|':
		return '1'
	}
	return r
}

func codePoint(t *testing.T, hex string) rune {
	t.Helper()
	code, err := strconv.ParseUint(hex, 16, 21)
	if err != nil {
		t.Fatal(err)
	}
	return rune(code)
}

func lookAlikeMacro(mappings map[rune]rune) string {
	var from, to, foreign []rune
	for _, r := range slices.Sorted(maps.Keys(mappings)) {
		if r > unicode.MaxASCII {
			from, to, foreign = append(from, r), append(to, mappings[r]), append(foreign, r)
		}
	}
	return fmt.Sprintf(`-- purpose: make one of the characters that look alike: O and 0, I, l and 1, and the letters of other alphabets
-- reads: none; writes: key_look_alike
--
-- Generated from confusables.txt of Unicode 17.0.0 by go test ./transform -run TestGeneratedMacros -update.
CREATE MACRO key_look_alike(value) AS
    CASE
        WHEN strlen(value) = length(value) AND NOT regexp_matches(value, '[OoIil|]') THEN value
        ELSE replace(replace(replace(replace(replace(replace(
            CASE
                WHEN strlen(value) > length(value) AND regexp_matches(value, '[%s]')
                    THEN translate(
                        value,
                        %s,
                        %s
                    )
                ELSE value
            END,
            'O', '0'), 'o', '0'), 'I', '1'), 'i', '1'), 'l', '1'), '|', '1')
    END
`, class(foreign), literal(string(from)), literal(string(to)))
}
