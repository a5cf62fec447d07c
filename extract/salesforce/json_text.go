package salesforce

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds nesting. A query answer has a record in a list in the page, and five parents above it at most.
const maxJSONDepth = 64

const (
	notJSON        problem = "not JSON"
	tooDeep        problem = "JSON nested too deep"
	repeatedKey    problem = "JSON object with a repeated key"
	loneSurrogate  problem = "text with half of a surrogate pair"
	controlInText  problem = "control character in JSON text"
	unknownEscape  problem = "unknown escape in JSON text"
	scalarExpected problem = "object or list where a value is expected"
)

// jsonText reads strict JSON (RFC 8259) from memory. encoding/json would replace invalid UTF-8 and lone surrogates
// without a word, and take the last of repeated keys; here all three are problems. Its tokens would also cost an
// allocation each.
type jsonText struct {
	bytes   []byte // wordBytes zeros stand behind end
	pos     int
	end     int
	unquote []byte // the last text that had escapes
	escaped bool   // whether the last text is in unquote
}

// peek skips white space and shows the next byte; 0 at the end.
func (t *jsonText) peek() byte {
	for t.pos < t.end {
		switch c := t.bytes[t.pos]; c {
		case ' ', '\t', '\n', '\r':
			t.pos++
		default:
			return c
		}
	}
	return 0
}

// take skips white space and c, and tells whether c was there.
func (t *jsonText) take(c byte) bool {
	if t.peek() != c || t.pos >= t.end {
		return false
	}
	t.pos++
	return true
}

func (t *jsonText) literal(word string) problem {
	rest := t.bytes[t.pos:t.end]
	if len(rest) < len(word) && word[:len(rest)] == string(rest) {
		return t.short()
	}
	if !bytes.HasPrefix(rest, []byte(word)) {
		return notJSON
	}
	t.pos += len(word)
	return ""
}

// short is the problem of a page that ended too early.
func (t *jsonText) short() problem {
	t.pos = t.end
	return notJSON
}

// unless is p, unless the page ended where something else was expected.
func (t *jsonText) unless(p problem) problem {
	if t.pos >= t.end {
		return notJSON
	}
	return p
}

// number is the text of the number at pos. Something follows it, since it stands in an object or a list.
func (t *jsonText) number() ([]byte, problem) {
	start := t.pos
	if t.bytes[t.pos] == '-' {
		t.pos++
	}
	zero := t.bytes[t.pos] == '0'
	if n := t.digits(); n == 0 || zero && n > 1 {
		return nil, notJSON
	}
	if t.bytes[t.pos] == '.' {
		t.pos++
		if t.digits() == 0 {
			return nil, notJSON
		}
	}
	if t.bytes[t.pos]|0x20 == 'e' {
		t.pos++
		if c := t.bytes[t.pos]; c == '+' || c == '-' {
			t.pos++
		}
		if t.digits() == 0 {
			return nil, notJSON
		}
	}
	return t.bytes[start:t.pos], t.unless("")
}

func (t *jsonText) digits() (n int) {
	for t.bytes[t.pos]-'0' <= 9 { // the zeros behind the end are no digits
		t.pos++
		n++
	}
	return n
}

// text is the string at pos. It stays good until the next call.
func (t *jsonText) text() ([]byte, problem) {
	if !t.take('"') {
		return nil, notJSON
	}
	start := t.pos
	t.escaped = false
	foreign := t.plain()
	for t.pos < t.end && t.bytes[t.pos] == '\\' {
		if !t.escaped {
			t.escaped, t.unquote = true, t.unquote[:0]
		}
		t.unquote = append(t.unquote, t.bytes[start:t.pos]...)
		if p := t.escape(); p != "" {
			return nil, p
		}
		start = t.pos
		foreign = t.plain() || foreign
	}
	if t.pos >= t.end {
		return nil, notJSON
	}
	if t.bytes[t.pos] != '"' {
		return nil, controlInText
	}
	value := t.bytes[start:t.pos]
	t.pos++
	if t.escaped {
		t.unquote = append(t.unquote, value...)
		value = t.unquote
	}
	if foreign && !utf8.Valid(value) {
		return nil, invalidText
	}
	return value, ""
}

// plain goes to the next quote, backslash or control character, and tells whether it passed bytes beyond ASCII.
func (t *jsonText) plain() bool {
	var seen uint64
	for t.pos < t.end {
		word := binary.LittleEndian.Uint64(t.bytes[t.pos:])
		backslash := word ^ '\\'*lowBits
		found := quoteBits(word) | (backslash-lowBits)&^backslash&highBits | (word-' '*lowBits)&^word&highBits
		if found != 0 {
			ahead := bits.TrailingZeros64(found) / 8
			t.pos = min(t.pos+ahead, t.end)
			return (seen|word&(1<<(8*ahead)-1))&highBits != 0
		}
		seen |= word
		t.pos += wordBytes
	}
	t.pos = t.end
	return seen&highBits != 0
}

// escape decodes the escape at pos into unquote.
func (t *jsonText) escape() problem {
	const escapes, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if at := strings.IndexByte(escapes, t.bytes[t.pos+1]); at >= 0 {
		t.unquote = append(t.unquote, meanings[at])
		t.pos += 2
		return ""
	}
	if rest := t.bytes[t.pos:t.end]; len(rest) < 2*len(`\uXXXX`) && bytes.IndexByte(rest, '"') < 0 {
		return t.short()
	}
	unit, ok := t.codeUnit()
	if !ok {
		return unknownEscape
	}
	if utf16.IsSurrogate(unit) {
		second, ok := t.codeUnit()
		if unit = utf16.DecodeRune(unit, second); !ok || unit == utf8.RuneError {
			return loneSurrogate
		}
	}
	t.unquote = utf8.AppendRune(t.unquote, unit)
	return ""
}

// codeUnit reads \uXXXX.
func (t *jsonText) codeUnit() (unit rune, ok bool) {
	if t.end-t.pos < len(`\uXXXX`) || t.bytes[t.pos] != '\\' || t.bytes[t.pos+1] != 'u' {
		return 0, false
	}
	for _, c := range t.bytes[t.pos+2 : t.pos+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	t.pos += len(`\uXXXX`)
	return unit, true
}

// object reads the object at pos: member is called behind each key's colon, and leaves pos behind the value. The key
// stays good until member returns or reads a text.
func (t *jsonText) object(member func(key []byte) problem) problem {
	if !t.take('{') {
		return notJSON
	}
	if t.take('}') {
		return ""
	}
	for {
		if t.peek() != '"' {
			return notJSON
		}
		key, p := t.text()
		if p == "" && !t.take(':') {
			p = notJSON
		}
		if p == "" {
			p = member(key)
		}
		switch {
		case p != "":
			return p
		case t.take('}'):
			return ""
		case !t.take(','):
			return notJSON
		}
	}
}

// list reads the list at pos: element is called at each value.
func (t *jsonText) list(element func() problem) problem {
	if !t.take('[') {
		return notJSON
	}
	if t.take(']') {
		return ""
	}
	for {
		if p := element(); p != "" {
			return p
		}
		if t.take(']') {
			return ""
		}
		if !t.take(',') {
			return notJSON
		}
	}
}

// skip passes over a value, which is checked like any other.
func (t *jsonText) skip(depth int) problem {
	if depth > maxJSONDepth {
		return tooDeep
	}
	switch c := t.peek(); c {
	case '{':
		var keys keySet
		return t.object(func(key []byte) problem {
			if !keys.add(key) {
				return repeatedKey
			}
			return t.skip(depth + 1)
		})
	case '[':
		return t.list(func() problem { return t.skip(depth + 1) })
	case '"':
		_, p := t.text()
		return p
	default:
		return t.scalar(c)
	}
}

func (t *jsonText) scalar(c byte) problem {
	switch {
	case c == 'n':
		return t.literal("null")
	case c == 't':
		return t.literal("true")
	case c == 'f':
		return t.literal("false")
	case c == '-' || c >= '0' && c <= '9':
		_, p := t.number()
		return p
	default:
		return notJSON
	}
}

// keySet knows the keys of one object. Few of them, as in every record's attributes, take no allocation but their text.
type keySet struct {
	few  [8]string
	n    int
	many map[string]bool
}

// add tells whether the key is new.
func (k *keySet) add(key []byte) bool {
	for _, known := range k.few[:min(k.n, len(k.few))] {
		if known == string(key) {
			return false
		}
	}
	if k.n < len(k.few) {
		k.few[k.n] = string(key)
		k.n++
		return true
	}
	if k.many == nil {
		k.many = map[string]bool{}
	}
	if k.many[string(key)] {
		return false
	}
	k.many[string(key)] = true
	return true
}
