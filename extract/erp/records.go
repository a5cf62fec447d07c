package erp

import (
	"bytes"
	"errors"
	"io"
)

// mostBlankLines are passed over at the end of a file; a gigabyte of them would be, too, in a minute.
const mostBlankLines = 10_000

const firstWindow = 512 << 10 // bytes; larger records make it grow to Limits.Record

// span is one field in the window. An escaped field still has its doubled quotes.
type span struct {
	low, high       int32
	quoted, escaped bool
}

// place is a position in the text: the physical line, from 1, and the byte, from 0.
type place struct{ line, offset int64 }

// recordReader splits text into records as RFC 4180 has it, and takes no liberty: every record has as many fields as
// the first, a quote opens a field or is doubled inside one, and the text ends with a line end. Line ends inside
// quotes are data and survive as they are.
//
// Lines end with LF or CRLF, mixed if need be. Where the first line ends with a lone CR, all do (classic Mac OS), and
// a bare LF is an error; in every other file a bare CR is.
type recordReader struct {
	plan *plan
	from io.Reader

	window  []byte // text read; [start, valid) is proved text and not yet consumed, [valid, len) waits for its proof
	start   int
	valid   int
	failure error // why there is no more text: io.EOF, *badText or an error of reading
	ended   bool  // a line end was added behind the last record

	delimiter byte
	lineEnd   byte   // LF or CR
	stray     byte   // the other one
	columns   int    // 0 before the header
	count     int64  // records behind the header
	header    []byte // the record that is the header, without its line end
	next      place
	fields    []span
	record    []byte // what fields point into
	quotes    bool   // quotes occur in it
	at        place  // where the record began
	blank     place  // the first of a row of blank lines
}

func newRecordReader(plan *plan, from io.Reader, offset int64) *recordReader {
	return &recordReader{plan: plan, from: from, window: make([]byte, 0, firstWindow), next: place{1, offset}, lineEnd: '\n', stray: '\r'}
}

// read splits the next record into fields, which are valid until the next call. io.EOF ends them; all other errors
// are *Error or the cause of the context.
func (r *recordReader) read() error {
	for {
		used, err := r.scan(r.window[r.start:r.valid])
		if err != nil {
			return err
		}
		if used == 0 {
			if err := r.more(); err != nil {
				return err
			}
			continue
		}
		r.consume(used)
		if r.isBlank() {
			if r.next.line-r.blank.line > mostBlankLines {
				return r.problem(r.blank, "more than "+grouped(mostBlankLines)+" blank lines", "look at the export: is the file filled up to a size?")
			}
			continue
		}
		return r.check()
	}
}

func (r *recordReader) consume(used int) {
	r.record = r.window[r.start : r.start+used]
	r.at = r.next
	r.next.offset += int64(used)
	r.next.line++
	if r.quotes {
		r.next.line += int64(bytes.Count(r.record[:used-1], []byte{r.lineEnd}))
	}
	r.start += used
}

// isBlank passes over empty lines, which are accepted at the end of the file only. Where there is one column, an empty
// line is a row with nothing in it.
func (r *recordReader) isBlank() bool {
	empty := len(r.fields) == 1 && !r.fields[0].quoted && r.fields[0].low == r.fields[0].high
	if !empty || r.columns == 1 {
		return false
	}
	if r.blank.line == 0 {
		r.blank = r.at
	}
	return true
}

// check holds the record against the header and the limits.
func (r *recordReader) check() error {
	if r.blank.line > 0 {
		return r.problem(r.blank, "a blank line between records", "remove it, or quote the line end if it belongs to a value")
	}
	if r.ended && r.plan.final {
		return r.problem(r.at, "the last line has no line end", "half-written? Let the export end, put a checksum file beside it, or set erp.source.final_newline to optional")
	}
	if found := len(r.fields); r.columns > 0 && found != r.columns {
		return r.problem(r.at, grouped(int64(found))+" "+plural("field", found)+", header has "+grouped(int64(r.columns)),
			"a total row, a comment, an unquoted delimiter, or half a file")
	}
	if r.columns > 0 && r.isHeader() {
		return r.problem(r.at, "the header again", "two exports in one file? Export once, or remove the line")
	}
	if int64(len(r.record)) > min(r.plan.Limits.Field, r.plan.Limits.Record) {
		if err := r.checkSizes(); err != nil {
			return err
		}
	}
	if r.columns > 0 {
		r.count++
	}
	return nil
}

// isHeader tells a record that repeats the header, as where two exports were put into one file, with or without the
// byte order mark of the second.
func (r *recordReader) isHeader() bool {
	rest, same := bytes.CutPrefix(bytes.TrimPrefix(r.record, []byte("\ufeff")), r.header)
	return same && len(bytes.Trim(rest, "\r\n")) == 0
}

func plural(noun string, count int) string {
	if count == 1 {
		return noun
	}
	return noun + "s"
}

func (r *recordReader) checkSizes() error {
	if int64(len(r.record)) > r.plan.Limits.Record {
		return r.tooLarge()
	}
	for i, field := range r.fields {
		if int64(field.high-field.low) > r.plan.Limits.Field {
			return r.problem(r.at, "field "+grouped(int64(i+1))+" is larger than "+grouped(r.plan.Limits.Field)+" bytes", "is a quote left open?")
		}
	}
	return nil
}

func (r *recordReader) tooLarge() error {
	return r.problem(r.next, "no end of the record within "+grouped(r.plan.Limits.Record)+" bytes", "is a quote left open, or the file no table?")
}

// more reads text until the window holds something new, or says why there is no record any more.
func (r *recordReader) more() error {
	if r.failure != nil {
		return r.end()
	}
	if err := r.makeRoom(); err != nil {
		return err
	}
	for r.failure == nil && len(r.window) < cap(r.window) {
		n, err := r.from.Read(r.window[len(r.window):cap(r.window)])
		r.window = r.window[:len(r.window)+n]
		r.failure = err
	}
	good, bad := validText(r.window[r.valid:])
	r.valid += good
	if bad == nil && r.failure == io.EOF && r.valid < len(r.window) { //nolint:errorlint // the readers return io.EOF itself
		bad = &badText{"the file ends inside a character of UTF-8", "half-written? Copy the file again"}
	}
	if bad != nil {
		r.failure = bad
	}
	return nil
}

// makeRoom moves the open record to the start of the window, or doubles a window that it fills.
func (r *recordReader) makeRoom() error {
	if r.start > 0 {
		n := copy(r.window, r.window[r.start:])
		r.window, r.valid, r.start = r.window[:n], r.valid-r.start, 0
	}
	if len(r.window) < cap(r.window) {
		return nil
	}
	if int64(cap(r.window)) > r.plan.Limits.Record {
		return r.tooLarge()
	}
	grown := make([]byte, len(r.window), 2*cap(r.window))
	copy(grown, r.window)
	r.window = grown
	return nil
}

// end tells why the text ended. A last record without a line end is given one, and judged when it is whole.
func (r *recordReader) end() error {
	rest := r.window[r.start:r.valid]
	if r.failure != io.EOF { //nolint:errorlint // the readers return io.EOF itself
		return r.failed(rest)
	}
	if len(rest) == 0 {
		return io.EOF
	}
	if r.ended {
		return r.openQuote(rest)
	}
	r.ended = true
	r.window = append(r.window[:r.valid], r.lineEnd)
	r.valid++
	return nil
}

func (r *recordReader) failed(rest []byte) error {
	var bad *badText
	if errors.As(r.failure, &bad) {
		return r.problem(r.inside(rest, len(rest)), bad.what, bad.advice)
	}
	return r.failure
}

// openQuote finds the quote that no other closes: the field that the scanner was in.
func (r *recordReader) openQuote(rest []byte) error {
	last := 0
	if n := len(r.fields); n > 0 {
		last = bytes.IndexByte(rest[r.fields[n-1].high:], '"') + int(r.fields[n-1].high)
		if r.fields[n-1].quoted {
			last = bytes.IndexByte(rest[r.fields[n-1].high+1:], '"') + int(r.fields[n-1].high) + 1
		}
	}
	return r.problem(r.inside(rest, last), "the file ends inside this quoted field", "half-written, or a quote left open")
}

// inside is the place of rest[index], where rest begins at the next record.
func (r *recordReader) inside(rest []byte, index int) place {
	return place{r.next.line + int64(bytes.Count(rest[:index], []byte{r.lineEnd})), r.next.offset + int64(index)}
}

func (r *recordReader) problem(at place, what, advice string) *Error {
	return &Error{Path: r.plan.Path, Line: at.line, Offset: at.offset, Problem: what, Advice: advice, Code: exitInput}
}
