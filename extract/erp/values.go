package erp

import (
	"bytes"
	"errors"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// What may be wrong with a typed value. They never hold the value.
var (
	errNotDecimal   = errors.New("not a decimal number")
	errScale        = errors.New("more digits behind the point than the type has")
	errPrecision    = errors.New("more digits before the point than the type has")
	errNotInteger   = errors.New("not an integer")
	errIntegerRange = errors.New("an integer beyond 64 bits")
	errNotDate      = errors.New("not a date of the form YYYY-MM-DD")
	errNotTimestamp = errors.New("not a timestamp of RFC 3339 or the form YYYY-MM-DD HH:MM:SS")
	errFinerThanUS  = errors.New("a timestamp finer than a microsecond")
	errNotBoolean   = errors.New("not a boolean: true or false, t or f, yes or no, y or n, 1 or 0")
)

// parseDecimal reads [+-]digits[point digits] exactly, without a float in between. Zeros beyond the scale are no
// digits of the value and pass; any other digit there is errScale.
func parseDecimal(text []byte, point byte, precision, scale int32) (decimal128.Num, error) {
	negative, text := sign(text)
	whole, fraction, pointed := bytes.Cut(text, []byte{point})
	if !digits(whole) || !digits(fraction) || len(whole)+len(fraction) == 0 || pointed && len(fraction) == 0 {
		return decimal128.Num{}, errNotDecimal
	}
	whole = bytes.TrimLeft(whole, "0")
	fraction = bytes.TrimRight(fraction, "0")
	switch {
	case len(fraction) > int(scale):
		return decimal128.Num{}, errScale
	case len(whole) > int(precision-scale):
		return decimal128.Num{}, errPrecision
	}
	var high, low uint64 // at most 38 digits, below 2^127
	for _, digit := range whole {
		high, low = timesTen(high, low, uint64(digit-'0'))
	}
	for _, digit := range fraction {
		high, low = timesTen(high, low, uint64(digit-'0'))
	}
	for range int(scale) - len(fraction) {
		high, low = timesTen(high, low, 0)
	}
	number := decimal128.New(int64(high), low)
	if negative {
		return number.Negate(), nil
	}
	return number, nil
}

func sign(text []byte) (negative bool, rest []byte) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		return text[0] == '-', text[1:]
	}
	return false, text
}

func digits(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

func timesTen(high, low, digit uint64) (uint64, uint64) {
	carried, low := bits.Mul64(low, 10)
	low, carry := bits.Add64(low, digit, 0)
	return high*10 + carried + carry, low
}

// parseInteger reads [+-]digits of at most 64 bits.
func parseInteger(text []byte) (int64, error) {
	if _, rest := sign(text); len(rest) == 0 || !digits(rest) {
		return 0, errNotInteger
	}
	number, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, errIntegerRange
	}
	return number, nil
}

// parseDate gives the days since 1970-01-01 of a day that the calendar has.
func parseDate(text []byte) (int32, error) {
	if len(text) != len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return 0, errNotDate
	}
	year, okYear := number(text[:4])
	month, okMonth := number(text[5:7])
	day, okDay := number(text[8:])
	if !okYear || !okMonth || !okDay || year == 0 || month < 1 || month > 12 || day < 1 {
		return 0, errNotDate
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if date.Day() != day { // the 30th of February is the 1st or 2nd of March
		return 0, errNotDate
	}
	return int32(date.Unix() / (24 * 60 * 60)), nil // midnight in UTC: without a rest, before 1970 too
}

func number(text []byte) (int, bool) {
	value := 0
	for _, b := range text {
		if b < '0' || b > '9' {
			return 0, false
		}
		value = value*10 + int(b-'0')
	}
	return value, len(text) > 0
}

// parseTimestamp gives microseconds since 1970-01-01T00:00:00Z. Without an offset the time is UTC.
func parseTimestamp(text []byte) (int64, error) {
	if len(text) < len("2006-01-02T15:04:05") || text[10] != 'T' && text[10] != ' ' || text[13] != ':' || text[16] != ':' {
		return 0, errNotTimestamp
	}
	days, err := parseDate(text[:10])
	hour, okHour := number(text[11:13])
	minute, okMinute := number(text[14:16])
	second, okSecond := number(text[17:19])
	if err != nil || !okHour || !okMinute || !okSecond || hour > 23 || minute > 59 || second > 59 {
		return 0, errNotTimestamp
	}
	micros, rest, err := parseFraction(text[19:])
	if err != nil {
		return 0, err
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return 0, errNotTimestamp
	}
	seconds := int64(days)*86_400 + int64(hour)*3600 + int64(minute)*60 + int64(second) - offset
	moment := seconds*1_000_000 + micros
	if moment < firstDay*microsPerDay || moment >= (lastDay+1)*microsPerDay { // where the offset leads out of the years
		return 0, errNotTimestamp
	}
	return moment, nil
}

func parseFraction(text []byte) (micros int64, rest []byte, err error) {
	if len(text) == 0 || text[0] != '.' {
		return 0, text, nil
	}
	end := 1
	for unit := int64(100_000); end < len(text) && text[end] >= '0' && text[end] <= '9'; end++ {
		if unit == 0 && text[end] != '0' {
			return 0, nil, errFinerThanUS
		}
		micros += int64(text[end]-'0') * unit
		unit /= 10
	}
	if end == 1 {
		return 0, nil, errNotTimestamp
	}
	return micros, text[end:], nil
}

// parseOffset reads nothing, Z or ±HH:MM as seconds east of UTC.
func parseOffset(text []byte) (int64, bool) {
	if len(text) == 0 || len(text) == 1 && text[0] == 'Z' {
		return 0, true
	}
	if len(text) != len("+00:00") || text[3] != ':' || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	hour, okHour := number(text[1:3])
	minute, okMinute := number(text[4:])
	offset := int64(hour)*3600 + int64(minute)*60
	if text[0] == '-' {
		offset = -offset
	}
	return offset, okHour && okMinute && hour <= 23 && minute <= 59
}

func parseBoolean(text []byte) (bool, error) {
	switch strings.ToLower(string(text)) {
	case "true", "t", "yes", "y", "1":
		return true, nil
	case "false", "f", "no", "n", "0":
		return false, nil
	}
	return false, errNotBoolean
}

// isScientific tells what a spreadsheet leaves of a long number, 1.23E+10 or 1,23E+10, whose digits are lost. 1E10 may
// be an identifier and is none of these.
func isScientific(text []byte) bool {
	if len(text) < len("1.2E+3") || text[1] != '.' && text[1] != ',' || !digits(text[:1]) {
		return false
	}
	mantissa, exponent, found := bytes.Cut(text[2:], []byte("E+"))
	return found && len(mantissa) > 0 && len(exponent) > 0 && digits(mantissa) && digits(exponent)
}
