package salesforce

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

const maxShownName = 64 // bytes of a header name that an error repeats

// header reads the header line and compares it with the schema name by name: DuckDB and encoding/csv would both load
// swapped columns swapped.
func (d *csvDecoder) header() error {
	if err := d.in.more(); err != nil {
		return d.headerEnded(err)
	}
	if bytes.HasPrefix(d.in.bytes[:d.in.end], []byte("\xef\xbb\xbf")) {
		d.in.pos = 3
	}
	if what := notRecords(d.in.bytes[d.in.pos:d.in.end]); what != "" {
		return d.headerFault(d.in.pos, what)
	}
	for {
		names, next, p := d.names()
		switch p {
		case "":
			d.in.pos = next
			return d.compare(names)
		case unfinished:
			if err := d.in.more(); err != nil {
				return d.headerEnded(err)
			}
		default:
			return d.headerFault(next, string(p))
		}
	}
}

// notRecords recognises the two bodies that come in the place of records, with status 200 too.
func notRecords(body []byte) string {
	body = bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(body) == 0:
		return ""
	case body[0] == '<':
		return "HTML or XML instead of CSV"
	case body[0] == '{' || body[0] == '[':
		return "JSON instead of CSV"
	default:
		return ""
	}
}

// names reads the line at the window's position.
func (d *csvDecoder) names() (names []string, next int, p problem) {
	name := column{reading: readText, mem: d.memory}
	defer name.release()
	name.reserve(1)
	buf, pos, end := d.in.bytes, d.in.pos, d.in.end
	for {
		if buf[pos] == '"' {
			pos, p = name.copyQuoted(0, buf, pos+1, end)
		} else {
			pos, p = name.setUnquoted(0, buf, pos, end)
		}
		if p != "" {
			return nil, pos, p
		}
		names = append(names, string(name.bytes[:name.offsets[1]]))
		if len(names) > len(d.columns) { // it is wrong already, and may have millions
			return names, pos, ""
		}
		if buf[pos] != ',' {
			next, p = endOfLine(buf, pos, end)
			return names, next, p
		}
		pos++
	}
}

func (d *csvDecoder) compare(names []string) error {
	for i, c := range d.columns {
		if i >= len(names) {
			return d.headerFault(d.in.pos, fmt.Sprintf("header ends after %d fields, expected %q next", i, c.name))
		}
		if names[i] != c.name {
			return d.headerFault(0, fmt.Sprintf("header field %d: expected %q, found %s", i+1, c.name, shown(names[i])))
		}
	}
	if len(names) > len(d.columns) {
		return d.headerFault(0, fmt.Sprintf("header field %d: expected none, found %s", len(d.columns)+1, shown(names[len(d.columns)])))
	}
	return nil
}

// shown is a name of a header as an error may repeat it: one that can be a field's. Anything else may be a record, or what
// the server was sent.
func shown(name string) string {
	if len(name) > maxShownName || !identifier.MatchString(name) {
		return "something that is no field name"
	}
	return strconv.Quote(name)
}

func (d *csvDecoder) headerFault(pos int, what string) error {
	return &DecodeError{Object: d.object, Offset: d.in.offset(pos), Problem: what}
}

func (d *csvDecoder) headerEnded(err error) error {
	switch {
	case errors.Is(err, errRecordTooLong):
		return d.headerFault(d.in.pos, string(recordTooLarge))
	case atEnd(err):
		return &DecodeError{Object: d.object, Offset: d.in.offset(d.in.end), cut: true, Problem: "stream ends before or inside the header line"}
	default:
		return fmt.Errorf("%s: read results: %w", d.object, err)
	}
}
