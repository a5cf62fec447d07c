package pipeline

import (
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want Size
		err  error
		why  string
	}{
		{"512MiB", 512 << 20, nil, "binary"},
		{"1GiB", 1 << 30, nil, "binary"},
		{"2GB", 2e9, nil, "decimal"},
		{"1.5GiB", 3 << 29, nil, "a part"},
		{"0.1KiB", 102, nil, "a part of a byte is dropped"},
		{"1 TiB", 1 << 40, nil, "a space, as people write it"},
		{"0B", 0, nil, "nothing"},
		{"9223372036854775807B", 0, errSize, "more digits than a size has"},
		{"8388608TiB", 0, errTooLarge, "one more than fits"},
		{"8388607TiB", 8388607 << 40, nil, "the most that fits"},
		{"512", 0, errSize, "of what?"},
		{"512mb", 0, errSize, "megabits?"},
		{"512 M", 0, errSize, "which M?"},
		{"-1GiB", 0, errSize, "less than nothing"},
		{"1,5GiB", 0, errSize, "a decimal comma"},
		{"", 0, errSize, "nothing at all"},
		{"1GiB ", 0, errSize, "space behind"},
	} {
		if got, err := parseSize(c.text); got != c.want || err != c.err { //nolint:errorlint // sentinels, as returned
			t.Errorf("%q: %s: got %d and %v, want %d and %v", c.text, c.why, got, err, c.want, c.err)
		}
	}
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want time.Duration
		err  error
		why  string
	}{
		{"36h", 36 * time.Hour, nil, "hours"},
		{"1h30m", 90 * time.Minute, nil, "two units"},
		{"1.5d", 36 * time.Hour, nil, "days have 24 hours"},
		{"2w", 14 * 24 * time.Hour, nil, "weeks"},
		{"250ms", 250 * time.Millisecond, nil, "milliseconds are not minutes"},
		{"0", 0, nil, "nothing has no unit"},
		{"0s", 0, nil, "or any"},
		{"36", 0, errDuration, "of what?"},
		{"36 h", 0, errDuration, "no space"},
		{"-1h", 0, errDuration, "back in time"},
		{"1h30", 0, errDuration, "half a duration"},
		{"1y", 0, errDuration, "years differ"},
		{"1e3s", 0, errDuration, "no exponents"},
		{"", 0, errDuration, "nothing at all"},
		{"15251w", 0, errTooLarge, "more than 292 years"},
		{"9000000000s9000000000s", 0, errTooLarge, "too large as a sum alone"},
	} {
		if got, err := parseDuration(c.text); got != c.want || err != c.err { //nolint:errorlint // sentinels, as returned
			t.Errorf("%q: %s: got %s and %v, want %s and %v", c.text, c.why, got, err, c.want, c.err)
		}
	}
}

func TestUnitsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := Size(rapid.Int64Range(0, 999_999_999_999_999_999).Draw(t, "bytes"))
		if got, err := parseSize(size.String()); err != nil || got != size {
			t.Fatalf("%d bytes print as %s, which is %d bytes (%v)", int64(size), size, int64(got), err)
		}
		duration := time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "nanoseconds"))
		if got, err := parseDuration(duration.String()); err != nil || got != duration {
			t.Fatalf("%s is read as %s (%v)", duration, got, err)
		}
	})
}

func TestUnitsKeepOrder(t *testing.T) {
	t.Parallel()
	units := []string{"B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB"}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(1, 8_000_000).Draw(t, "number")
		previous := Size(0)
		for _, unit := range units {
			size, err := parseSize(strconv.FormatInt(number, 10) + unit)
			if err != nil || size <= previous {
				t.Fatalf("%d%s is %d bytes, the unit before it %d (%v)", number, unit, size, previous, err)
			}
			previous = size
		}
	})
}
