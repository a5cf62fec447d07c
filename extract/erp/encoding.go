package erp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

type encoding int

const (
	detected    encoding = iota // UTF-8, or what the byte order mark says
	utf8Text                    // RFC 3629
	utf16Marked                 // the byte order mark is required (RFC 2781, 3.2)
	utf16Little
	utf16Big
	latin1 // ISO 8859-1, without its control characters
	windows1252
)

func parseEncoding(name string) (encoding, bool) {
	known := map[string]encoding{
		"": detected, "auto": detected, "utf-8": utf8Text, "utf8": utf8Text,
		"utf-16": utf16Marked, "utf16": utf16Marked, "utf-16le": utf16Little, "utf-16be": utf16Big,
		"latin-1": latin1, "latin1": latin1, "iso-8859-1": latin1, "windows-1252": windows1252, "cp1252": windows1252,
	}
	found, ok := known[strings.ToLower(name)]
	return found, ok
}

// mark is a byte order mark; the longest come first.
type mark struct {
	bytes    string
	name     string
	encoding encoding
}

var marks = [...]mark{
	{"\xff\xfe\x00\x00", "UTF-32", -1},
	{"\x00\x00\xfe\xff", "UTF-32", -1},
	{"\xef\xbb\xbf", "UTF-8", utf8Text},
	{"\xff\xfe", "UTF-16 (little endian)", utf16Little},
	{"\xfe\xff", "UTF-16 (big endian)", utf16Big},
}

// decodeText resolves the encoding by byte order mark and configuration and gives UTF-8. skipped are the bytes of the
// mark, where offsets still count them.
func decodeText(plan *plan, content *decompressed) (text io.Reader, skipped int64, err error) {
	buffered := bufio.NewReaderSize(content, readAhead)
	head, err := buffered.Peek(4)
	if err != nil && err != io.EOF { //nolint:errorlint // decompressed returns io.EOF itself
		return nil, 0, err
	}
	resolved := plan.encoding
	if found, ok := markOf(head); ok {
		if resolved, err = agree(plan, found); err != nil {
			return nil, 0, err
		}
		skipped = int64(len(found.bytes))
		_, _ = buffered.Discard(len(found.bytes)) // they were peeked
	}
	switch resolved {
	case utf16Marked:
		return nil, 0, plan.problem("no byte order mark, and erp.source.encoding utf-16 needs one", "set erp.source.encoding to utf-16le or utf-16be")
	case utf16Little:
		return &utf16Reader{from: buffered, order: binary.LittleEndian}, 0, nil
	case utf16Big:
		return &utf16Reader{from: buffered, order: binary.BigEndian}, 0, nil
	case latin1:
		return newTableReader(buffered, "ISO 8859-1 (is it windows-1252?)", latin1Rune), 0, nil
	case windows1252:
		return newTableReader(buffered, "windows-1252", windows1252Rune), 0, nil
	}
	return buffered, skipped, nil
}

func markOf(head []byte) (mark, bool) {
	for _, known := range marks {
		if strings.HasPrefix(string(head), known.bytes) {
			return known, true
		}
	}
	return mark{}, false
}

// agree refuses a file whose mark says another encoding than the configuration.
func agree(plan *plan, found mark) (encoding, error) {
	configured := plan.encoding
	isUTF16 := found.encoding == utf16Little || found.encoding == utf16Big
	switch {
	case found.encoding < 0:
		return 0, plan.problem("the byte order mark says UTF-32", "export it as UTF-8")
	case configured == detected, configured == found.encoding, configured == utf16Marked && isUTF16:
		return found.encoding, nil
	}
	return 0, plan.problem("the byte order mark says "+found.name+", erp.source.encoding is "+plan.Encoding, "set erp.source.encoding to auto")
}

// badText is text that is not valid in its encoding. The record reader adds the place.
type badText struct{ what, advice string }

// Error says what is wrong with the text.
func (b *badText) Error() string { return b.what }

// tableReader turns a single-byte encoding into UTF-8. A byte that the encoding does not define is a *badText, after
// everything before it was given.
type tableReader struct {
	from    io.Reader
	name    string
	table   [256][]byte
	input   []byte
	pending []byte
	err     error
}

func newTableReader(from io.Reader, name string, decode func(byte) rune) *tableReader {
	reader := &tableReader{from: from, name: name, input: make([]byte, readAhead/4)}
	for i := range reader.table {
		if r := decode(byte(i)); r >= 0 {
			reader.table[i] = utf8.AppendRune(nil, r)
		}
	}
	return reader
}

// latin1Rune has no C1 controls: nobody exports them, and where they appear the file is windows-1252.
func latin1Rune(b byte) rune {
	if b >= 0x80 && b < 0xa0 {
		return -1
	}
	return rune(b)
}

func windows1252Rune(b byte) rune {
	switch b {
	case 0x81, 0x8d, 0x8f, 0x90, 0x9d: // undefined: https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT
		return -1
	}
	return charmap.Windows1252.DecodeByte(b)
}

// Read gives UTF-8.
func (t *tableReader) Read(p []byte) (int, error) {
	for len(t.pending) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		n, err := t.from.Read(t.input)
		t.err = err
		t.pending = t.convert(t.pending[:0], t.input[:n])
	}
	n := copy(p, t.pending)
	t.pending = t.pending[n:]
	return n, nil
}

func (t *tableReader) convert(out, in []byte) []byte {
	for _, b := range in {
		encoded := t.table[b]
		if encoded == nil {
			t.err = &badText{fmt.Sprintf("byte 0x%02X is not in %s", b, t.name), "look at the encoding of the export (erp.source.encoding)"}
			break
		}
		out = append(out, encoded...)
	}
	return out
}

// utf16Reader turns UTF-16 into UTF-8 (RFC 2781). A lone surrogate or half a unit is a *badText.
type utf16Reader struct {
	from    io.Reader
	order   binary.ByteOrder
	input   [readAhead / 4]byte
	held    int // bytes at the start of input that wait for their rest
	pending []byte
	err     error
}

// Read gives UTF-8.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.pending) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		n, err := u.from.Read(u.input[u.held:])
		u.err = err
		u.convert(u.input[:u.held+n])
	}
	n := copy(p, u.pending)
	u.pending = u.pending[n:]
	return n, nil
}

func (u *utf16Reader) convert(in []byte) {
	u.pending = u.pending[:0]
	for len(in) >= 2 {
		r, size := rune(u.order.Uint16(in)), 2
		if utf16.IsSurrogate(r) {
			if len(in) < 4 && u.err == nil {
				break // its other half comes with the next bytes
			}
			r, size = u.pair(in)
		}
		if r < 0 {
			u.err = &badText{"a lone surrogate, not UTF-16", "copy the file again, or look at erp.source.encoding"}
			return
		}
		u.pending = utf8.AppendRune(u.pending, r)
		in = in[size:]
	}
	u.held = copy(u.input[:], in)
	if u.held > 0 && u.err == io.EOF { //nolint:errorlint // the readers below return io.EOF itself
		u.err = &badText{"the file ends inside a character of UTF-16", "half-written? Copy the file again"}
	}
}

func (u *utf16Reader) pair(in []byte) (rune, int) {
	if len(in) < 4 {
		return -1, 0
	}
	r := utf16.DecodeRune(rune(u.order.Uint16(in)), rune(u.order.Uint16(in[2:])))
	if r == utf8.RuneError {
		return -1, 0
	}
	return r, 4
}

// validText is how many bytes of p are proved text: UTF-8 (RFC 3629) without NUL. A character that p cuts off at its
// end is left for later; where the rest is wrong, bad says why.
func validText(p []byte) (good int, bad *badText) {
	good, bad = validUTF8(p)
	if nul := bytes.IndexByte(p[:good], 0); nul >= 0 {
		return nul, nulText(p)
	}
	return good, bad
}

func validUTF8(p []byte) (int, *badText) {
	if utf8.Valid(p) {
		return len(p), nil
	}
	i := 0
	for i < len(p) {
		r, size := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		i += size
	}
	if !utf8.FullRune(p[i:]) {
		return i, nil
	}
	return i, &badText{fmt.Sprintf("byte 0x%02X is not UTF-8", p[i]), "set erp.source.encoding to what the export writes, such as windows-1252 or latin-1"}
}

// nulText guesses why there are NUL bytes: every second byte of western text in UTF-16 is one.
func nulText(p []byte) *badText {
	sample := p[:min(len(p), 64)]
	if 3*bytes.Count(sample, []byte{0}) > len(sample) {
		return &badText{"NUL bytes: UTF-16 without a byte order mark?", "set erp.source.encoding to utf-16le or utf-16be"}
	}
	return &badText{"a NUL byte", "remove it in the ERP: no text has one, and readers cut values there"}
}
