package salesforce

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text             string
		precision, scale int
		want             string
		problem          problem
		why              string
	}{
		{"12", 18, 0, "12", "", "plain"},
		{"1988.0", 18, 0, "1988", "", "Java writes doubles with a fraction"},
		{"9.9213206E7", 18, 0, "99213206", "", "Bulk from ten million on"},
		{"1.6147805824397E13", 18, 0, "16147805824397", "", "a customer number"},
		{"1E5", 18, 2, "100000.00", "", "no fraction"},
		{"1e+5", 18, 0, "100000", "", "signed exponent"},
		{"-0.5", 18, 1, "-0.5", "", "negative"},
		{"-0", 18, 0, "0", "", "there is no negative zero"},
		{"-0.0E-40", 18, 2, "0.00", "", "nor a precise one"},
		{"0.1", 18, 1, "0.1", "", "no float between"},
		{"1.0E-5", 18, 5, "0.00001", "", "small"},
		{"12.5000", 18, 2, "12.50", "", "zeros beyond the scale are nothing"},
		{"00123", 18, 0, "123", "", "leading zeros are nothing"},
		{"999999999999999999", 18, 0, "999999999999999999", "", "the largest of 18 digits"},
		{"9223372036854775807", 19, 0, "9223372036854775807", "", "the largest of 63 bits"},
		{"9223372036854775808", 19, 0, "9223372036854775808", "", "one more"},
		{"-99999999999999999999999999999999999999", 38, 0, "-99999999999999999999999999999999999999", "", "the widest"},
		{"1234567890123456789012345678901234567.8", 38, 1, "1234567890123456789012345678901234567.8", "", "with a fraction"},
		{"0.00000000000000000000000000000000000001", 38, 38, "0.00000000000000000000000000000000000001", "", "the smallest"},
		{"1.00000000000000000000000000000000000000000000000000", 18, 0, "1", "", "many zeros"},
		{"1.005", 18, 2, "", tooPrecise, "rounding is changing"},
		{"1E-3", 18, 2, "", tooPrecise, "the same by exponent"},
		{"0.1", 18, 0, "", tooPrecise, "no decimals at all"},
		{"1E-999999999999", 18, 2, "", tooPrecise, "a huge exponent costs nothing"},
		{"1000000000000000000", 18, 0, "", tooLarge, "19 digits"},
		{"12345", 4, 0, "", tooLarge, "beyond the precision"},
		{"100", 4, 2, "", tooLarge, "the decimals count too"},
		{"100000000000000000000000000000000000000", 38, 0, "", tooLarge, "39 digits"},
		{"1E999999999999", 38, 0, "", tooLarge, "a huge exponent costs nothing"},
		{"0E999999999999", 38, 0, "0", "", "zero fits whatever its exponent"},
		{strings.Repeat("9", 200), 38, 0, "", numberTooLong, "bounded"},
		{"", 18, 0, "", notANumber, "nothing"}, {"-", 18, 0, "", notANumber, "sign only"}, {"+1", 18, 0, "", notANumber, "plus"},
		{".5", 18, 1, "", notANumber, "no digit before the point"}, {"5.", 18, 1, "", notANumber, "none behind"},
		{"1,5", 18, 1, "", notANumber, "comma"}, {"1E", 18, 0, "", notANumber, "no exponent"}, {"1E+", 18, 0, "", notANumber, "no exponent"},
		{"1E1.5", 18, 0, "", notANumber, "broken exponent"}, {"0x1F", 18, 0, "", notANumber, "hexadecimal"}, {"1_000", 18, 0, "", notANumber, "Go's own"},
		{"NaN", 18, 0, "", notANumber, "Java's"}, {"Infinity", 18, 0, "", notANumber, "Java's"}, {" 1", 18, 0, "", notANumber, "space"}, {"1 ", 18, 0, "", notANumber, "space"},
	} {
		got, p := parseDecimal([]byte(c.text), c.precision, c.scale)
		if p != c.problem {
			t.Errorf("%q as decimal(%d,%d): %q, want %q: %s", c.text, c.precision, c.scale, p, c.problem, c.why)
			continue
		}
		if text := string(appendDecimal(nil, got, c.scale)); p == "" && text != c.want {
			t.Errorf("%q as decimal(%d,%d) is %s, want %s: %s", c.text, c.precision, c.scale, text, c.want, c.why)
		}
	}
}

func TestParseInteger(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		size    int
		want    int64
		problem problem
	}{
		{"12", 32, 12, ""}, {"12.0", 32, 12, ""}, {"1.2E1", 32, 12, ""}, {"-2147483648", 32, -1 << 31, ""}, {"2147483647", 32, 1<<31 - 1, ""},
		{"2147483648", 32, 0, outOfRange}, {"-2147483649", 32, 0, outOfRange}, {"4294967296", 32, 0, outOfRange},
		{"9223372036854775807", 64, 1<<63 - 1, ""}, {"-9223372036854775808", 64, -1 << 63, ""}, {"9223372036854775808", 64, 0, outOfRange},
		{"18446744073709551616", 64, 0, outOfRange}, {"1E60", 64, 0, outOfRange}, {"1.5", 32, 0, notWhole}, {"x", 32, 0, notANumber},
	} {
		got, p := parseInteger([]byte(c.text), c.size)
		if p != c.problem || p == "" && got != c.want {
			t.Errorf("%s in %d bits: %d, %q, want %d, %q", c.text, c.size, got, p, c.want, c.problem)
		}
	}
}

// Whatever a decimal is, its text reads back as the same decimal, also in Java's spelling.
func TestDecimalRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.IntRange(0, 38).Draw(t, "scale")
		digits := rapid.StringMatching(`-?[1-9][0-9]{0,37}`).Draw(t, "digits")
		value, _ := new(big.Int).SetString(digits, 10)
		want := decimal128.FromBigInt(value)
		plain := appendDecimal(nil, want, scale)
		if got, p := parseDecimal(plain, 38, scale); p != "" || got != want {
			t.Fatalf("%s: %s, %s", plain, got.BigInt(), p)
		}
		java := fmt.Sprintf("%sE%d", digits, -scale)
		if got, p := parseDecimal([]byte(java), 38, scale); p != "" || got != want {
			t.Fatalf("%s: %s, %s", java, got.BigInt(), p)
		}
	})
}

var numberForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

// FuzzDecimal compares with math/big.
func FuzzDecimal(f *testing.F) {
	for _, text := range []string{"12", "1988.0", "9.9213206E7", "1.6147805824397E13", "-0.5", "1E5", "0.1", "-0.0", "1E-3",
		"99999999999999999999999999999999999999", "123456789012345678.90", "1e400", "00.10"} {
		f.Add(text, uint8(18), uint8(2))
	}
	f.Fuzz(func(t *testing.T, text string, precision, scale uint8) {
		precision = precision%38 + 1
		scale %= precision + 1
		got, p := parseDecimal([]byte(text), int(precision), int(scale))
		if len(text) > maxNumberBytes {
			if p != numberTooLong {
				t.Fatalf("%q: %q", text, p)
			}
			return
		}
		if !numberForm.MatchString(text) {
			if p == "" && !regexp.MustCompile(`[eE][+-]?[0-9]{4,}$`).MatchString(text) {
				t.Fatalf("%q: accepted", text)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q: not a number to math/big", text)
		}
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
		exact.Mul(exact, new(big.Rat).SetInt(power))
		limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
		switch {
		case !exact.IsInt():
			if p != tooPrecise {
				t.Fatalf("%q as decimal(%d,%d): %q, want %q", text, precision, scale, p, tooPrecise)
			}
		case new(big.Int).Abs(exact.Num()).Cmp(limit) >= 0:
			if p != tooLarge {
				t.Fatalf("%q as decimal(%d,%d): %q, want %q", text, precision, scale, p, tooLarge)
			}
		case p != "" || got.BigInt().Cmp(exact.Num()) != 0:
			t.Fatalf("%q as decimal(%d,%d): %s, %q, want %s", text, precision, scale, got.BigInt(), p, exact.Num())
		}
	})
}
