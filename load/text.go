package load

import (
	"math/big"
	"strconv"
	"time"
)

// This file renders Parquet's physical values as the text that the CSV file promises. It is written apart from the
// SQL that makes the CSV file, so that agreement of the two is evidence.

// appendDecimal writes an unscaled integer with its full scale: 5 at scale 2 is 0.05.
func appendDecimal(dst []byte, unscaled int64, scale int) []byte {
	var digits [20]byte
	magnitude := uint64(unscaled)
	if unscaled < 0 {
		dst = append(dst, '-')
		magnitude = -magnitude
	}
	return appendScaled(dst, strconv.AppendUint(digits[:0], magnitude, 10), scale)
}

// appendWideDecimal does the same for a big-endian two's complement integer of any width.
func appendWideDecimal(dst, unscaled []byte, scale int) []byte {
	value := new(big.Int).SetBytes(unscaled)
	if len(unscaled) > 0 && unscaled[0]&0x80 != 0 {
		value.Sub(value, new(big.Int).Lsh(big.NewInt(1), uint(8*len(unscaled))))
	}
	if value.Sign() < 0 {
		dst = append(dst, '-')
		value.Neg(value)
	}
	return appendScaled(dst, value.Append(nil, 10), scale)
}

func appendScaled(dst, digits []byte, scale int) []byte {
	if scale == 0 {
		return append(dst, digits...)
	}
	whole := len(digits) - scale
	if whole <= 0 {
		dst = append(dst, '0', '.')
		for range -whole {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[:whole]...)
	dst = append(dst, '.')
	return append(dst, digits[whole:]...)
}

const (
	secondsPerDay   = 24 * 60 * 60
	microsPerSecond = 1_000_000
)

// appendDate writes days since 1970-01-01. Years before the common era are counted and marked as DuckDB does it.
func appendDate(dst []byte, days int32) []byte {
	year, month, day := time.Unix(int64(days)*secondsPerDay, 0).UTC().Date()
	if year > 0 {
		return appendCalendar(dst, year, month, day)
	}
	return append(appendCalendar(dst, 1-year, month, day), " (BC)"...)
}

// appendTimestamp writes microseconds since 1970-01-01T00:00:00Z, with a fraction only where there is one.
func appendTimestamp(dst []byte, micros int64) []byte {
	seconds, fraction := micros/microsPerSecond, micros%microsPerSecond
	if fraction < 0 {
		seconds, fraction = seconds-1, fraction+microsPerSecond
	}
	moment := time.Unix(seconds, 0).UTC()
	year, month, day := moment.Date()
	hour, minute, second := moment.Clock()
	dst = append(appendCalendar(dst, year, month, day), 'T')
	return append(appendClock(dst, hour, minute, second, fraction), 'Z')
}

// appendTime writes microseconds since midnight.
func appendTime(dst []byte, micros int64) []byte {
	seconds := int(micros / microsPerSecond)
	return appendClock(dst, seconds/3600%24, seconds/60%60, seconds%60, micros%microsPerSecond)
}

func appendCalendar(dst []byte, year int, month time.Month, day int) []byte {
	if year >= 0 && year < 10_000 {
		dst = appendTwo(appendTwo(dst, year/100), year%100)
	} else {
		dst = strconv.AppendInt(dst, int64(year), 10)
	}
	return appendTwo(append(appendTwo(append(dst, '-'), int(month)), '-'), day)
}

func appendClock(dst []byte, hour, minute, second int, micros int64) []byte {
	dst = appendTwo(append(appendTwo(append(appendTwo(dst, hour), ':'), minute), ':'), second)
	if micros == 0 {
		return dst
	}
	millis := int(micros / 1000)
	dst = append(dst, '.', byte('0'+millis/100))
	dst = appendTwo(dst, millis%100)
	if rest := int(micros % 1000); rest != 0 {
		dst = appendTwo(append(dst, byte('0'+rest/100)), rest%100)
	}
	return dst
}

func appendTwo(dst []byte, number int) []byte {
	return append(dst, byte('0'+number/10), byte('0'+number%10))
}
