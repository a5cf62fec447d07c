package erp

import (
	"errors"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// stepBytes is what the texts of one column may take in a batch: sixteen times what they should.
const stepBytes = 16 * batchBytes

var (
	errTooMuch    = errors.New("texts that are suddenly very long")
	errShort      = errors.New("the column ends before the row group does")
	errLong       = errors.New("the column goes on behind the row group")
	errNotText    = errors.New("a text that is not UTF-8, or has a NUL byte")
	errTooLarge   = errors.New("a value larger than the limit")
	errOutOfRange = errors.New("a value out of its type's range")
)

// parquetColumn decodes one flat column. Values go into text or into builder, as target says.
type parquetColumn struct {
	name       string
	identifier bool
	stored     columnType // in the file
	target     columnType // in the stage
	optional   bool
	longest    int64 // bytes of a value

	chunk   file.ColumnChunkReader
	decode  func(rows int64) error
	levels  []int16
	text    *textColumn
	builder array.Builder
	taken   int // rows of this batch

	expected     int
	damaged      int64
	firstDamaged int64
}

// newParquetColumn decides what the column becomes. Errors are *Error: 5 where the file has what cannot be read, 2
// where erp.types asks for what the file does not have.
func newParquetColumn(plan *plan, description *schema.Column) (*parquetColumn, error) {
	column := &parquetColumn{name: description.Name(), identifier: plan.isIdentifier(description.Name()),
		optional: description.MaxDefinitionLevel() > 0, levels: make([]int16, stepRows), longest: plan.Limits.Field}
	form, err := formOf(description)
	if err != nil {
		return nil, columnProblem(plan, column.name, err.Error(), "export it as text, an integer, a decimal, a date or a timestamp")
	}
	column.stored, column.target = form.columnType, form.columnType
	configured, typed := plan.types[column.name]
	switch {
	case column.identifier && form.floating:
		return nil, columnProblem(plan, column.name, "an identifier stored as "+description.PhysicalType().String()+", a floating-point number: its digits may be lost",
			"export it as text or as an integer")
	case column.identifier && (form.kind == dateKind || form.kind == timestampKind || form.kind == timeKind || form.kind == booleanKind):
		return nil, columnProblem(plan, column.name, "an identifier stored as a "+form.String(), "export it as text or as an integer")
	case column.identifier, typed && configured.kind == textKind && form.rendersText():
		column.target = columnType{}
	case typed && !form.becomes(configured):
		return nil, plan.typeProblem(column.name, "erp.types says "+configured.String()+", the file has "+form.describe(description), "remove it from erp.types, or export it in that type")
	case typed:
		column.target = configured
	}
	if form.stays(column.target) && column.target.kind != textKind {
		column.builder = array.NewBuilder(memory.DefaultAllocator, column.target.arrowType())
	}
	column.decode = column.decoder(form, description)
	return column, nil
}

func (c *parquetColumn) begin() {
	c.taken = 0
	if c.builder == nil {
		c.text = newTextColumn(c.expected + c.expected/8)
	}
}

// size is the bytes of text of this batch.
func (c *parquetColumn) size() int {
	if c.builder != nil {
		return 8 * c.taken
	}
	return len(c.text.data)
}

func (c *parquetColumn) read(rows int64) error { return c.decode(rows) }

// endChunk proves that the chunk has no more values than its row group has rows.
func (c *parquetColumn) endChunk(plan *plan) error {
	if c.chunk == nil {
		return nil
	}
	err := c.chunk.Err()
	if err == nil && c.chunk.HasNext() {
		err = errLong
	}
	err = errors.Join(err, c.chunk.Err(), c.chunk.Close())
	c.chunk = nil
	if err != nil {
		damaged := damagedParquet(plan, err)
		damaged.Column = c.name
		return damaged
	}
	return nil
}

func (c *parquetColumn) release() {
	if c.builder != nil {
		c.builder.Release()
	}
	if c.chunk != nil {
		_ = c.chunk.Close() // nothing more is read
	}
}

// array hands the batch's values over.
func (c *parquetColumn) array(plan *plan) (arrow.Array, error) {
	if c.builder != nil {
		return c.builder.NewArray(), nil
	}
	c.expected = len(c.text.data)
	point := byte('.')
	if plan.DecimalComma && c.stored.kind == textKind {
		point = ','
	}
	return c.text.as(c.target, point)
}

// inspect counts identifiers in scientific notation; before is the number of rows in earlier batches.
func (c *parquetColumn) inspect(before int64) {
	if !c.identifier || c.builder != nil {
		return
	}
	for row := range c.text.rows() {
		if isScientific(c.text.value(row)) {
			if c.damaged == 0 {
				c.firstDamaged = before + int64(row) + 1
			}
			c.damaged++
		}
	}
}

func (c *parquetColumn) addNull() {
	if c.builder != nil {
		c.builder.AppendNull()
		return
	}
	c.text.addNull()
}

func (c *parquetColumn) addText(value []byte) error {
	switch {
	case int64(len(value)) > c.longest:
		return errTooLarge
	case len(c.text.data) > stepBytes:
		return errTooMuch
	case !utf8.Valid(value):
		return errNotText
	}
	for _, b := range value {
		if b == 0 {
			return errNotText
		}
	}
	c.text.add(value)
	return nil
}

// reader is what the typed chunk readers of the library have in common.
type reader[T any] interface {
	ReadBatchInPage(batchSize int64, values []T, definitions, repetitions []int16) (total int64, valuesRead int, err error)
}

// decodeWith reads rows values of a chunk page by page; values of a page are only good until the next, so each is
// added at once. An error of add becomes a *badValue with the row.
func decodeWith[T any](c *parquetColumn, add func(T) error) func(int64) error {
	values := make([]T, stepRows)
	return func(rows int64) error {
		from, ok := c.chunk.(reader[T])
		if !ok {
			return errOutOfRange
		}
		for rows > 0 {
			total, read, err := from.ReadBatchInPage(rows, values[:rows], c.levels[:rows], nil)
			switch {
			case err != nil:
				return err
			case total <= 0 || total > rows || read > int(rows):
				return errors.Join(errShort, c.chunk.Err())
			}
			if err := addPage(c, values[:read], int(total), add); err != nil {
				return err
			}
			rows -= total
		}
		return nil
	}
}

func addPage[T any](c *parquetColumn, values []T, total int, add func(T) error) error {
	taken := 0
	for i := range total {
		if c.optional && c.levels[i] == 0 {
			c.addNull()
			c.taken++
			continue
		}
		if taken == len(values) {
			return errShort
		}
		if err := add(values[taken]); err != nil {
			return &badValue{c.taken, err}
		}
		taken++
		c.taken++
	}
	if taken != len(values) {
		return errLong
	}
	return nil
}

var _ reader[parquet.ByteArray] = (*file.ByteArrayColumnChunkReader)(nil)
