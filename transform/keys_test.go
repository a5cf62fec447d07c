package transform_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"crosswalk/transform"
)

// batch is how many values one query takes through a step: planning a step costs more than running it.
const batch = 100

// sqlStep returns a function that takes values through a key, written over the column value.
func sqlStep(t testing.TB, expression string) func(ctx context.Context, values []string) map[string]sql.NullString {
	t.Helper()
	db := openDatabase(t, nil)
	query := fmt.Sprintf("SELECT value, %s FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS value)", expression)
	return func(ctx context.Context, values []string) map[string]sql.NullString {
		rows, err := db.QueryContext(ctx, query, values)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		found := map[string]sql.NullString{}
		for rows.Next() {
			var value string
			var key sql.NullString
			if err := rows.Scan(&value, &key); err != nil {
				t.Fatal(err)
			}
			found[value] = key
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return found
	}
}

// interesting are the characters that tell a good step from a careless one.
var interesting = []rune("aAbBzZkKsS019.-_/\\'\"|;, \t\n\r\v\f\x00\x01\x7f" +
	"\u0085\u00a0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000" + // spaces
	"\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\ufeff\ufe0f\U000e0001\u3164\uffa0" + // invisible
	"İıßẞſςΣσµμKÅΩJjHhTǰẖΐ\u0345\u0390\u1fd3ᾳᾼᾈꭰᎠᏰᏸᲀвǅ" + // case
	"\u0300\u0301\u0308\u030c\u0323\u0331\u0327\u093c\u1161\u11a8가각" + // composition
	"ﬁ①Ⅷ㌖ｶﾞＡａ０９＿－ﷺ½²ª…‑\u2126\u212b豈" + // compatibility
	"٣१😀👨Ü$+<=>^`~")

// text generates identifiers that a person would not think of. Marks do not pile up: of more than thirty Go's
// normaliser makes stream-safe text, which DuckDB does not.
func text() *rapid.Generator[string] {
	character := rapid.OneOf(rapid.SampledFrom(interesting), rapid.SampledFrom(interesting), rapid.Rune())
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		marks := 0
		for _, r := range rapid.SliceOfN(character, 0, 24).Draw(t, "characters") {
			if !norm.NFKD.PropertiesString(string(r)).BoundaryBefore() {
				if marks++; marks > 12 {
					continue
				}
			}
			b.WriteRune(r)
		}
		return b.String()
	})
}

// reference is what a step means, in Go. ok is false where there is no key.
type reference func(value string) (key string, ok bool)

func always(f func(string) string) reference {
	return func(value string) (string, bool) { return f(value), true }
}

// keepingForm applies f, and restores form C where the value had it.
func keepingForm(f func(string) string) func(string) string {
	return func(value string) string {
		if norm.NFC.IsNormalString(value) {
			return norm.NFC.String(f(value))
		}
		return f(value)
	}
}

func without(drop func(rune) bool) func(string) string {
	return func(value string) string {
		return strings.Map(func(r rune) rune {
			if drop(r) {
				return -1
			}
			return r
		}, value)
	}
}

// invisible is Default_Ignorable_Code_Point as DerivedCoreProperties.txt derives it.
func invisible(r rune) bool {
	if unicode.Is(unicode.White_Space, r) || r >= 0xFFF9 && r <= 0xFFFB || r >= 0x13430 && r <= 0x13440 ||
		unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return false
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Cf, unicode.Variation_Selector)
}

func punctuation(r rune) bool { return unicode.IsPunct(r) || strings.ContainsRune("$+<=>^`|~", r) }

// foldRune finds the folding through the orbit of the letter: the small letter, unless the orbit is Cherokee.
func foldRune(r rune) rune {
	orbit := []rune{r}
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		orbit = append(orbit, next)
	}
	if len(orbit) == 1 {
		return r
	}
	for _, member := range orbit {
		if unicode.Is(unicode.Cherokee, member) && unicode.IsUpper(member) {
			return member
		}
	}
	for _, member := range orbit {
		if lower := unicode.To(unicode.LowerCase, member); lower != member {
			return lower
		}
	}
	return r
}

func collapse(value string) string {
	var b strings.Builder
	inSpace := false
	for _, r := range value {
		if unicode.IsSpace(r) {
			if !inSpace {
				b.WriteByte(' ')
			}
			inSpace = true
			continue
		}
		inSpace = false
		b.WriteRune(r)
	}
	return b.String()
}

func stripLeadingZeros(value string) string {
	stripped := strings.TrimLeft(value, "0")
	if stripped == "" && value != "" {
		return "0"
	}
	return stripped
}

func stripDecimal(value string) string {
	whole, zeros, found := strings.Cut(value, ".")
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	if !found || whole == "" || zeros == "" || strings.Trim(zeros, "0") != "" || strings.ContainsFunc(whole, func(r rune) bool { return !isDigit(r) }) {
		return value
	}
	return whole
}

func salesforceID(value string) (string, bool) {
	id := strings.TrimFunc(value, unicode.IsSpace)
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for i := range len(id) {
		if c := rune(id[i]); c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return "", false
		}
	}
	long := id[:15]
	for part := range 3 {
		bits := 0
		for i, c := range []byte(id[5*part : 5*part+5]) {
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		long += string("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits])
	}
	return long, len(id) == 15 || id == long
}

// stepReference is a step with its meaning and the values that test it.
type stepReference struct {
	why        string
	expression string
	want       reference
	generator  *rapid.Generator[string]
}

var references = []stepReference{
	{"form KC as the Unicode tables of Go have it", "key_nfkc(value)", always(norm.NFKC.String), text()},
	{"what leaves no mark on paper", "key_strip_invisible(value)", always(keepingForm(without(invisible))), text()},
	{"any space at the ends", "key_trim(value)", always(func(v string) string { return strings.TrimFunc(v, unicode.IsSpace) }), text()},
	{"any run of space", "key_collapse_space(value)", always(collapse), text()},
	{"simple folding", "key_casefold(value)", always(keepingForm(func(v string) string { return strings.Map(foldRune, v) })), text()},
	{"punctuation and the signs of ASCII", "key_strip_punctuation(value)", always(keepingForm(without(punctuation))), text()},
	{"zeros in front", "key_strip_leading_zeros(value)", always(stripLeadingZeros), rapid.OneOf(text(), rapid.StringMatching(`0{0,4}[0-9a ]{0,3}`))},
	{"the mark of a spreadsheet", "key_strip_decimal(value)", always(stripDecimal), rapid.OneOf(text(), rapid.StringMatching(`[0-9]{0,3}\.?0{0,3}[0-9]?`))},
	{"digits", "key_digits_only(value)", always(without(func(r rune) bool { return r < '0' || r > '9' })), text()},
	{"ids of 15 and 18 characters", "key_salesforce_id(value)", salesforceID, rapid.OneOf(text(), rapid.StringMatching(`[ \t]?[0-9a-zA-Z]{14,18}[ \x{a0}]?`), longIDs())},
}

// longIDs are whole ids, right ones and some with a character changed.
func longIDs() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		id, _ := salesforceID(rapid.StringMatching(`[0-9a-zA-Z]{15}`).Draw(t, "id"))
		if rapid.Bool().Draw(t, "damaged") {
			at := rapid.IntRange(0, 17).Draw(t, "at")
			id = id[:at] + rapid.StringMatching(`[0-9a-zA-Z]`).Draw(t, "character") + id[at+1:]
		}
		return id
	})
}

// TestKeySteps holds each step against its meaning in Go, F113 to F118, and proves that taking it twice is taking it
// once, F122.
func TestKeySteps(t *testing.T) {
	t.Parallel()
	for _, test := range references {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(test.expression, "key_"), "(value)"), func(t *testing.T) {
			t.Parallel()
			step := sqlStep(t, test.expression)
			rapid.Check(t, func(r *rapid.T) {
				values := rapid.SliceOfN(test.generator, batch, batch).Draw(r, "values")
				keys := step(t.Context(), values)
				var again []string
				for value, key := range keys {
					want, ok := test.want(value)
					if key.Valid != ok || ok && key.String != want {
						r.Fatalf("%s: %+q gives %+q (%v), want %+q (%v)", test.why, value, key.String, key.Valid, want, ok)
					}
					if key.Valid {
						again = append(again, key.String)
					}
				}
				if len(again) == 0 {
					return
				}
				for once, twice := range step(t.Context(), again) {
					if !twice.Valid || twice.String != once {
						r.Fatalf("%s: %+q gives %+q when taken again", test.why, once, twice.String)
					}
				}
			})
		})
	}
}

// standardKey takes the five steps as the link does, each in a projection of its own.
const standardKey = `(SELECT key_casefold(d) FROM (SELECT key_collapse_space(c) AS d FROM (SELECT key_trim(b) AS c
	FROM (SELECT key_strip_invisible(a) AS b FROM (SELECT key_nfkc(value) AS a)))))`

// TestStandardKey holds the whole standard key against Go, F122.
func TestStandardKey(t *testing.T) {
	t.Parallel()
	step := sqlStep(t, standardKey)
	want := func(value string) string {
		value = keepingForm(without(invisible))(norm.NFKC.String(value))
		value = collapse(strings.TrimFunc(value, unicode.IsSpace))
		return norm.NFC.String(strings.Map(foldRune, value))
	}
	rapid.Check(t, func(r *rapid.T) {
		values := rapid.SliceOfN(text(), batch, batch).Draw(r, "values")
		var again []string
		for value, key := range step(t.Context(), values) {
			if key.String != want(value) {
				r.Fatalf("%+q gives %+q, want %+q", value, key.String, want(value))
			}
			again = append(again, key.String)
		}
		for once, twice := range step(t.Context(), again) {
			if once != twice.String {
				r.Fatalf("%+q gives %+q when taken again", once, twice.String)
			}
		}
	})
}

// TestEveryCharacter takes each character of Unicode through the steps that look at characters.
func TestEveryCharacter(t *testing.T) {
	t.Parallel()
	db := openDatabase(t, nil)
	rows, err := db.QueryContext(t.Context(), `SELECT code, key_nfkc(value), key_casefold(value), key_strip_invisible(value), key_strip_punctuation(value), key_trim(value)
		FROM (SELECT code, chr(CAST(code AS INTEGER)) AS value FROM range(1, 1114112) AS r(code) WHERE code NOT BETWEEN 55296 AND 57343)`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	wrong, seen := 0, 0
	for rows.Next() {
		var code rune
		var found [5]string
		if err := rows.Scan(&code, &found[0], &found[1], &found[2], &found[3], &found[4]); err != nil {
			t.Fatal(err)
		}
		value := string(code)
		want := [5]string{
			norm.NFKC.String(value), keepingForm(func(v string) string { return strings.Map(foldRune, v) })(value),
			without(invisible)(value), without(punctuation)(value), strings.TrimFunc(value, unicode.IsSpace),
		}
		seen++
		if found != want && wrong < 20 {
			wrong++
			t.Errorf("%U: nfkc, casefold, strip_invisible, strip_punctuation, trim give %+q, want %+q", code, found, want)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if want := int(utf8.MaxRune) - 2048; seen != want {
		t.Errorf("%d characters seen, want %d", seen, want)
	}
}

// TestKeyTable are the examples of the documentation.
func TestKeyTable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ why, expression, value, want string }{
		{"F117: one character folds to one", "key_casefold(value)", "Straße", "straße"},
		{"F117: no language is assumed", "key_casefold(value)", "İIı", "İiı"},
		{"F117: final and other sigma are one letter", "key_casefold(value)", "ΣΑΣς", "σασσ"},
		{"a small letter may have a form that its capital lacks", "key_casefold(value)", "J\u030c", "\u01f0"},
		{"F119: zeros alone are one zero", "key_strip_leading_zeros(value)", "0000", "0"},
		{"F102: a spreadsheet's integer", "key_strip_decimal(value)", "00123.00", "00123"},
		{"only zeros are no decimals", "key_strip_decimal(value)", "123.10", "123.10"},
		{"F118: 15 characters become 18", "key_salesforce_id(value)", " 001D000000IqhSL ", "001D000000IqhSLIAZ"},
		{"a prefix goes once", "key_strip_prefix(value, 'C')", "CC1", "C1"},
		{"a NUL does not end the text", "key_nfkc(value)", "a\x00e\u0301ｚ", "a\x00éz"},
		{"the smallest letter apart from its accent", "key_strip_invisible(value)", "e\u200b\u0301", "é"},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			found := sqlStep(t, test.expression)(t.Context(), []string{test.value})[test.value]
			if !found.Valid || found.String != test.want {
				t.Errorf("%+q gives %+q, want %+q", test.value, found.String, test.want)
			}
		})
	}
}

// TestHugeIdentifiers proves that no step is slow on long text, F121: ten thousand bytes of the worst kinds.
func TestHugeIdentifiers(t *testing.T) {
	t.Parallel()
	huge := []string{
		strings.Repeat("a", 10_000), strings.Repeat(" ", 10_000), strings.Repeat("a ", 5_000), strings.Repeat("0", 10_000),
		strings.Repeat("ａ", 3_333), "a" + strings.Repeat("\u0301", 5_000), strings.Repeat("ﷺ", 3_333), strings.Repeat("\u200b", 3_333) + "a",
		strings.Repeat("İ", 5_000), strings.Repeat("\x00é", 3_333), strings.Repeat(".", 10_000),
	}
	for _, test := range references {
		t.Run(test.expression, func(t *testing.T) {
			t.Parallel()
			step := sqlStep(t, test.expression)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			for value, key := range step(ctx, huge) {
				if want, ok := test.want(value); !strings.Contains(value, "\u0301\u0301") && (key.Valid != ok || key.String != want) {
					t.Errorf("%.20q...: got %.20q..., want %.20q...", value, key.String, want)
				}
			}
		})
	}
}

func TestKeyStepsAreClosed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why  string
		key  []string
		want string
		fail bool
	}{
		{"exact is no step", []string{"exact"}, "", false},
		{"standard is five", []string{"standard"}, "nfkc strip_invisible trim collapse_space casefold", false},
		{"a step is itself", []string{"trim", "strip_prefix:AB'--"}, "trim strip_prefix:AB'--", false},
		{"no other name reaches the SQL", []string{"trim)--"}, "", true},
		{"a prefix needs its text", []string{"strip_prefix:"}, "", true},
		{"an argument only where one is taken", []string{"trim:x"}, "", true},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			steps, err := transform.KeySteps(test.key...)
			if (err != nil) != test.fail || strings.Join(steps, " ") != test.want {
				t.Errorf("steps are %q (%v), want %q", steps, err, test.want)
			}
		})
	}
}
