package erp

import "bytes"

// scan splits the record at the start of text and gives its length, line end included; 0 where text does not hold its
// end yet.
func (r *recordReader) scan(text []byte) (int, error) {
	r.fields = r.fields[:0]
	end := bytes.IndexByte(text, r.lineEnd)
	if end < 0 {
		return 0, nil
	}
	line := text[:end]
	if r.quotes = bytes.IndexByte(line, '"') >= 0; r.quotes {
		return r.scanQuoted(text)
	}
	if r.lineEnd == '\n' && end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	if at := bytes.IndexByte(line, r.stray); at >= 0 {
		return 0, r.strayEnd(text, at)
	}
	return end + 1, r.split(line)
}

// split cuts a line that has no quote. A byte loop beats an IndexByte call for fields of a few bytes.
func (r *recordReader) split(line []byte) error {
	low, delimiter := 0, r.delimiter
	for i, b := range line {
		if b == delimiter {
			r.fields = append(r.fields, span{low: int32(low), high: int32(i)})
			low = i + 1
		}
	}
	r.fields = append(r.fields, span{low: int32(low), high: int32(len(line))})
	return r.checkCount()
}

func (r *recordReader) checkCount() error {
	if len(r.fields) > r.plan.Limits.Columns {
		return r.problem(r.next, "more than "+grouped(int64(r.plan.Limits.Columns))+" columns", "is this a table of customers?")
	}
	return nil
}

// scanQuoted splits a record in which quotes occur.
func (r *recordReader) scanQuoted(text []byte) (int, error) {
	for at := 0; at < len(text); {
		field, end, err := r.scanField(text, at)
		if err != nil || end >= len(text) {
			return 0, err
		}
		r.fields = append(r.fields, field)
		if err := r.checkCount(); err != nil {
			return 0, err
		}
		switch text[end] {
		case r.delimiter:
			at = end + 1
		case r.lineEnd:
			return end + 1, nil
		case r.stray:
			return r.carriageReturn(text, end)
		default:
			return 0, r.problem(r.inside(text, end), "text after a closing quote", "double the quotes inside a value, as RFC 4180 has it")
		}
		if at == len(text) {
			return 0, nil
		}
	}
	return 0, nil
}

// scanField gives the field at text[at] and the index behind it; at least len(text) where it does not end there.
func (r *recordReader) scanField(text []byte, at int) (span, int, error) {
	if text[at] == '"' {
		field, end := closeQuote(text, at+1)
		return field, end, nil
	}
	end := at
	for end < len(text) {
		b := text[end]
		if b == '"' {
			return span{}, 0, r.problem(r.inside(text, end), "a quote inside an unquoted field", "quote the field and double the quotes inside it, as RFC 4180 has it")
		}
		if b == r.delimiter || b == '\n' || b == '\r' {
			break
		}
		end++
	}
	return span{low: int32(at), high: int32(end)}, end, nil
}

// closeQuote finds the end of a quoted field whose value begins at low.
func closeQuote(text []byte, low int) (span, int) {
	field := span{low: int32(low), quoted: true}
	for at := low; ; {
		quote := bytes.IndexByte(text[at:], '"')
		if quote < 0 {
			return field, len(text)
		}
		at += quote
		if at+1 >= len(text) || text[at+1] != '"' {
			field.high = int32(at)
			return field, at + 1
		}
		field.escaped = true
		at += 2
	}
}

// carriageReturn ends a record at CRLF; elsewhere a CR, or an LF in a file of CRs, stands where none may.
func (r *recordReader) carriageReturn(text []byte, at int) (int, error) {
	if r.lineEnd == '\n' {
		switch {
		case at+1 == len(text):
			return 0, nil
		case text[at+1] == '\n':
			return at + 2, nil
		}
	}
	return 0, r.strayEnd(text, at)
}

func (r *recordReader) strayEnd(text []byte, at int) error {
	what := "a carriage return without a line feed"
	if r.stray == '\n' {
		what = "a line feed in a file whose lines end with a carriage return"
	}
	return r.problem(r.inside(text, at), what, "quote the value if it belongs to one, or export with one kind of line end")
}
