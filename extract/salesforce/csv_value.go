package salesforce

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The three ways a value of a CSV record gets into its column. They are the decoder's inner loop, so they look at eight
// bytes at a time and copy while they look. buf ends in wordBytes zeros behind end.

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
	quotes   = '"' * lowBits
)

// quoteBits has the highest bit of the first byte that is a quote set, and none below it.
func quoteBits(word uint64) uint64 {
	word ^= quotes
	return (word - lowBits) &^ word & highBits
}

// copyQuoted copies the value that begins at pos, behind its opening quote, into the text of the row, eight bytes at a
// time, and returns the place behind its closing quote. What is copied beyond the value is overwritten by the next one.
func (c *column) copyQuoted(row int, buf []byte, pos, end int) (int, problem) {
	begin, start := pos, int(c.offsets[row])
	out, n := c.bytes, start
	var seen uint64 // all bytes of the value, to know plain ASCII
	for {
		if n+wordBytes > len(out) {
			c.grow(n + wordBytes)
			out = c.bytes
		}
		if pos >= end {
			return pos, unfinished
		}
		word := binary.LittleEndian.Uint64(buf[pos:])
		binary.LittleEndian.PutUint64(out[n:], word)
		found := quoteBits(word)
		if found == 0 {
			seen |= word
			pos += wordBytes
			n += wordBytes
			continue
		}
		ahead := bits.TrailingZeros64(found) / 8
		seen |= word & (1<<(8*ahead) - 1)
		pos += ahead + 1
		n += ahead
		if pos >= end {
			return pos, unfinished // whether the quote closes the value is behind the window
		}
		if buf[pos] != '"' {
			break
		}
		pos++
		n++ // the first of the two quotes was copied
	}
	if n == start {
		c.setNull(row)
		return pos, ""
	}
	if seen&highBits != 0 && !utf8.Valid(out[start:n]) {
		return begin, invalidText
	}
	c.offsets[row+1] = int32(n)
	return pos, ""
}

// setQuoted reads the value that begins at pos, behind its opening quote, and returns the place behind its closing
// quote. No value that is not plain text has a quote in it.
func (c *column) setQuoted(row int, buf []byte, pos, end int) (int, problem) {
	start := pos
	for {
		if pos >= end {
			return pos, unfinished
		}
		found := quoteBits(binary.LittleEndian.Uint64(buf[pos:]))
		if found != 0 {
			pos += bits.TrailingZeros64(found) / 8
			break
		}
		pos += wordBytes
	}
	switch {
	case pos+1 >= end:
		return pos, unfinished
	case pos == start:
		c.setNull(row)
		return pos + 1, ""
	}
	if p := c.set(row, buf[start:pos]); p != "" {
		return start, p
	}
	return pos + 1, ""
}

// setUnquoted reads the value from pos to the next comma or line break, and returns the place of that.
func (c *column) setUnquoted(row int, buf []byte, pos, end int) (int, problem) {
	start := pos
	for ; ; pos++ {
		if pos >= end {
			return pos, unfinished
		}
		switch buf[pos] {
		case '"':
			return pos, bareQuote
		case ',', '\n', '\r':
			if pos == start {
				c.setNull(row)
				return pos, ""
			}
			if p := c.set(row, buf[start:pos]); p != "" {
				return start, p
			}
			return pos, ""
		}
	}
}
