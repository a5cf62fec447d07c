package erp

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// delimitedSource reads CSV and its relatives.
type delimitedSource struct {
	plan    *plan
	content *decompressed
	lines   *recordReader
	columns []delimitedColumn
	fields  *arrow.Schema
	rows    int64
	places  []place // of the rows of this batch
	ended   bool
}

// delimitedColumn is one column and its values in this batch.
type delimitedColumn struct {
	name       string
	kind       columnType
	identifier bool
	damaged    damage
	values     *textColumn
	expected   int // bytes of the batch before
}

// damage counts identifiers that a spreadsheet turned into floating-point numbers.
type damage struct {
	count int64
	first place
}

// openDelimited reads the header and checks it.
func openDelimited(plan *plan, file *snapshotFile, shape shape) (source, error) {
	content, err := decompress(file, shape.compression)
	if err != nil {
		return nil, err
	}
	opened, err := newDelimited(plan, content)
	if err != nil {
		content.stop()
		return nil, err
	}
	return opened, nil
}

func newDelimited(plan *plan, content *decompressed) (*delimitedSource, error) {
	text, skipped, err := decodeText(plan, content)
	if err != nil {
		return nil, err
	}
	opened := &delimitedSource{plan: plan, content: content, lines: newRecordReader(plan, text, skipped)}
	names, err := opened.lines.readHeader()
	if err != nil {
		return nil, err
	}
	if err := checkColumns(plan, names, opened.lines.at); err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, 0, len(names))
	for _, name := range names {
		kind := plan.typeOf(name)
		opened.columns = append(opened.columns, delimitedColumn{name: name, kind: kind, identifier: plan.isIdentifier(name)})
		fields = append(fields, arrow.Field{Name: name, Type: kind.arrowType(), Nullable: true})
	}
	opened.fields = arrow.NewSchema(fields, delimitedMark())
	return opened, nil
}

func (d *delimitedSource) schema() *arrow.Schema { return d.fields }

func (d *delimitedSource) records() int64 { return d.lines.count }

func (d *delimitedSource) close() { d.content.stop() }

// next collects the rows of one batch. Cutting depends on the rows alone.
func (d *delimitedSource) next(ctx context.Context) (arrow.RecordBatch, error) {
	if d.ended {
		return nil, io.EOF
	}
	d.begin()
	for size := 0; len(d.places) < batchRows && size < batchBytes; size += len(d.lines.record) {
		err := d.lines.read()
		if errors.Is(err, io.EOF) && !isRefusal(err) {
			d.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		d.add()
	}
	if len(d.places) == 0 {
		return nil, d.endOfRows()
	}
	if d.rows += int64(len(d.places)); d.rows > d.plan.Limits.Rows {
		return nil, d.plan.problem("more than "+grouped(d.plan.Limits.Rows)+" rows", "split the snapshot")
	}
	return d.batch()
}

func (d *delimitedSource) begin() {
	d.places = d.places[:0]
	for i := range d.columns {
		column := &d.columns[i]
		column.values = newTextColumn(column.expected + column.expected/8)
	}
}

// add takes the fields of the record. Nothing between two delimiters is NULL, "" is the empty string.
func (d *delimitedSource) add() {
	record := d.lines.record
	for i, field := range d.lines.fields {
		values := d.columns[i].values
		switch {
		case field.escaped:
			values.addEscaped(record[field.low:field.high])
		case field.low == field.high && !field.quoted:
			values.addNull()
		default:
			values.add(record[field.low:field.high])
		}
	}
	d.places = append(d.places, d.lines.at)
}

// batch hands the collected columns over, each in its type.
func (d *delimitedSource) batch() (arrow.RecordBatch, error) {
	arrays := make([]arrow.Array, 0, len(d.columns))
	defer func() {
		for _, built := range arrays {
			built.Release()
		}
	}()
	rows := len(d.places)
	for i := range d.columns {
		column := &d.columns[i]
		column.expected = len(column.values.data)
		d.inspect(column)
		built, err := column.values.as(column.kind, d.point())
		if err != nil {
			return nil, d.misfit(column, err)
		}
		arrays = append(arrays, built)
	}
	if d.ended {
		if err := d.endOfRows(); err != io.EOF { //nolint:errorlint // endOfRows returns io.EOF itself
			return nil, err
		}
	}
	return array.NewRecordBatch(d.fields, arrays, int64(rows)), nil
}

func (d *delimitedSource) point() byte {
	if d.plan.DecimalComma {
		return ','
	}
	return '.'
}

// inspect looks for identifiers that lost their digits. They are counted to the end of the file, then told.
func (d *delimitedSource) inspect(column *delimitedColumn) {
	if !column.identifier {
		return
	}
	for row := range column.values.rows() {
		if isScientific(column.values.value(row)) {
			if column.damaged.count == 0 {
				column.damaged.first = d.places[row]
			}
			column.damaged.count++
		}
	}
}

func (d *delimitedSource) misfit(column *delimitedColumn, err error) error {
	var bad *badValue
	if !errors.As(err, &bad) {
		return err
	}
	at := d.places[bad.row]
	return &Error{Path: d.plan.Path, Line: at.line, Offset: at.offset, Column: column.name, Problem: bad.err.Error(),
		Advice: "correct it in the ERP, or read the column as text (erp.types says " + column.kind.String() + ")", Code: exitInput}
}

// endOfRows is io.EOF, or the damage that was counted up to here.
func (d *delimitedSource) endOfRows() error {
	for i := range d.columns {
		if column := &d.columns[i]; column.damaged.count > 0 {
			return scientific(d.plan, column.name, column.damaged.count, &Error{Line: column.damaged.first.line, Offset: column.damaged.first.offset})
		}
	}
	return io.EOF
}

// scientific completes the error about identifiers in scientific notation; at holds the first place.
func scientific(plan *plan, column string, count int64, at *Error) error {
	at.Path, at.Column, at.Code = plan.Path, column, exitInput
	at.Problem = "the first of " + grouped(count) + " " + plural("identifier", int(count)) + " in scientific notation, as 1.23E+10: their digits are lost"
	at.Advice = "a spreadsheet did this: export from the ERP again, with the column as text, and do not open the file in between"
	return at
}
