package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// csvScanner reads back what Write promised of a CSV file, and nothing more lenient: every record ends in LF, every
// record has the same number of fields, CR, LF and quotes stand only inside quoted fields, inner quotes are doubled.
// It is kept apart from the writer on purpose and does not allocate per field.
type csvScanner struct {
	source io.Reader
	buffer []byte
	start  int // of what is not consumed yet
	end    int // of what is in the buffer
	ended  bool
	record int64 // records begun, the header included
	plain  []byte
}

// csvBuffer is the size of one read in bytes. The buffer grows only for a field that is longer.
const csvBuffer = 1 << 20

func newCSVScanner(source io.Reader) *csvScanner {
	return &csvScanner{source: source, buffer: make([]byte, csvBuffer)}
}

// field is one value. Its text is valid until the next one is read.
type field struct {
	text []byte
	null bool // empty and unquoted
	last bool // of its record
}

var errUnfinished = errors.New("field continues")

// next reads one field; io.EOF where the file ends between two records.
func (s *csvScanner) next(first bool) (field, error) {
	if first {
		if s.start == s.end && !s.fill() {
			return field{}, s.sourceError(io.EOF)
		}
		s.record++
	}
	for {
		value, size, err := s.parse(s.buffer[s.start:s.end])
		if err == nil {
			s.start += size
			return value, nil
		}
		if !errors.Is(err, errUnfinished) {
			return field{}, fmt.Errorf("record %d: %w", s.record, err)
		}
		if !s.fill() {
			return field{}, s.sourceError(fmt.Errorf("record %d: the file ends inside it", s.record))
		}
	}
}

// parse reads the field at the start of data and tells how many bytes it took with its delimiter.
func (s *csvScanner) parse(data []byte) (field, int, error) {
	if len(data) > 0 && data[0] == '"' {
		return s.parseQuoted(data)
	}
	end := indexSpecial(data)
	if end < 0 {
		return field{}, 0, errUnfinished
	}
	switch data[end] {
	case ',', '\n':
		return field{text: data[:end], null: end == 0, last: data[end] == '\n'}, end + 1, nil
	case '\r':
		return field{}, 0, errors.New("a carriage return outside quotes")
	}
	return field{}, 0, errors.New("a quote inside an unquoted field")
}

func (s *csvScanner) parseQuoted(data []byte) (field, int, error) {
	s.plain = s.plain[:0]
	for from := 1; ; {
		quote := bytes.IndexByte(data[from:], '"')
		if quote < 0 || from+quote+1 >= len(data) {
			return field{}, 0, errUnfinished
		}
		end := from + quote
		switch data[end+1] {
		case '"':
			s.plain = append(s.plain, data[from:end+1]...)
			from = end + 2
		case ',', '\n':
			return s.quoted(data[from:end], data[end+1]), end + 2, nil
		default:
			return field{}, 0, errors.New("text after a closing quote")
		}
	}
}

// quoted joins the last stretch of a quoted field to what inner quotes have cut off before it.
func (s *csvScanner) quoted(stretch []byte, delimiter byte) field {
	if len(s.plain) > 0 {
		s.plain = append(s.plain, stretch...)
		stretch = s.plain
	}
	return field{text: stretch, last: delimiter == '\n'}
}

// fill reads more behind what is not consumed. False at the end of the file or on an error of the source.
func (s *csvScanner) fill() bool {
	if s.ended {
		return false
	}
	if s.start > 0 {
		s.end = copy(s.buffer, s.buffer[s.start:s.end])
		s.start = 0
	}
	if s.end == len(s.buffer) {
		s.buffer = append(s.buffer, make([]byte, len(s.buffer))...)
	}
	n, err := io.ReadAtLeast(s.source, s.buffer[s.end:], 1)
	s.end += n
	if err != nil {
		s.ended = true
		s.source = failedReader{err}
	}
	return n > 0
}

// sourceError prefers the reason the source gave for its end over what that end means for the record.
func (s *csvScanner) sourceError(otherwise error) error {
	if failed, ok := s.source.(failedReader); ok && !errors.Is(failed.err, io.EOF) {
		return failed.err
	}
	return otherwise
}

type failedReader struct{ err error }

// Read gives the error.
func (r failedReader) Read([]byte) (int, error) { return 0, r.err }

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// indexSpecial finds the first comma, quote, CR or LF; -1 where there is none. All four are below '-', so eight bytes
// are passed over at a time unless one of them is. Source: Bit Twiddling Hacks, "hasless".
func indexSpecial(data []byte) int {
	i := 0
	for ; i+8 <= len(data); i += 8 {
		word := binary.LittleEndian.Uint64(data[i:])
		if (word-everyByte*'-')&^word&highBits == 0 {
			continue
		}
		for j := i; j < i+8; j++ {
			if isSpecial(data[j]) {
				return j
			}
		}
	}
	for ; i < len(data); i++ {
		if isSpecial(data[i]) {
			return i
		}
	}
	return -1
}

func isSpecial(b byte) bool { return b == ',' || b == '\n' || b == '"' || b == '\r' }
