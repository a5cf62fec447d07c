package pipeline

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

func TestShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, text, want string }{
		{"plain", "Harbour & Sons", "Harbour & Sons"},
		{"other scripts", "Żółć Łabędź 株式会社", "Żółć Łabędź 株式会社"},
		{"spaces around and twice", " a  b ", "␣a ␣b␣"},
		{"one space", " ", "␣"},
		{"a no-break space", "a\u00a0b", "a[U+00A0]b"},
		{"a zero-width space", "12\u200b3", "12[U+200B]3"},
		{"a right-to-left override", "a\u202eb", "a[U+202E]b"},
		{"a line break and a tab", "a\r\n\tb", "a[U+000D][U+000A][U+0009]b"},
		{"a filler that looks like nothing", "a\u3164b", "a[U+3164]b"},
		{"bytes that are no text", "a\xffb", "a\uFFFDb"},
		{"accents as marks", "e\u0301", "e\u0301"},
		{"a tower of marks", "e" + strings.Repeat("\u0301", 5), "e\u0301\u0301\u0301[U+0301][U+0301]"},
		{"longer than there is room", strings.Repeat("x", 31), strings.Repeat("x", 30) + "…"},
		{"as long as there is room", strings.Repeat("x", 30), strings.Repeat("x", 30)},
	} {
		if got := shown(c.text, 30); got != c.want && len([]rune(c.want)) <= 31 {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// Whatever a source holds, what is shown is one line of bounded length that no character turns around.
func TestShownProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		told := shown(text, 50)
		if n := len([]rune(told)); n > 51 {
			t.Fatalf("%d characters", n)
		}
		for _, character := range told {
			if !unicode.IsGraphic(character) || unicode.Is(unicode.Zs, character) && character != ' ' {
				t.Fatalf("%q shows %U", told, character)
			}
		}
	})
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part, whole int64
		want, why   string
	}{
		{47, 90, "52.2%", "rounded"}, {1, 3, "33.3%", "down"}, {2, 3, "66.7%", "up"}, {90, 90, "100.0%", "whole"}, {0, 90, "0.0%", "nothing"},
		{999_999, 1_000_000, "99.9%", "not quite whole"}, {1, 1_000_000, "0.1%", "not quite nothing"}, {0, 0, "–", "of nothing"},
	} {
		if got := percent(c.part, c.whole); got != c.want {
			t.Errorf("%s: %d of %d is %s, want %s", c.why, c.part, c.whole, got, c.want)
		}
	}
}

func TestRecordLinks(t *testing.T) {
	t.Parallel()
	const id = "0015g00000EXGmaAAH"
	for _, c := range []struct{ why, source, instance, id, want string }{
		{"an org", "org", "https://acme.my.salesforce.com", id, "https://acme.my.salesforce.com/" + id},
		{"15 characters", "org", "https://acme.my.salesforce.com", id[:15], "https://acme.my.salesforce.com/" + id[:15]},
		{"the fixtures", "fixtures", "https://acme.my.salesforce.com", id, ""},
		{"a simulated org", "org", "http://127.0.0.1:8710", id, ""},
		{"a simulated org with TLS", "org", "https://127.0.0.1:8710", id, ""},
		{"localhost", "org", "https://localhost:8710", id, ""},
		{"no id", "org", "https://acme.my.salesforce.com", "../setup", ""},
		{"nothing", "org", "https://acme.my.salesforce.com", "", ""},
	} {
		if got := recordLinks(SalesforceConfig{Source: c.source, InstanceURL: c.instance})(c.id); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// publishedOn leaves a publication with nothing but its counts.
func publishedOn(t *testing.T, output, date string, accounting Accounting) {
	t.Helper()
	dir := filepath.Join(output, partitionPrefix+date)
	text, err := (&Manifest{SchemaVersion: manifestSchemaVersion, RunDate: date, Accounting: accounting}).encode()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, manifestFile), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why    string
		before map[string]Accounting
		dates  []string
		unread int
		trend  string
	}{
		{"the first", nil, []string{"2026-11-23"}, 0, "This is the first publication"},
		{"a better night", map[string]Accounting{"2026-11-22": accountingOf(80, 40)}, []string{"2026-11-22", "2026-11-23"}, 0, "Up by 2.2 points. It was 50.0% on 22 November 2026, with 40 of 80 customers linked."},
		{"a worse night", map[string]Accounting{"2026-11-22": accountingOf(100, 100)}, []string{"2026-11-22", "2026-11-23"}, 0, "Down by 47.8 points."},
		{"the same", map[string]Accounting{"2026-11-20": accountingOf(90, 47)}, []string{"2026-11-20", "2026-11-23"}, 0, "As before."},
		{"the date itself and later ones", map[string]Accounting{"2026-11-23": accountingOf(1, 1), "2026-11-24": accountingOf(1, 1)}, []string{"2026-11-23"}, 0, "This is the first"},
		{"counts that cannot be", map[string]Accounting{"2026-11-22": accountingOf(10, 11), "2026-11-21": accountingOf(10, 5)}, []string{"2026-11-21", "2026-11-23"}, 1, "Up by"},
		{"a night of nothing", map[string]Accounting{"2026-11-22": accountingOf(0, 0)}, []string{"2026-11-22", "2026-11-23"}, 0, "Up by 52.2 points. It was –"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			output := t.TempDir()
			for date, accounting := range c.before {
				publishedOn(t, output, date, accounting)
			}
			h, err := readHistory(output, "2026-11-23", accountingOf(90, 47))
			if err != nil {
				t.Fatal(err)
			}
			var dates []string
			for _, n := range h.Nights {
				dates = append(dates, n.Date)
			}
			if strings.Join(dates, " ") != strings.Join(c.dates, " ") || h.Unread != c.unread || !strings.HasPrefix(h.trend(), c.trend) {
				t.Errorf("%v, %d unread, %q; want %v, %d, %q", dates, h.Unread, h.trend(), c.dates, c.unread, c.trend)
			}
		})
	}
}

// The line has a bound, a damaged manifest is told, and every point is inside of the picture.
func TestHistoryOfYears(t *testing.T) {
	t.Parallel()
	output := t.TempDir()
	day := dayOf("2024-01-01")
	for i := range int64(400) {
		publishedOn(t, output, dateOf(day+float64(i)), accountingOf(100, i%101))
	}
	if err := os.WriteFile(filepath.Join(output, partitionPrefix+dateOf(day+390), manifestFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := readHistory(output, "2026-11-23", accountingOf(90, 47))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Nights) != shownHistory-1 || h.Unread != 1 || h.Last().Date != "2026-11-23" || len(h.Marks) != chartMarks+1 {
		t.Errorf("%d nights, %d unread, the last of %s, %d marks", len(h.Nights), h.Unread, h.Last().Date, len(h.Marks))
	}
	for i, n := range h.Nights {
		if inside(t, n.X, chartLeft, chartRight); i > 0 && n.Date <= h.Nights[i-1].Date {
			t.Errorf("%s after %s", n.Date, h.Nights[i-1].Date)
		}
		inside(t, n.Y, chartTop, chartBottom)
	}
}

func inside(t *testing.T, at string, low, high float64) {
	t.Helper()
	if found, err := strconv.ParseFloat(at, 64); err != nil || found < low || found > high {
		t.Errorf("a point at %s, outside of %g to %g", at, low, high)
	}
}

func dateOf(day float64) string {
	return time.Unix(int64(day)*24*3600, 0).UTC().Format(time.DateOnly)
}

// A collision is told in words, whatever the step of the key takes.
func TestWhyKeysCollide(t *testing.T) {
	t.Parallel()
	collision := exception{Status: "key_collision", Reason: "strip_prefix:KD-"}
	if got, want := collision.Why(), reasonWords["strip_prefix"]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
