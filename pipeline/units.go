package pipeline

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"time"
)

// Size is a number of bytes.
type Size int64

var (
	sizeText     = regexp.MustCompile(`^([0-9]{1,18}(?:\.[0-9]{1,9})?) ?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$`)
	durationText = regexp.MustCompile(`^(?:[0-9]{1,18}(?:\.[0-9]{1,18})?(?:ns|us|µs|ms|s|m|h|d|w))+$`)
	durationPart = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h|d|w)`)

	sizeUnits = map[string]int64{
		"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}
	durationUnits = map[string]int64{
		"ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 24 * 3600e9, "w": 7 * 24 * 3600e9,
	}

	errSize     = errors.New("want a number with a unit: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024), such as 512MiB")
	errDuration = errors.New("want a number with a unit: ms, s, m, h, d, w, such as 36h, 90m or 1h30m")
	errTooLarge = errors.New("too large")
)

// String is the size in the largest binary unit that leaves no remainder, such as 512MiB or 1000B.
func (s Size) String() string {
	for _, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if factor := sizeUnits[unit]; s != 0 && int64(s)%factor == 0 {
			return strconv.FormatInt(int64(s)/factor, 10) + unit
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// parseSize reads 512MiB, 1.5GiB or 2GB. A part of a byte is dropped. The unit is never left out: nobody knows what
// 512 is.
func parseSize(text string) (Size, error) {
	parts := sizeText.FindStringSubmatch(text)
	if parts == nil {
		return 0, errSize
	}
	bytes, ok := multiply(parts[1], sizeUnits[parts[2]])
	if !ok {
		return 0, errTooLarge
	}
	return Size(bytes), nil
}

// parseDuration reads 36h, 1h30m, 1.5d, and 0, which needs no unit.
func parseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	if !durationText.MatchString(text) {
		return 0, errDuration
	}
	var sum int64
	for _, part := range durationPart.FindAllStringSubmatch(text, -1) {
		nanoseconds, ok := multiply(part[1], durationUnits[part[2]])
		if !ok || nanoseconds > math.MaxInt64-sum {
			return 0, errTooLarge
		}
		sum += nanoseconds
	}
	return time.Duration(sum), nil
}

// multiply is number x factor, rounded down, without a float in between.
func multiply(number string, factor int64) (int64, bool) {
	product, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, false
	}
	product.Mul(product, new(big.Rat).SetInt64(factor))
	whole := new(big.Int).Quo(product.Num(), product.Denom())
	return whole.Int64(), whole.IsInt64()
}
