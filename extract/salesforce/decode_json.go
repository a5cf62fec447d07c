package salesforce

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

const (
	maxPageBytes  = 256 << 20 // 2,000 records, each with a long text area of 131,072 characters
	keptPageBytes = 16 << 20  // a larger page is not kept for the next
	pageRows      = 2_000     // Salesforce's largest page
)

// queryPage is what stands around the records of one page of a REST query.
type queryPage struct {
	TotalSize int64  // records of the whole query
	Done      bool   // whether this is the last page
	Next      string // path of the next page; empty on the last
	Rows      int64  // records of this page
}

// jsonDecoder turns the pages of a REST query into Arrow record batches, one a page. A page is read whole before it is
// decoded: it holds at most 2,000 records.
//
// Source: REST API Developer Guide, "Query" and "Query More Results".
type jsonDecoder struct {
	object     string
	schema     *arrow.Schema
	columns    []column
	shape      *shape
	memory     *recycler
	ownsMemory bool
	text       jsonText
	rows       int64  // of the pages before this one
	records    int64  // begun so far, whatever became of them
	row        int    // being decoded, in this page
	field      string // of the problem
	err        error  // the schema's
}

// newJSONDecoder makes a decoder for the pages of one query. What is wrong with the schema, Page tells.
func newJSONDecoder(schema *arrow.Schema, object string, mem memory.Allocator) *jsonDecoder {
	d := &jsonDecoder{object: object, schema: schema}
	d.memory, d.ownsMemory = recyclerOn(mem)
	d.columns, d.err = newColumns(schema, d.memory)
	paths := make([]string, len(d.columns))
	for i := range d.columns {
		paths[i] = d.columns[i].name
	}
	d.shape = newShape(paths)
	return d
}

// Release gives back the decoder's memory. Batches that were handed out stay good.
func (d *jsonDecoder) Release() {
	d.forget()
	if d.ownsMemory {
		d.memory.close()
	}
}

// Page decodes one page, which may be without records. The caller releases the batch. The error is a *DecodeError, a
// *FieldTypeError or the reader's own; the decoder is then as it was before the page.
func (d *jsonDecoder) Page(r io.Reader) (page queryPage, batch arrow.RecordBatch, err error) {
	if d.err != nil {
		return queryPage{}, nil, d.err
	}
	if err := d.read(r); err != nil {
		return queryPage{}, nil, err
	}
	if page, err = d.page(); err != nil {
		d.forget()
		return queryPage{}, nil, err
	}
	arrays := make([]arrow.Array, len(d.columns))
	for i := range d.columns {
		arrays[i] = d.columns[i].array(int(page.Rows))
		defer arrays[i].Release()
	}
	d.rows += page.Rows
	return page, array.NewRecordBatch(d.schema, arrays, page.Rows), nil
}

// forget drops what was decoded of a page.
func (d *jsonDecoder) forget() {
	for i := range d.columns {
		d.columns[i].release()
	}
}

// read takes the whole page into memory.
func (d *jsonDecoder) read(r io.Reader) error {
	w := newWindow(r, maxPageBytes)
	if len(d.text.bytes) <= keptPageBytes {
		w.bytes = d.text.bytes
	}
	for {
		err := w.more()
		switch {
		case atEnd(err):
			d.text.bytes, d.text.pos, d.text.end = w.bytes, 0, w.end
			return nil
		case errors.Is(err, errRecordTooLong):
			return &DecodeError{Object: d.object, Offset: maxPageBytes, Problem: "page larger than the decoder's bound"}
		case err != nil:
			return fmt.Errorf("%s: read page after row %d: %w", d.object, d.rows, err)
		}
	}
}

// page decodes what was read.
func (d *jsonDecoder) page() (queryPage, error) {
	d.row, d.field = -1, ""
	page, p := d.envelope()
	if d.text.peek(); p == "" && d.text.pos < d.text.end {
		p = "data behind the end of the page"
	}
	if p == "" {
		p = page.check()
	}
	if p != "" {
		return page, d.fault(p)
	}
	return page, nil
}

// envelope reads the page's object.
func (d *jsonDecoder) envelope() (page queryPage, p problem) {
	if p := d.text.notAPage(); p != "" {
		return page, p
	}
	var keys keySet
	p = d.text.object(func(key []byte) problem {
		if !keys.add(key) {
			return repeatedKey
		}
		switch string(key) {
		case "totalSize":
			return d.totalSize(&page)
		case "done":
			return d.done(&page)
		case "nextRecordsUrl":
			return d.next(&page)
		case "records":
			return d.list(&page)
		default:
			return d.text.skip(0)
		}
	})
	for _, key := range []string{"totalSize", "done", "records"} {
		if p == "" && keys.add([]byte(key)) {
			p = problem(key + " missing from the page")
		}
	}
	return page, p
}

// notAPage recognises bodies that come in the place of a page, with status 200 too.
func (t *jsonText) notAPage() problem {
	switch c := t.peek(); {
	case c == '{':
		return ""
	case c == '<':
		return "HTML or XML instead of JSON"
	case c == '[':
		return "list instead of a page of records"
	case t.pos >= t.end:
		return "empty answer instead of a page of records"
	default:
		return notJSON
	}
}

func (d *jsonDecoder) totalSize(page *queryPage) problem {
	if c := d.text.peek(); c < '0' || c > '9' {
		return d.text.unless("totalSize is not a count")
	}
	text, p := d.text.number()
	if p == "" {
		page.TotalSize, p = parseInteger(text, 64)
	}
	return p
}

func (d *jsonDecoder) done(page *queryPage) problem {
	c := d.text.peek()
	if c != 't' && c != 'f' {
		return d.text.unless("done is not a boolean")
	}
	page.Done = c == 't'
	return d.text.scalar(c)
}

func (d *jsonDecoder) next(page *queryPage) problem {
	if c := d.text.peek(); c != '"' {
		return d.text.unless("nextRecordsUrl is not text")
	}
	path, p := d.text.text()
	page.Next = string(path)
	return p
}

func (d *jsonDecoder) list(page *queryPage) problem {
	if d.text.peek() != '[' {
		return d.text.unless("records is not a list")
	}
	room := pageRows
	d.reserve(room)
	d.row = 0
	p := d.text.list(func() problem {
		if d.row == room {
			room *= 2
			d.reserve(room)
		}
		d.records++
		if p := d.record(d.shape, d.row); p != "" {
			return p
		}
		d.row++
		return ""
	})
	if p == "" {
		page.Rows = int64(d.row)
		d.row = -1
	}
	return p
}

func (d *jsonDecoder) reserve(rows int) {
	for i := range d.columns {
		d.columns[i].reserve(rows)
	}
}

// check holds the page's parts against each other.
func (p queryPage) check() problem {
	switch {
	case !p.Done && p.Next == "":
		return "page that is not the last and names no next one"
	case p.Done && p.Next != "":
		return "last page that names a next one"
	case p.Rows > p.TotalSize:
		return "page of more records than totalSize"
	default:
		return ""
	}
}

func (d *jsonDecoder) fault(p problem) error {
	e := &DecodeError{Object: d.object, Offset: int64(d.text.pos), Field: d.field, Problem: string(p)}
	if d.row >= 0 {
		e.Row = d.rows + int64(d.row) + 1
		e.Record = d.recordID()
	}
	if d.text.pos >= d.text.end && (p == notJSON || d.text.end == 0) {
		e.cut, e.Problem = true, "page ends too early"
	}
	return e
}

// recordID is the id of the record that the problem's field is in, where it has come already.
func (d *jsonDecoder) recordID() string {
	i := d.shape.find([]byte("Id"), 0)
	if d.field == "" || d.field == "Id" || i < 0 || d.shape.parents[i] != nil || d.shape.seen[i] != d.records {
		return ""
	}
	return recordOf(d.columns, len(d.columns), d.row)
}
