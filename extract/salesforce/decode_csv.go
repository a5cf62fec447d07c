package salesforce

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

const (
	maxBatchRows   = 65_536
	maxBatchBytes  = 16 << 20 // of the stream, which is no less than the text of the batch
	maxRecordBytes = 16 << 20 // Salesforce stops at 400,000 characters a record, and 1.6 million more in long text areas
	firstRows      = 4_096    // room of the first batch; it doubles
)

// What can be wrong with a record. The first is no fault: the record goes on behind the window.
const (
	unfinished     problem = "stream ends inside a record"
	bareQuote      problem = "quote inside an unquoted value"
	afterQuote     problem = "text after a closing quote"
	bareReturn     problem = "carriage return without line feed after a value"
	tooManyFields  problem = "record with more fields than the header"
	tooFewFields   problem = "record with fewer fields than the header"
	emptyLine      problem = "empty line"
	recordTooLarge problem = "record larger than the decoder's bound"
)

// csvDecoder turns one page of Bulk API 2.0 results into Arrow record batches.
//
// The dialect, as Salesforce writes it: comma, every value in quotes, quotes doubled, lines ended by LF, one header line
// on every page, nothing for both NULL and the empty string. Values without quotes and CRLF are read too. What stands
// between quotes is kept byte for byte; encoding/csv would turn CRLF into LF there and accept a last record that is cut
// after a comma. Here the last record ends with its line break, or the page was cut short.
//
// Source: Bulk API 2.0 Developer Guide, "Get Results for a Query Job".
type csvDecoder struct {
	object     string
	schema     *arrow.Schema
	columns    []column
	memory     *recycler
	ownsMemory bool
	in         window
	flag       int   // the column of IsDeleted, -1 without it
	room       int   // rows reserved in a batch
	rows       int64 // decoded in all
	err        error // what ended the page
}

// newCSVDecoder reads the header line and checks it name by name against the schema. It does not close r. The error is a
// *DecodeError, a *FieldTypeError or the reader's own.
func newCSVDecoder(r io.Reader, schema *arrow.Schema, object string, mem memory.Allocator) (*csvDecoder, error) {
	return newBoundedCSVDecoder(r, schema, object, mem, maxRecordBytes)
}

// newBoundedCSVDecoder refuses records of more than recordBytes.
func newBoundedCSVDecoder(r io.Reader, schema *arrow.Schema, object string, mem memory.Allocator, recordBytes int) (*csvDecoder, error) {
	d := &csvDecoder{object: object, schema: schema, in: newWindow(r, recordBytes), room: firstRows}
	d.memory, d.ownsMemory = recyclerOn(mem)
	var err error
	if d.columns, err = newColumns(schema, d.memory); err != nil {
		return nil, err
	}
	d.flag = slices.IndexFunc(d.columns, func(c column) bool { return c.flag })
	if err := d.header(); err != nil {
		d.Release()
		return nil, err
	}
	return d, nil
}

// Release gives back the decoder's memory. Batches that were handed out stay good.
func (d *csvDecoder) Release() {
	for i := range d.columns {
		d.columns[i].release()
	}
	if d.ownsMemory {
		d.memory.close()
	}
	d.err = io.ErrClosedPipe
}

// Next decodes up to 65,536 records or about 16 MiB. Where a batch ends depends on the records only, never on how the
// bytes arrived. The caller releases the batch. The error is io.EOF behind the last record, a *DecodeError, or the
// reader's own; it stays.
func (d *csvDecoder) Next() (arrow.RecordBatch, error) {
	if d.err != nil {
		return nil, d.err
	}
	rows, err := d.fill()
	if err != nil && (rows == 0 || !atEnd(err)) {
		d.err = err
		return nil, err
	}
	arrays := make([]arrow.Array, len(d.columns))
	for i := range d.columns {
		arrays[i] = d.columns[i].array(rows)
		defer arrays[i].Release()
	}
	return array.NewRecordBatch(d.schema, arrays, int64(rows)), nil
}

// fill decodes records into the columns until the batch is full or the page ends, which is io.EOF.
func (d *csvDecoder) fill() (rows int, err error) {
	d.reserve(d.room)
	begun := d.in.offset(d.in.pos)
	for rows < maxBatchRows && d.in.offset(d.in.pos)-begun < maxBatchBytes {
		if rows == d.room {
			d.room = min(2*d.room, maxBatchRows)
			d.reserve(d.room)
		}
		next, field, p := d.record(rows)
		if p == "" && d.flag >= 0 && d.columns[d.flag].isNull(rows) {
			field, p = d.flag, noFlag
		}
		if p == "" {
			d.in.pos = next
			d.rows++
			rows++
			continue
		}
		if p != unfinished {
			return rows, d.fault(next, rows, field, p)
		}
		left := d.in.end - d.in.pos
		if err := d.in.more(); err != nil {
			if atEnd(err) && left == 0 {
				return rows, io.EOF
			}
			return rows, d.ended(err, rows, field)
		}
	}
	return rows, nil
}

func (d *csvDecoder) reserve(rows int) {
	for i := range d.columns {
		d.columns[i].reserve(rows)
	}
}

// record decodes the record at the window's position into a row. It returns where the next record begins, or the place
// and the field of the problem.
func (d *csvDecoder) record(row int) (next, field int, p problem) {
	buf, pos, end := d.in.bytes, d.in.pos, d.in.end
	if pos == end {
		return pos, -1, unfinished
	}
	buf = buf[:end+wordBytes]
	last := len(d.columns) - 1
	for i := range d.columns {
		c := &d.columns[i]
		switch {
		case buf[pos] != '"':
			pos, p = c.setUnquoted(row, buf, pos, end)
			if last == 0 && c.isNull(row) && p == "" {
				return pos, i, emptyLine
			}
		case c.copies:
			pos, p = c.copyQuoted(row, buf, pos+1, end)
		default:
			pos, p = c.setQuoted(row, buf, pos+1, end)
		}
		if p != "" {
			return pos, i, p
		}
		if i < last && buf[pos] == ',' {
			pos++
			continue
		}
		next, p = endOfLine(buf, pos, end)
		if p == "" && i < last {
			return pos, i, tooFewFields
		}
		return next, i, p
	}
	return pos, last, tooManyFields
}

// endOfLine is the place behind the line break at pos, which is before end.
func endOfLine(buf []byte, pos, end int) (int, problem) {
	switch {
	case buf[pos] == '\n':
		return pos + 1, ""
	case buf[pos] == ',':
		return pos, tooManyFields
	case buf[pos] != '\r':
		return pos, afterQuote
	case pos+1 >= end:
		return pos, unfinished
	case buf[pos+1] != '\n':
		return pos, bareReturn
	default:
		return pos + 2, ""
	}
}

// fault places a problem. row is the record's in the batch, field the index of the field it is in.
func (d *csvDecoder) fault(pos, row, field int, p problem) error {
	return &DecodeError{
		Object: d.object, Row: d.rows + 1, Record: recordOf(d.columns, field, row), Offset: d.in.offset(pos),
		Field: d.columns[field].name, Problem: string(p),
	}
}

// ended tells how a stream ended in the middle of a record.
func (d *csvDecoder) ended(err error, row, field int) error {
	switch {
	case errors.Is(err, errRecordTooLong):
		return d.fault(d.in.pos, row, field, recordTooLarge)
	case !atEnd(err):
		return fmt.Errorf("%s: read results after row %d: %w", d.object, d.rows, err)
	}
	short := &DecodeError{Object: d.object, Row: d.rows + 1, Offset: d.in.offset(d.in.end), cut: true, Problem: string(unfinished)}
	if field >= 0 {
		short.Field = d.columns[field].name
	}
	return short
}
