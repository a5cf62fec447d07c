package pipeline

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	environment := variables{"A": "one", "EMPTY": "", "NASTY": `a: b # c ${A} $$ "q" 'r' \n {x} [y]`, "_u1": "u"}
	for _, c := range []struct {
		text, want string
		problems   int
		why        string
	}{
		{"plain", "plain", 0, "nothing to do"},
		{"${A}", "one", 0, "all of it"},
		{"x/${A}/y/${_u1}", "x/one/y/u", 0, "two inside"},
		{"${A}${A}", "oneone", 0, "nothing between"},
		{"${NASTY}", environment["NASTY"], 0, "what a variable holds is not read again"},
		{"${MISSING}", "", 1, "unset without a default"},
		{"${MISSING}${ALSO}", "", 2, "both are told"},
		{"${MISSING:-d}", "d", 0, "unset with a default"},
		{"${MISSING:-}", "", 0, "an empty default"},
		{"${EMPTY}", "", 0, "set, though empty"},
		{"${EMPTY:-d}", "d", 0, "empty counts as unset for a default, as in a shell"},
		{"${A:-d}", "one", 0, "the default is not needed"},
		{"${MISSING:-a:-b # c}", "a:-b # c", 0, "a default ends at the brace alone"},
		{"${MISSING:-a\nb}", "a\nb", 0, "a default over two lines"},
		{"$A", "$A", 0, "a dollar alone is a dollar"},
		{"pa$$word$", "pa$$word$", 0, "so are two"},
		{"$${A}", "${A}", 0, "the escape"},
		{"$$${A}", "$${A}", 0, "the escape behind a dollar"},
		{"x$${A}-${A}", "x${A}-one", 0, "the escape before a reference"},
		{"${A", "", 1, "not closed"},
		{"${}", "", 1, "no name"},
		{"${1A}", "", 1, "no name"},
		{"${A-d}", "", 1, "a form of the shell that is not supported"},
		{"${A:?no}", "", 1, "another one"},
		{"${A:-${A}}", "}", 1, "a reference in a default"},
	} {
		got := expand(c.text, environment.lookup)
		if got.text != c.want || len(got.problems) != c.problems {
			t.Errorf("%q: %s: got %q and %q, want %q and %d problems", c.text, c.why, got.text, got.problems, c.want, c.problems)
		}
	}
}

func TestSecretsPassUnharmed(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"a#b", " #x", "k: v", "$HOME", "${A}", "$$", "%s", "'", `"`, "\\n", "- x", "null", "0123", "{", "é😀", "a\nb"} {
		environment := variables{"SECRET": secret}
		for _, written := range []string{"${SECRET}", `"${SECRET}"`, "'${SECRET}'", "${SECRET:-x}"} {
			config, err := readText(t, minimal+"salesforce:\n  client_secret: "+written+"\n", environment)
			if err != nil || config.Salesforce.ClientSecret.Reveal() != secret {
				t.Errorf("%q by %s: changed, or %v", secret, written, err)
			}
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"", "${A}", "${A:-b}", "$${A}", "$$", "${", "}", "${A${B}}", "x$${y${A}z", "${A:-\n}"} {
		f.Add(seed, "value")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		set := expand(text, func(string) (string, bool) { return value, true })
		if set.expanded != (len(set.problems) > 0 || set.expanded) {
			t.Errorf("%q: problems without a reference: %q", text, set.problems)
		}
		if !strings.Contains(text, "${") && (set.text != text || set.expanded) {
			t.Errorf("%q has no reference and became %q", text, set.text)
		}
		escaped := expand(strings.ReplaceAll(text, "${", "$${"), noVariables)
		if escaped.expanded || escaped.text != text {
			t.Errorf("%q: escaped, it became %q", text, escaped.text)
		}
		unset := expand(text, noVariables)
		if len(unset.problems) < len(set.problems) {
			t.Errorf("%q: fewer problems without variables", text)
		}
		for _, problem := range append(unset.problems, set.problems...) {
			if value != "" && len(value) > 40 && strings.Contains(problem, value) {
				t.Errorf("%q: the message holds the value", text)
			}
		}
	})
}
