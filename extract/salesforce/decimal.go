package salesforce

import (
	"math/big"
	"math/bits"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// problem is what is wrong with a value, in words that never carry the value. The empty problem is none.
type problem string

const (
	notANumber    problem = "not a number"
	numberTooLong problem = "number of more digits than any field has"
	tooPrecise    problem = "number with more decimals than the describe's scale"
	tooLarge      problem = "number with more digits than the describe's precision"
	notWhole      problem = "not a whole number"
	outOfRange    problem = "whole number beyond the range of its type"
)

// Numbers are decimal text from the first byte to the last and never pass through a float. Salesforce writes doubles as
// Java does: 1988.0, and 9.9213206E7 from ten million on.

const (
	maxNumberBytes = 128 // Java's longest double has 24
	maxExponent    = 999 // beyond it only a zero fits any field
)

var tens = func() (t [20]uint64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = t[i-1] * 10
	}
	return t
}()

// number is a parsed decimal: sign, the digits as an integer, and the power of ten to multiply it with.
type number struct {
	negative bool
	mantissa uint64
	long     bool // the digits did not fit in mantissa
	power    int
}

// parseNumber reads a JSON number, or one with leading zeros.
func parseNumber(text []byte) (n number, p problem) {
	if len(text) > maxNumberBytes {
		return n, numberTooLong
	}
	i := 0
	if len(text) > 0 && text[0] == '-' {
		n.negative = true
		i = 1
	}
	start := i
	i = n.digits(text, i)
	if i == start {
		return n, notANumber
	}
	if i < len(text) && text[i] == '.' {
		start = i + 1
		i = n.digits(text, start)
		if i == start {
			return n, notANumber
		}
		n.power = start - i
	}
	if i < len(text) {
		return n, n.exponent(text[i:])
	}
	return n, ""
}

// digits takes the digits at i into the mantissa and returns where they end.
func (n *number) digits(text []byte, i int) int {
	for ; i < len(text); i++ {
		digit := text[i] - '0'
		if digit > 9 {
			break
		}
		if n.mantissa > (1<<63)/10 {
			n.long = true
			continue
		}
		n.mantissa = n.mantissa*10 + uint64(digit)
	}
	return i
}

func (n *number) exponent(text []byte) problem {
	if text[0]|0x20 != 'e' {
		return notANumber
	}
	text = text[1:]
	negative := false
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		negative = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 {
		return notANumber
	}
	power := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return notANumber
		}
		power = min(power*10+int(c-'0'), maxExponent)
	}
	if negative {
		power = -power
	}
	n.power += power
	return ""
}

// parseDecimal is the number in text times ten to the scale, as an Arrow decimal stores it. It refuses a digit other
// than zero beyond the scale, and more digits than the precision.
func parseDecimal(text []byte, precision, scale int) (decimal128.Num, problem) {
	n, p := parseNumber(text)
	if p != "" {
		return decimal128.Num{}, p
	}
	shift := n.power + scale
	if n.long || shift >= len(tens) || -shift >= len(tens) {
		return n.widen(text, precision, shift)
	}
	value := n.mantissa
	if shift >= 0 {
		high, low := bits.Mul64(value, tens[shift])
		if high != 0 || low > 1<<63-1 {
			return n.widen(text, precision, shift)
		}
		value = low
	} else {
		quotient := value / tens[-shift]
		if quotient*tens[-shift] != value {
			return decimal128.Num{}, tooPrecise
		}
		value = quotient
	}
	if precision < len(tens) && value >= tens[precision] {
		return decimal128.Num{}, tooLarge
	}
	if n.negative {
		return decimal128.FromI64(-int64(value)), ""
	}
	return decimal128.FromI64(int64(value)), ""
}

// widen is the slow way, for what does not fit in 64 bits.
func (n number) widen(text []byte, precision, shift int) (decimal128.Num, problem) {
	value := big.NewInt(0)
	if n.long {
		value.SetString(string(onlyDigits(text)), 10)
	} else {
		value.SetUint64(n.mantissa)
	}
	if value.Sign() == 0 {
		return decimal128.Num{}, ""
	}
	factor := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		value.Mul(value, factor)
	} else {
		rest := new(big.Int)
		if value.QuoRem(value, factor, rest); rest.Sign() != 0 {
			return decimal128.Num{}, tooPrecise
		}
	}
	if limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil); value.Cmp(limit) >= 0 {
		return decimal128.Num{}, tooLarge
	}
	if n.negative {
		value.Neg(value)
	}
	return decimal128.FromBigInt(value), ""
}

// onlyDigits is the text before its exponent, without sign and point.
func onlyDigits(text []byte) []byte {
	var digits []byte
	for _, c := range text {
		if c|0x20 == 'e' {
			break
		}
		if c >= '0' && c <= '9' {
			digits = append(digits, c)
		}
	}
	return digits
}

// appendDecimal writes an unscaled decimal with exactly scale decimals: 99213206 at scale 0, 12.50 at scale 2.
// It never writes an exponent or a negative zero.
func appendDecimal(to []byte, unscaled decimal128.Num, scale int) []byte {
	digits := unscaled.BigInt().Append(nil, 10)
	if digits[0] == '-' {
		to = append(to, '-')
		digits = digits[1:]
	}
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = slices.Concat(slices.Repeat([]byte{'0'}, missing), digits)
	}
	point := len(digits) - scale
	to = append(to, digits[:point]...)
	if scale == 0 {
		return to
	}
	to = append(to, '.')
	return append(to, digits[point:]...)
}

// parseInteger reads a whole number of at most size bits, 32 or 64. 12.0 and 1.2E1 are 12.
func parseInteger(text []byte, size int) (int64, problem) {
	unscaled, p := parseDecimal(text, maxDecimalDigits, 0)
	if p == tooPrecise {
		return 0, notWhole
	}
	value := int64(unscaled.LowBits())
	fits := unscaled == decimal128.FromI64(value) && (size == 64 || value == int64(int32(value)))
	if p == tooLarge || p == "" && !fits {
		return 0, outOfRange
	}
	return value, p
}
