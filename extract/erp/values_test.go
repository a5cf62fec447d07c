package erp

import (
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	nines := "99999999999999999999999999999999999999"
	for _, test := range []struct {
		why, text        string
		precision, scale int32
		want             string
		err              error
	}{
		{"plain", "12.5", 5, 2, "12.50", nil},
		{"sign", "-0.01", 5, 2, "-0.01", nil},
		{"plus", "+7", 5, 2, "7.00", nil},
		{"Oracle omits the zero", "-.5", 5, 2, "-0.50", nil},
		{"leading zeros are no digits", "000012.5", 4, 2, "12.50", nil},
		{"zeros beyond the scale lose nothing", "1.5000", 5, 2, "1.50", nil},
		{"38 digits", nines, 38, 0, nines, nil},
		{"38 digits, negative, all behind the point", "-0." + nines, 38, 38, "-0." + nines, nil},
		{"0.1 is exact, no float knows it", "0.1", 38, 20, "0.10000000000000000000", nil},
		{"a digit beyond the scale", "1.005", 5, 2, "", errScale},
		{"too large", "1000", 5, 2, "", errPrecision},
		{"39 digits", nines + "9", 38, 0, "", errPrecision},
		{"no digits", "-", 5, 2, "", errNotDecimal},
		{"a point alone", ".", 5, 2, "", errNotDecimal},
		{"nothing behind the point", "5.", 5, 2, "", errNotDecimal},
		{"exponent", "1E2", 5, 2, "", errNotDecimal},
		{"thousands", "1,000", 6, 2, "", errNotDecimal},
		{"sign behind, as SAP writes it", "5-", 5, 2, "", errNotDecimal},
		{"space", " 5", 5, 2, "", errNotDecimal},
		{"two signs", "--5", 5, 2, "", errNotDecimal},
		{"other digits", "٣", 5, 2, "", errNotDecimal},
		{"NaN", "NaN", 5, 2, "", errNotDecimal},
	} {
		got, err := parseDecimal([]byte(test.text), '.', test.precision, test.scale)
		if !errors.Is(err, test.err) || err == nil && string(appendDecimal(nil, got, int(test.scale))) != test.want {
			t.Errorf("%s: %q gives %s, %v", test.why, test.text, got.ToString(test.scale), err)
		}
	}
}

// Digits in, digits out: against math/big.
func TestDecimalsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.Int32Range(0, 38).Draw(t, "scale")
		high, low := rapid.Int64().Draw(t, "high"), rapid.Uint64().Draw(t, "low")
		want := decimal128.New(high, low)
		if !want.FitsInPrecision(38) || want == leastDecimal {
			t.Skip("39 digits")
		}
		text := appendDecimal(nil, want, int(scale))
		got, err := parseDecimal(text, '.', 38, scale)
		if err != nil || got != want {
			t.Fatalf("%s: %v, %v", text, got, err)
		}
		rat, ok := new(big.Rat).SetString(string(text))
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
		if !ok || rat.Mul(rat, new(big.Rat).SetInt(power)).Num().Cmp(want.BigInt()) != 0 {
			t.Fatalf("%s is not %v", text, want.BigInt())
		}
	})
}

func TestParseInteger(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want int64
		err  error
	}{
		{"0", 0, nil}, {"-9223372036854775808", -1 << 63, nil}, {"9223372036854775807", 1<<63 - 1, nil}, {"+7", 7, nil}, {"007", 7, nil},
		{"9223372036854775808", 0, errIntegerRange}, {"", 0, errNotInteger}, {"-", 0, errNotInteger}, {"1.0", 0, errNotInteger},
		{"1_000", 0, errNotInteger}, {"0x1", 0, errNotInteger}, {" 1", 0, errNotInteger},
	} {
		if got, err := parseInteger([]byte(test.text)); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%q gives %d, %v", test.text, got, err)
		}
	}
}

// Every day from year 1 to 9999, against package time, and days that the calendar does not have.
func TestParseDate(t *testing.T) {
	t.Parallel()
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; day.Year() < 10_000; day = day.AddDate(0, 0, 13) {
		got, err := parseDate([]byte(day.Format(time.DateOnly)))
		if err != nil || time.Unix(int64(got)*86_400, 0).UTC() != day {
			t.Fatalf("%s gives day %d, %v", day, got, err)
		}
	}
	for _, text := range []string{"", "2023-02-29", "2024-02-30", "2024-13-01", "2024-00-01", "2024-01-00", "2024-1-1", "01/02/2024", "20240101", "2024-01-01 ", "0000-01-01", "２024-01-01", "2024-01-0a"} {
		if got, err := parseDate([]byte(text)); err == nil {
			t.Errorf("%q gives day %d", text, got)
		}
	}
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ why, text, want string }{
		{"RFC 3339", "2024-02-29T12:34:56Z", "2024-02-29T12:34:56Z"},
		{"offset", "2024-02-29T00:30:00+02:00", "2024-02-28T22:30:00Z"},
		{"negative offset", "1969-12-31T23:59:59.999999-00:01", "1970-01-01T00:00:59.999999Z"},
		{"SQL", "2024-02-29 12:34:56", "2024-02-29T12:34:56Z"},
		{"SQL with a fraction", "2024-02-29 12:34:56.120000000", "2024-02-29T12:34:56.12Z"},
		{"no offset", "2024-02-29T12:34:56.5", "2024-02-29T12:34:56.5Z"},
		{"far", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
		{"far by its offset", "9999-12-31T23:59:59.999999+02:00", "9999-12-31T21:59:59.999999Z"},
	} {
		got, err := parseTimestamp([]byte(test.text))
		if text := time.UnixMicro(got).UTC().Format(time.RFC3339Nano); err != nil || text != test.want {
			t.Errorf("%s: %q gives %s, %v", test.why, test.text, text, err)
		}
	}
	for _, text := range []string{"", "2024-02-29", "2024-02-29T24:00:00Z", "2024-02-29T12:60:00Z", "2024-02-29T12:00:60Z", "2024-02-29T1:00:00Z", "2024-02-29T12:00:00.Z",
		"2024-02-29T12:00:00,5Z", "2024-02-29T12:00:00+0200", "2024-02-29T12:00:00+24:00", "2024-02-29T12:00:00 Z", "2024-02-29t12:00:00z", "2024-02-30T12:00:00Z", "2024-02-29T12:00:00.1234567Z",
		"9999-12-31T23:59:59-02:00", "0001-01-01T00:00:00+02:00"} {
		if got, err := parseTimestamp([]byte(text)); err == nil {
			t.Errorf("%q gives %s", text, time.UnixMicro(got).UTC())
		}
	}
	if _, err := parseTimestamp([]byte("2024-02-29T12:00:00.1234567Z")); !errors.Is(err, errFinerThanUS) {
		t.Error(err)
	}
}

func TestParseBoolean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"true": true, "TRUE": true, "t": true, "Yes": true, "y": true, "1": true, "false": false, "F": false, "no": false, "N": false, "0": false} {
		if got, err := parseBoolean([]byte(text)); err != nil || got != want {
			t.Errorf("%q gives %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "ja", "2", "truee", " true", "on"} {
		if _, err := parseBoolean([]byte(text)); err == nil {
			t.Errorf("%q is a boolean", text)
		}
	}
}

func TestIsScientific(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"1.23E+10": true, "5.5E+3": true, "1,23E+10": true, "1E10": false, "1E+10": false, "1.23e+10": false, "12.3E+10": false, "1.23E-10": false,
		"1.23E10": false, "1.E+10": false, "1.23E+": false, "A.23E+10": false, "1.2AE+10": false, "1.23E+1A": false, "": false, "1.2": false, " 1.23E+10": false,
	} {
		if got := isScientific([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"Kunden-Nr", "name ", "customer id", "plz"}
	for wanted, want := range map[string]string{"customer_id": "customer id", "kunden_nr": "Kunden-Nr", "name": "name ", "custmer_id": "customer id", "zip": "", "id": "", "sf_account_id": ""} {
		if got := nearest(wanted, names); got != want {
			t.Errorf("%s: %q, want %q", wanted, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for number, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 2113551: "2,113,551", -1 << 63: "-9,223,372,036,854,775,808"} {
		if got := grouped(number); got != want {
			t.Errorf("%d: %s, want %s", number, got, want)
		}
	}
}
