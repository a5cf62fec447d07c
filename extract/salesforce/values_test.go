package salesforce

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, why string }{
		{"0001-01-01", "the first day"}, {"9999-12-31", "the last day"}, {"1970-01-01", "day zero"}, {"1969-12-31", "a day before"},
		{"2000-02-29", "leap: divisible by 400"}, {"2024-02-29", "leap: divisible by 4"}, {"1600-03-01", "behind a leap day"},
		{"2023-04-30", "thirty days"}, {"2023-08-31", "two long months in a row"}, {"2023-07-31", "and the first of them"},
	} {
		want, err := time.Parse(time.DateOnly, c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got, p := parseDate([]byte(c.text)); p != "" || int64(got)*86_400 != want.Unix() {
			t.Errorf("%s: day %d, %s: %s", c.text, got, p, c.why)
		}
	}
	for _, c := range []struct{ text, why string }{
		{"0000-12-31", "there is no year 0"}, {"1900-02-29", "not leap: divisible by 100"}, {"2023-02-29", "not leap"},
		{"2023-04-31", "thirty days"}, {"2023-13-01", "no month"}, {"2023-00-01", "no month"}, {"2023-01-00", "no day"},
		{"2023-01-32", "no day"}, {"2023-1-01", "two digits each"}, {"23-01-01", "four digits"}, {"2023/01/01", "other separator"},
		{"2023-01-01T00:00:00Z", "a timestamp"}, {" 2023-01-01", "space"}, {"+023-01-01", "sign"}, {"2023-01-0:", "the byte behind 9"}, {"", "nothing"},
	} {
		if got, p := parseDate([]byte(c.text)); p != notADate {
			t.Errorf("%q: day %d: %s", c.text, got, c.why)
		}
	}
}

func TestParseEveryDay(t *testing.T) {
	t.Parallel()
	first := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for at := first; at.Year() < 10_000; at = at.AddDate(0, 0, 1) {
		got, p := parseDate(at.AppendFormat(nil, time.DateOnly))
		if p != "" || int64(got)*86_400 != at.Unix() {
			t.Fatalf("%s: day %d, %s", at, got, p)
		}
	}
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, why string
		want      time.Time
	}{
		{"2023-10-22T06:25:12.000Z", "Bulk", time.Date(2023, 10, 22, 6, 25, 12, 0, time.UTC)},
		{"2026-05-01T07:25:37.000+0000", "REST", time.Date(2026, 5, 1, 7, 25, 37, 0, time.UTC)},
		{"2026-05-01T07:25:37.123+00:00", "RFC 3339", time.Date(2026, 5, 1, 7, 25, 37, 123e6, time.UTC)},
		{"2026-05-01T07:25:37Z", "without milliseconds", time.Date(2026, 5, 1, 7, 25, 37, 0, time.UTC)},
		{"2026-05-01T07:25:37.123456Z", "microseconds", time.Date(2026, 5, 1, 7, 25, 37, 123456e3, time.UTC)},
		{"1700-01-01T00:00:00.000Z", "the earliest that Salesforce takes", time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"2026-05-01T00:30:00.000+0130", "an instant, wherever it was written", time.Date(2026, 4, 30, 23, 0, 0, 0, time.UTC)},
		{"2026-05-01T00:30:00.5-08:00", "west", time.Date(2026, 5, 1, 8, 30, 0, 5e8, time.UTC)},
	} {
		if got, p := parseTimestamp([]byte(c.text)); p != "" || got != c.want.UnixMicro() {
			t.Errorf("%s: %d, %s: %s", c.text, got, p, c.why)
		}
	}
	for _, c := range []struct{ text, why string }{
		{"2026-05-01", "a date"}, {"2026-05-01 07:25:37.000Z", "space for T"}, {"2026-05-01T07:25:37.000", "no zone"},
		{"2026-05-01T24:00:00.000Z", "hour"}, {"2026-05-01T07:60:00.000Z", "minute"}, {"2026-06-30T23:59:60.000Z", "leap second"},
		{"2026-02-30T07:25:37.000Z", "no such day"}, {"2026-05-01T07:25:37.Z", "point without fraction"},
		{"2026-05-01T07:25:37.1234567Z", "finer than a microsecond"}, {"2026-05-01T07:25:37.000z", "small letter"},
		{"2026-05-01T07:25:37.000+00", "half an offset"}, {"2026-05-01T07:25:37.000+0060", "minutes of an offset"},
		{"0001-01-01T00:00:00+0001", "before the year 1"}, {"9999-12-31T23:59:59-0001", "behind the year 9999"},
		{"2026-05-01T07:25:37.000Z ", "text behind"}, {"", "nothing"},
	} {
		if got, p := parseTimestamp([]byte(c.text)); p != notATimestamp {
			t.Errorf("%q: %d: %s", c.text, got, c.why)
		}
	}
}

func TestParseTimeAndBoolean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"17:30:00.000Z": 17*time.Hour + 30*time.Minute, "23:59:59.999Z": 24*time.Hour - time.Millisecond, "00:00:00": 0, "01:02:03.5": 3723500 * time.Millisecond,
	} {
		if got, p := parseTime([]byte(text)); p != "" || got != want.Microseconds() {
			t.Errorf("%s: %d, %s", text, got, p)
		}
	}
	for _, text := range []string{"24:00:00.000Z", "17:30", "17:30:00.000+0000", "17:30:00ZZ", "1:30:00Z", ""} {
		if got, p := parseTime([]byte(text)); p != notATime {
			t.Errorf("%q: %d", text, got)
		}
	}
	for _, text := range []string{"TRUE", "True", "1", "yes", "t", "true ", ""} {
		if got, p := parseBoolean([]byte(text)); p != notABoolean {
			t.Errorf("%q is %t", text, got)
		}
	}
}

var timestampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$`)

// FuzzTimestamp compares with time.Parse.
func FuzzTimestamp(f *testing.F) {
	for _, text := range []string{"2023-10-22T06:25:12.000Z", "2026-05-01T07:25:37.000+0000", "2024-02-29T23:59:59.999999-11:30",
		"0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00", "2023-02-29T00:00:00Z", "2026-06-30T23:59:60Z", "2026-05-01T7:25:37Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, p := parseTimestamp([]byte(text))
		want, err := time.Parse("2006-01-02T15:04:05Z0700", text)
		if err != nil {
			want, err = time.Parse("2006-01-02T15:04:05Z07:00", text)
		}
		expected := err == nil && timestampForm.MatchString(text) && want.UTC().Year() >= 1 && want.UTC().Year() <= 9999 &&
			!strings.HasPrefix(text, "0000")
		if (p == "") != expected {
			t.Fatalf("%q: %s, want accepted %t (%v)", text, p, expected, err)
		}
		if expected && got != want.UnixMicro() {
			t.Errorf("%q: %d, want %d", text, got, want.UnixMicro())
		}
	})
}
